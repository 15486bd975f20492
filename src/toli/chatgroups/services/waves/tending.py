"""What goes on by itself: waves follow each other, people are reminded, what nobody does is told to the next person up.

All of it can be repeated at any point: what has been done is seen in the rows, and done once.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from django.db import transaction

from toli.accounts import selectors as accounts
from toli.accounts.domain.actor import Actor
from toli.assignments import selectors as work
from toli.assignments import services as assignments
from toli.assignments.services import WorkOrder
from toli.chatgroups.domain.migrating import next_above
from toli.chatgroups.errors import NothingChanges, NothingToDivide
from toli.chatgroups.models import GroupState, Migration, MigrationState, Wave, WaveState
from toli.chatgroups.services.dividing import prepare
from toli.chatgroups.services.opening import coordinators
from toli.chatgroups.services.waves.announcing import SPEAK, announce, ask_to_close
from toli.chatgroups.services.waves.approving import has_drifted, locked, move_on, trace
from toli.chatgroups.services.waves.opening import open_wave
from toli.chatgroups.services.waves.planning import Terms, write_plan
from toli.chatgroups.services.waves.undoing import go_on_rolling_back
from toli.chatgroups.waves import Progress, awaited_by_old_group, late_work, progress_of
from toli.core import clock
from toli.territories import selectors as territories

PATIENCE = timedelta(hours=24)  # after work was due, until the next person up hears of it; and again for the one above
REMINDED_BEFORE = timedelta(days=2)  # the deadline of a wave


def tend_migrations(*, actor: Actor) -> None:
    """Bring every migration as far as it can come now; each in transactions of its own."""
    for migration_id in Migration.objects.filter(state=MigrationState.RUNNING).values_list("pk", flat=True):
        with transaction.atomic():
            _tend(actor, locked(actor, migration_id))
    unfinished = Migration.objects.filter(state=MigrationState.ROLLED_BACK, ended_at=None)
    for migration_id in unfinished.values_list("pk", flat=True):
        go_on_rolling_back(actor, migration_id)


@transaction.atomic
def pause_migration(*, actor: Actor, migration_id: int) -> Migration:
    """Nobody moves and no wave begins until it is resumed. Raises MigrationNotFound, MigrationStateWrong."""
    migration = locked(actor, migration_id)
    if migration.state != MigrationState.PAUSED:
        move_on(migration, MigrationState.PAUSED)
        trace(actor, migration, "chatgroups.pause_migration")
    return migration


@transaction.atomic
def resume_migration(*, actor: Actor, migration_id: int) -> Migration:
    """It goes on; time that it stood still is added to the deadlines. Raises MigrationNotFound, MigrationStateWrong."""
    migration = locked(actor, migration_id)
    if migration.state != MigrationState.RUNNING:
        move_on(migration, MigrationState.RUNNING)
        trace(actor, migration, "chatgroups.resume_migration")
        _tend(actor, migration)
    return migration


def _tend(actor: Actor, migration: Migration) -> None:
    if migration.state != MigrationState.RUNNING:
        return
    running = list(migration.waves.filter(state=WaveState.RUNNING))
    progress = progress_of(migration)
    for wave in running:
        _announce(migration, wave)
        _escalate(migration, wave)
        if _is_over(migration, wave, progress):
            wave.state, wave.done_at = WaveState.DONE, clock.now()
            wave.save(update_fields=["state", "done_at"])
    _close_old_groups(migration)
    if not migration.waves.filter(state=WaveState.RUNNING).exists():
        _next(actor, migration)


def _announce(migration: Migration, wave: Wave) -> None:
    """An old group is told as soon as all groups of the wave into which its people go are open."""
    asked = set(wave.planned.filter(group__state=GroupState.ASKED).values_list("pk", flat=True))
    waiting = set(migration.moves.filter(new__in=asked).values_list("old_id", flat=True))
    rows = [row for row in awaited_by_old_group(migration, [wave.pk]) if row[1] not in waiting]
    announce(wave, [old for _wave, old, _given, _awaited in rows])
    if wave.due_at and clock.now() >= wave.due_at - min(REMINDED_BEFORE, timedelta(days=migration.days) / 2):
        announce(wave, [old for _wave, old, _given, awaited in rows if awaited], reminder=True)
        Wave.objects.filter(pk=wave.pk, reminded_at=None).update(reminded_at=clock.now())


def _escalate(migration: Migration, wave: Wave) -> None:
    """The nearest person above each late one is told; a day later the one above, up to the top (W9)."""
    now = clock.now()
    late = [task for task in late_work(wave) if task.due_at < now - PATIENCE]
    if not late or (wave.escalated_at and wave.escalated_at > now - PATIENCE):
        return
    holders, orders = coordinators(migration.campaign), []
    names = accounts.staff_by_id({task.assignee_id for task in late})
    for person, tasks in Counter(task.assignee_id for task in late).items():
        subject = f"wave:{wave.pk}:{person}"
        place = next(task.territory_id for task in late if task.assignee_id == person)
        above = next_above(territories.path_of(place), holders, [person, *work.ever_asked(SPEAK, subject)])
        if above is None:
            continue
        assignments.cancel_for_subjects(kind=SPEAK, subjects=[subject])
        orders.append(_order_to_speak(migration, wave, subject, above, place, names[person].display_name, tasks))
    assignments.assign_many(orders)
    wave.escalated_at = now
    wave.save(update_fields=["escalated_at"])


def _order_to_speak(
    migration: Migration, wave: Wave, subject: str, above: int, place: int, name: str, tasks: int
) -> WorkOrder:
    details = {"migration_id": migration.pk, "wave": wave.number, "person": name, "tasks": tasks, "subject": subject}
    return WorkOrder(SPEAK, above, place, subject, clock.now() + PATIENCE, details)


def _is_over(migration: Migration, wave: Wave, progress: Mapping[int, Progress]) -> bool:
    """All groups are open, and everybody is there or had time enough (W6).

    Counted from the first wave on: where a place has groups in several waves, the earlier ones take more than planned.
    """
    if wave.planned.filter(group__state=GroupState.ASKED).exists():
        return False
    if wave.due_at and clock.now() >= wave.due_at:
        return True
    begun = list(migration.waves.filter(number__lte=wave.number))
    given = sum(progress.get(row.pk, Progress()).given for row in begun)
    return given >= sum(row.people for row in begun) and not progress.get(wave.pk, Progress()).awaited


def _close_old_groups(migration: Migration) -> None:
    """An empty group is closed once its people are there, or the last of their waves is over."""
    now = clock.now()
    emptied = migration.old_groups.filter(group__state=GroupState.DIVIDED, emptied_at=None)
    emptied.update(emptied_at=now)
    wave_ids = list(migration.waves.exclude(state=WaveState.PLANNED).values_list("pk", flat=True))
    over = set(migration.waves.filter(state=WaveState.DONE).values_list("pk", flat=True))
    awaited = {
        old for wave, old, _given, waiting in awaited_by_old_group(migration, wave_ids) if waiting and wave not in over
    }
    open_ones = migration.old_groups.filter(asked_at=None).exclude(emptied_at=None).select_related("group")
    ask_to_close([old for old in open_ones if old.group_id not in awaited], migration)


def _next(actor: Actor, migration: Migration) -> None:
    """Begin the next wave if the plan still is true; at the end, see whether anybody was left behind."""
    following = migration.waves.filter(state=WaveState.PLANNED).first()
    left_behind = migration.old_groups.filter(emptied_at=None).exclude(group__taken=0).exists()
    if following is not None and not has_drifted(migration):
        open_wave(actor, migration, following)
        trace(actor, migration, "chatgroups.open_wave", wave=following.number)
    elif following is not None or left_behind:
        _propose_anew(actor, migration)
    elif not migration.old_groups.filter(emptied_at=None).exists():
        move_on(migration, MigrationState.DONE)
        trace(actor, migration, "chatgroups.finish_migration")


def _propose_anew(actor: Actor, migration: Migration) -> None:
    """The numbers have left the plan behind: the rest is planned anew and asked for again, meanwhile nobody moves."""
    if migration.replaced_by.filter(state=MigrationState.PLANNED).exists():
        return
    terms = Terms(migration.afterwards, migration.per_person, migration.days)
    try:
        prepared = prepare(migration.campaign, migration.territory, migration.depth.code)
        write_plan(actor, prepared, terms, replaces=migration)
    except (NothingChanges, NothingToDivide):
        return
    move_on(migration, MigrationState.PAUSED)
    trace(actor, migration, "chatgroups.replan_migration")
