"""Approval: the plan that somebody looked at is the plan that is carried out, while it is still true."""

from django.conf import settings
from django.db import transaction

from toli.access.domain.permissions import GROUPS_DIVIDE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.chatgroups.domain.migrating import DRIFT, content_hash, drift, loads, may_become
from toli.chatgroups.errors import (
    ApproverIsPlanner,
    MigrationNotFound,
    MigrationStateWrong,
    PlanChanged,
    PlanOutdated,
)
from toli.chatgroups.models import DivisionPolicy, Migration, MigrationState, WaveState
from toli.chatgroups.services.counting import Counted, count_branch
from toli.chatgroups.services.dividing import (
    begin_emptying,
    change_places,
    follow_depth,
    prepare,
    refuse_beside_another,
)
from toli.chatgroups.services.locking import hold_campaign
from toli.chatgroups.services.opening import admins_for
from toli.chatgroups.services.waves.opening import open_wave
from toli.chatgroups.services.waves.planning import (
    Terms,
    basis_of,
    living,
    places_of,
    served_people,
    write_plan,
    written_content,
)
from toli.core import clock, jobs


def approve_migration(*, actor: Actor, migration_id: int, plan_hash: str) -> Migration:
    """Carry out the plan whose hash this is, from its first wave on. Safe to repeat.

    When so many people move that it takes two (settings.TOLI_DIVIDE_ALONE_PEOPLE), the planner cannot approve. Plan
    and truth too far apart: it is planned anew instead, and waits for approval again.

    Raises:
        MigrationNotFound, MigrationStateWrong, MigrationRunning, ApproverIsPlanner. PlanChanged: another plan.
        PlanOutdated: it was planned anew. NoCoordinator: nobody could create the groups. NothingChanges.
    """
    with transaction.atomic():
        migration = locked(actor, migration_id)
        if migration.state == MigrationState.RUNNING and migration.plan_hash == plan_hash:
            return migration
        _may_approve(actor, migration, plan_hash)
        replaced = migration.replaces_id
        refuse_beside_another(migration.campaign, migration.territory, but=replaced)
        outdated = is_outdated(migration)
        if outdated:
            terms = Terms(migration.afterwards, migration.per_person, migration.days)
            prepared = prepare(migration.campaign, migration.territory, migration.depth.code)
            write_plan(actor, prepared, terms, over=migration)
        else:
            _begin(actor, migration)
    if outdated:
        raise PlanOutdated
    return migration


@transaction.atomic
def drop_migration(*, actor: Actor, migration_id: int) -> Migration:
    """A plan that waits is not carried out. Raises MigrationNotFound, MigrationStateWrong."""
    migration = locked(actor, migration_id)
    move_on(migration, MigrationState.DROPPED)
    trace(actor, migration, "chatgroups.drop_migration")
    return migration


def locked(actor: Actor, migration_id: int) -> Migration:
    """The migration, with its campaign's lock and its own row held. Raises MigrationNotFound, also out of scope."""
    found = Migration.objects.within(scope_for(actor, GROUPS_DIVIDE)).filter(pk=migration_id)
    campaign_id = found.values_list("campaign_id", flat=True).first()
    if campaign_id is None:
        raise MigrationNotFound
    hold_campaign(campaign_id)
    rows = Migration.objects.select_for_update(of=("self",)).select_related("campaign", "territory__level", "depth")
    return rows.get(pk=migration_id)


def move_on(migration: Migration, state: MigrationState) -> None:
    """Bring the migration to another state. Raises MigrationStateWrong."""
    if not may_become(migration.state, state):
        raise MigrationStateWrong(state=MigrationState(migration.state).label)
    migration.state = state
    if state in (MigrationState.DONE, MigrationState.DROPPED):
        migration.ended_at = clock.now()
    migration.save(update_fields=["state", "ended_at"])


def trace(actor: Actor, migration: Migration, action: str, **details: int) -> None:
    """Tell the trail."""
    audit.record_act(
        actor,
        action=action,
        target=f"migration:{migration.pk}",
        territory_id=migration.territory_id,
        details=details,
    )


