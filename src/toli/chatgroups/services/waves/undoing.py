"""Rolling back: who has not come to the new group yet has the old one again, as if nothing had been.

Who says that they are in the new group keeps it, and is reported. In batches, each a transaction that ends one seat
and begins the other: nobody is without a seat, and nobody has two, whatever dies in between.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from toli.accounts.domain.actor import Actor
from toli.assignments import services as assignments
from toli.chatgroups.models import (
    ACTIVE_SEATS,
    ChatGroup,
    DivisionPolicy,
    GroupState,
    GroupTerritory,
    Migration,
    MigrationState,
    OldGroup,
    Seat,
    WaveState,
)
from toli.chatgroups.services.dividing import give_up_asking
from toli.chatgroups.services.locking import hold_campaign
from toli.chatgroups.services.moving import BATCH, move_seats
from toli.chatgroups.services.waves.announcing import CLOSE, SPEAK, ask_to_remove
from toli.chatgroups.services.waves.approving import locked, move_on, trace
from toli.chatgroups.services.waves.planning import living
from toli.chatgroups.waves import POST, returned, unconfirmed
from toli.core import clock


@dataclass(frozen=True, slots=True)
class RollBackReport:
    """``returned``: people who have their old group again. ``stayed``: people who keep the new one."""

    returned: int
    stayed: int


def roll_back_migration(*, actor: Actor, migration_id: int) -> RollBackReport:
    """Give people back to their old groups, take back what is not done, and close new groups that nobody is in.

    Stopped at any point, the next call or the job goes on. Raises MigrationNotFound, MigrationStateWrong.
    """
    with transaction.atomic():
        migration = locked(actor, migration_id)
        if migration.state != MigrationState.ROLLED_BACK:
            move_on(migration, MigrationState.ROLLED_BACK)
            _restore(migration)
            trace(actor, migration, "chatgroups.roll_back_migration")
    return go_on_rolling_back(actor, migration_id)


def go_on_rolling_back(actor: Actor, migration_id: int) -> RollBackReport:
    """Whatever is left to be done of it; nothing when it has ended."""
    while _return_some(actor, migration_id):
        pass
    with transaction.atomic():
        migration = locked(actor, migration_id)
        if migration.ended_at is None:
            _close_new_groups(migration)
            stayed = Seat.objects.filter(group__in=_new_groups(migration), state__in=ACTIVE_SEATS).count()
            migration.figures = {**migration.figures, "stayed": stayed, "returned": returned(migration)}
            migration.ended_at = clock.now()
            migration.save(update_fields=["figures", "ended_at"])
    return RollBackReport(migration.figures["returned"], migration.figures["stayed"])


def _restore(migration: Migration) -> None:
    """Old groups and their places as they were, work that nobody has done taken back."""
    olds = OldGroup.objects.filter(migration=migration, closed_at=None)
    emptied = ChatGroup.objects.filter(pk__in=olds.values("group_id"))
    emptied.filter(state__in=(GroupState.DIVIDING, GroupState.DIVIDED)).update(state=GroupState.OPEN)
    for group, row in living(migration):
        group.serves.exclude(territory_id__in=row.served_before).delete()
        group.serves.update(giving_up=False)
        GroupTerritory.objects.bulk_create(
            [GroupTerritory(group=group, territory_id=place) for place in row.served_before], ignore_conflicts=True
        )
    policy = DivisionPolicy.objects.filter(campaign=migration.campaign, territory=migration.territory)
    if migration.depth_before is None:
        policy.delete()
    else:
        policy.update(depth=migration.depth_before)
    migration.waves.filter(state__in=(WaveState.PLANNED, WaveState.RUNNING)).update(
        state=WaveState.CANCELLED, done_at=clock.now()
    )
    _take_back_work(migration)


def _take_back_work(migration: Migration) -> None:
    posts = [f"announcement:{pk}" for pk in migration.waves.values_list("announcements__pk", flat=True)]
    assignments.cancel_for_subjects(kind=POST, subjects=posts)
    closing = [f"oldgroup:{pk}" for pk in migration.old_groups.values_list("pk", flat=True)]
    assignments.cancel_for_subjects(kind=CLOSE, subjects=closing)
    spoken = [f"wave:{wave}" for wave in migration.waves.values_list("pk", flat=True)]
    assignments.cancel_beginning_with(kind=SPEAK, subjects=[f"{subject}:" for subject in spoken])
    give_up_asking(list(_new_groups(migration).filter(state=GroupState.ASKED).values_list("pk", flat=True)))


def _new_groups(migration: Migration) -> QuerySet[ChatGroup]:
    return ChatGroup.objects.filter(pk__in=migration.planned.filter(is_new=True).values("group_id"))


def _return_some(actor: Actor, migration_id: int) -> int:
    """Move a batch of people back into groups that have room. Returns how many."""
    with transaction.atomic():
        migration = locked(actor, migration_id)
        hold_campaign(migration.campaign_id)
        moves, joined = [], {}
        room: dict[int, int] = {}
        for seat, member, new, old, free, since in unconfirmed(migration, BATCH):
            room.setdefault(old, free)
            if room[old] <= 0:
                continue
            room[old] -= 1
            moves.append((seat, member, new, old))
            if since is not None:
                joined[member] = since
        move_seats(migration.campaign, moves, joined=joined)
        return len(moves)


def _close_new_groups(migration: Migration) -> None:
    """New groups that nobody is in are not needed any more: archived, and their admins are asked to delete them."""
    empty = list(_new_groups(migration).filter(state=GroupState.OPEN, taken=0).order_by("pk"))
    ChatGroup.objects.filter(pk__in=[group.pk for group in empty]).update(state=GroupState.ARCHIVED)
    ask_to_remove(empty)
