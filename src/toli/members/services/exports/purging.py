"""Deleting the files of lists."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from toli.accounts.domain.actor import SYSTEM
from toli.core import clock
from toli.members.models import Export, ExportRow, ExportState
from toli.members.services.exports import file
from toli.members.services.exports.shared import write_down

MAKING = timedelta(hours=1)  # the file of a younger one may belong to a list that is just being made


@dataclass(frozen=True, slots=True)
class Purged:
    """``lists``: numbers of the lists that are over. ``left_over``: of files whose list is not ready (any more)."""

    lists: tuple[int, ...]
    left_over: tuple[int, ...]


@transaction.atomic
def purge_exports(*, dry_run: bool = False) -> Purged:
    """Delete files whose time is over or whose downloads are used up, and those that a broken making left behind."""
    over = Q(expires_at__lte=clock.now()) | Q(downloads__gte=Export.MOST_DOWNLOADS)
    found = Export.objects.filter(over, state=ExportState.READY)
    present = file.present(older_than=clock.now() - MAKING)
    fresh = set(Export.objects.filter(pk__in=present, state=ExportState.READY).values_list("pk", flat=True))
    left_over = tuple(number for number in present if number not in fresh)
    if dry_run:
        return Purged(tuple(found.order_by("pk").values_list("pk", flat=True)), left_over)
    for number in left_over:
        file.delete(number)
    return Purged(_delete(found), left_over)


@transaction.atomic
def delete_exports_with(*, member_id: int) -> int:
    """Delete the files in which the member stands, for one whose data is erased. Returns how many."""
    rows = ExportRow.objects.filter(member_id=member_id)
    return len(_delete(Export.objects.filter(pk__in=rows.values("export_id"), state=ExportState.READY)))


def _delete(found: QuerySet[Export]) -> tuple[int, ...]:
    exports = list(found.order_by("pk").select_for_update(skip_locked=True))
    for export in exports:
        export.state, export.token_hash = ExportState.DELETED, None
        export.save(update_fields=["state", "token_hash"])
        file.delete(export.pk)
        write_down(SYSTEM, "members.export.delete", export)
    return tuple(export.pk for export in exports)
