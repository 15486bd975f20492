"""Taking an import back within a day: whom it made goes, whom it changed is as before.

Whoever has done anything since, or had anything done to them, stays as they are. What may go together with a
member is said by the context that holds it (:func:`goes_with_member`); a row in any other table that points to the
member keeps them, so that a table nobody has thought of here never loses anything.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from toli.access.domain.scope import Scope
from toli.accounts.domain.actor import Actor
from toli.core import clock, jobs
from toli.members import selectors
from toli.members.errors import ImportBusy, ImportStateWrong, UndoTooLate
from toli.members.models import HistoryReason, ImportChange, ImportChunk, ImportRun, ImportState, Member
from toli.members.services.history import close_versions
from toli.members.services.importing import runs
from toli.members.services.importing.running import importing_scope
from toli.members.services.naming import refresh_name_keys

UNDO_FOR = timedelta(hours=24)
_UNDOABLE = (ImportState.DONE, ImportState.RUNNING, ImportState.UNDOING)
_PIECE = 20_000  # members of one transaction
_going: dict[str, str] = {"members_contactpoint": "verified_at IS NULL"}


@dataclass(frozen=True, slots=True)
class UndoReport:
    """How many members went, how many are as before, how many stayed because life had gone on."""

    removed: int
    restored: int
    kept: int


def goes_with_member(table: str, condition: str) -> None:
    """Rows of the table (with a ``member_id``) go with an imported member as long as the SQL condition holds."""
    _going[table] = condition


def can_undo(run: ImportRun) -> bool:
    """Whether the import may still be taken back."""
    begun = run.finished_at or run.started_at
    return run.state in _UNDOABLE and clock.now() - begun <= UNDO_FOR


def undo_import(*, actor: Actor, run_id: int) -> UndoReport:
    """Take an import back, one that was cut off as well. Stopped at any point, the next call goes on.

    Raises:
        Forbidden. ImportNotFound. ImportStateWrong: there is nothing to take back. UndoTooLate. ImportBusy.
    """
    scope = importing_scope(actor)
    run = selectors.get_import(actor, run_id)
    if run.state not in _UNDOABLE:
        raise ImportStateWrong(state=run.get_state_display())
    if run.state != ImportState.UNDOING and not can_undo(run):
        raise UndoTooLate
    if not runs.enter(run):
        raise ImportBusy
    try:
        _restore(scope, run)
        for piece in run.pieces.order_by("-number"):
            _remove(scope, run, piece)
        _finish(actor, run)
    finally:
        runs.leave(run)
    return UndoReport(run.removed, run.restored, run.kept)


@transaction.atomic
def _restore(scope: Scope, run: ImportRun) -> None:
    """Give changed members back what they were, unless they were changed again."""
    changes = ImportChange.objects.filter(run=run, member__updated_at=F("at"), member__state="active")
    if not scope.everywhere:
        changes = changes.filter(member__in=Member.objects.within(scope))
    ids = list(changes.values_list("pk", flat=True))
    moved = changes.exclude(territory_id=F("member__territory_id")).values_list("member_id", flat=True)
    now = close_versions(list(moved), reason=HistoryReason.UNDONE, reaching_back=True)
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE members_member m SET name = c.name, territory_id = c.territory_id, language = c.language,
                 updated_at = %s
               FROM members_importchange c WHERE c.id = ANY(%s) AND m.id = c.member_id""",
            [now, ids],
        )
    refresh_name_keys(list(ImportChange.objects.filter(pk__in=ids).values_list("member_id", flat=True)))
    left = ImportChange.objects.filter(run=run).exclude(pk__in=ids).count()
    ImportChange.objects.filter(run=run).delete()
    ImportRun.objects.filter(pk=run.pk).update(restored=F("restored") + len(ids), kept=F("kept") + left)


def _remove(scope: Scope, run: ImportRun, piece: ImportChunk) -> None:
    for first, last in list(piece.made):
        for begin in range(first, last + 1, _PIECE):
            _remove_range(scope, run, begin, min(begin + _PIECE - 1, last))


@transaction.atomic
def _remove_range(scope: Scope, run: ImportRun, first: int, last: int) -> None:
    """Take members of these ids out, with what goes with them."""
    members = Member.objects.select_for_update().filter(pk__range=(first, last), drive=run.drive, source="import")
    ids = list(members.values_list("pk", flat=True))
    untouched = (
        Member.objects.within(scope)
        .active()
        .filter(pk__in=ids, account__isnull=True, updated_at=F("created_at"), created_at__gte=run.started_at)
    )
    going = set(untouched.values_list("pk", flat=True)) - _with_a_life(first, last)
    gone = sorted(going)
    with connection.cursor() as cursor:
        for table in _going:
            cursor.execute(f"DELETE FROM {table} WHERE member_id = ANY(%s)", [gone])  # noqa: S608 our own names
        cursor.execute("DELETE FROM members_member WHERE id = ANY(%s)", [gone])
    ImportRun.objects.filter(pk=run.pk).update(removed=F("removed") + len(gone), kept=F("kept") + len(ids) - len(gone))


def _with_a_life(first: int, last: int) -> set[int]:
    """Members whom rows point to that do not go with them."""
    found: set[int] = set()
    with connection.cursor() as cursor:
        for relation in _relations():
            table, column = relation.related_model._meta.db_table, relation.field.column
            stays = f"AND NOT ({_going[table]})" if table in _going else ""
            cursor.execute(
                f"SELECT {column} FROM {table} WHERE {column} BETWEEN %s AND %s {stays}",  # noqa: S608 our own names
                [first, last],
            )
            found.update(row[0] for row in cursor.fetchall())
    return found


def _relations() -> list[Any]:
    relations = [relation for relation in Member._meta.related_objects if relation.related_model is not ImportChange]
    return [relation for relation in relations if relation.field.concrete and not relation.many_to_many]


@transaction.atomic
def _finish(actor: Actor, run: ImportRun) -> None:
    ImportChunk.objects.filter(run=run).delete()
    ImportRun.objects.filter(pk=run.pk).update(state=ImportState.UNDONE, undone_at=clock.now())
    run.refresh_from_db()
    runs.write_down(actor, "members.import_undo", run, removed=run.removed, restored=run.restored, kept=run.kept)
    jobs.enqueue("members.count_imported", drive_id=run.drive_id)