def is_outdated(migration: Migration) -> bool:
    """Whether groups have changed since it was planned, or its people have by more than the bound (W5)."""
    counted = count_branch(migration.campaign, migration.territory, migration.depth)
    return basis_of(counted) != migration.basis or has_drifted(migration, counted)


def has_drifted(migration: Migration, counted: Counted | None = None) -> bool:
    """Whether there are too many or too few people for the plan, or too many for one of its groups (W5)."""
    counted = counted or count_branch(migration.campaign, migration.territory, migration.depth)
    position = {territory_id: place for place, territory_id in enumerate(counted.branch.ids)}
    places = places_of(migration)
    if any(place not in position for served in places.values() for place in served):
        return True
    here = loads(counted.branch, [position[place] for served in places.values() for place in served])
    found = {first: sum(here[position[place]] for place in served) for first, served in places.items()}
    planned = served_people(migration)
    groups = group_numbers(migration)
    overfull = any(people > groups[first] * migration.campaign.capacity for first, people in found.items())
    return overfull or drift(planned, found) > DRIFT


def group_numbers(migration: Migration) -> dict[int, int]:
    """How many groups of the plan there are, by the first place that they serve."""
    numbers: dict[int, int] = {}
    for serves in migration.planned.values_list("serves", flat=True):
        numbers[serves[0]] = numbers.get(serves[0], 0) + 1
    return numbers


def _may_approve(actor: Actor, migration: Migration, plan_hash: str) -> None:
    if not may_become(migration.state, MigrationState.RUNNING) or migration.state == MigrationState.PAUSED:
        raise MigrationStateWrong(state=MigrationState(migration.state).label)
    if plan_hash != migration.plan_hash or content_hash(written_content(migration)) != plan_hash:
        raise PlanChanged
    alone = may_decide_alone(migration.figures["leaving"])
    if not alone and actor.id is not None and actor.id == migration.planned_by_id:
        raise ApproverIsPlanner
    if migration.figures["nobody"]:
        _name_somebody(migration)


def may_decide_alone(people: int) -> bool:
    """Whether one person may plan and approve a division in which so many people move."""
    return bool(people <= settings.TOLI_DIVIDE_ALONE_PEOPLE)


def _name_somebody(migration: Migration) -> None:
    """A plan for which there was nobody to ask is made anew as soon as there is. Raises NoCoordinator."""
    wanted = migration.planned.filter(is_new=True).select_related("territory")
    admins_for(migration.campaign, [row.territory for row in wanted])
    Migration.objects.filter(pk=migration.pk).update(basis="")
    migration.basis = ""


def _begin(actor: Actor, migration: Migration) -> None:
    before = DivisionPolicy.objects.filter(campaign=migration.campaign, territory=migration.territory).first()
    _end_replaced(migration)
    migration.depth_before = before.depth if before else None
    migration.approved_by_id, migration.approved_at = actor.id, clock.now()
    migration.save(update_fields=["depth_before", "approved_by", "approved_at"])
    move_on(migration, MigrationState.RUNNING)
    ending = [old.group for old in migration.old_groups.select_related("group")]
    begin_emptying(ending)
    for group, row in living(migration):
        change_places(group, set(row.served_before), set(row.serves))
    new = int(migration.figures["created"])
    follow_depth(actor, migration.campaign, migration.territory, migration.depth, new, len(ending))
    trace(actor, migration, "chatgroups.approve_migration", moved=int(migration.figures["leaving"]))
    open_wave(actor, migration, migration.waves.get(number=1))
    jobs.enqueue_once("chatgroups.move_members")


def _end_replaced(migration: Migration) -> None:
    """What the earlier plan has not begun is not begun any more."""
    if migration.replaces is None or migration.replaces.state not in (MigrationState.RUNNING, MigrationState.PAUSED):
        return
    now = clock.now()
    migration.replaces.waves.filter(state=WaveState.PLANNED).update(state=WaveState.CANCELLED, done_at=now)
    migration.replaces.waves.filter(state=WaveState.RUNNING).update(state=WaveState.DONE, done_at=now)
    move_on(migration.replaces, MigrationState.DONE)
