"""Writing the file of a list. Each of its rows bears a mark that leads back to it."""

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from toli.accounts import selectors as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.core import clock
from toli.core.crypto import index_for
from toli.core.domain.phone import masked
from toli.core.errors import DomainError
from toli.members import selectors
from toli.members.domain.exports import REF, Column, csv_text, ref_of
from toli.members.models import Export, ExportRow, ExportState, Member
from toli.members.services.exports import file
from toli.members.services.exports.shared import HEADINGS, members_below, on_sheets, still_allowed, write_down

LIFETIME = timedelta(hours=24)
REF_CONTEXT = "members_export.ref"
CardNumbers = Callable[[Sequence[int]], Mapping[int, str]]
CardSheets = Callable[[Sequence[Member], Sequence[str], str], bytes]
_card_numbers: list[CardNumbers] = []
_card_sheets: list[CardSheets] = []


def offer_card_numbers(lookup: CardNumbers) -> None:
    """Let ``lookup`` (ids of members to their card numbers) fill the column of cards: cards stand above members."""
    _card_numbers[:] = [lookup]


def offer_card_sheets(draw: CardSheets) -> None:
    """Let ``draw`` (members, their marks, a line for the foot) make the PDF file of cards on sheets."""
    _card_sheets[:] = [draw]


@transaction.atomic
def make_export(*, export_id: int) -> None:
    """Write the file. What the person may do is asked again; nothing happens if the file is there already.

    No more members than were counted and approved get into it, the longest known first.
    """
    export = Export.objects.select_for_update(of=("self",)).select_related("territory", "asked_by").get(pk=export_id)
    if export.state != ExportState.MAKING:
        return
    asker = accounts.actor_for(export.asked_by)
    try:
        scope = still_allowed(asker, export)
    except DomainError:
        _finish(export, ExportState.STOPPED)
        return
    members = list(members_below(scope, export.territory).select_related("territory").order_by("pk")[: export.rows])
    rows = [ExportRow(export=export, member=member, ref=_ref(export, member)) for member in members]
    ExportRow.objects.bulk_create(rows, batch_size=1000)
    export.rows, export.made_at = len(rows), clock.now()
    export.expires_at = export.made_at + LIFETIME
    refs = [row.ref for row in rows]
    file.write(export.pk, _sheets(export, members, refs) if on_sheets(export) else _text(export, members, refs))
    _finish(export, ExportState.READY)


def _finish(export: Export, state: ExportState) -> None:
    export.state = state
    export.save(update_fields=["state", "rows", "made_at", "expires_at"])
    ready = state == ExportState.READY
    write_down(SYSTEM, "members.export.ready" if ready else "members.export.stopped", export, rows=export.rows)


def _sheets(export: Export, members: Sequence[Member], refs: Sequence[str]) -> str:
    """The PDF file in base 64, as files of lists are sealed as text."""
    line = f"{export.territory.code} {clock.today().isoformat()} {export.asked_by.login} {export.pk}"
    return base64.b64encode(_card_sheets[0](members, refs, line)).decode()


def _text(export: Export, members: Sequence[Member], refs: Sequence[str]) -> str:
    with translation.override(export.language):
        columns = [Column(code) for code in export.columns]
        cells = [_cells(column, members, export.language) for column in columns]
        header = [*[str(HEADINGS[column]) for column in columns], REF]
        last_line = _("%(person)s exported these %(rows)d members on %(day)s for: %(purpose)s") % {
            "person": f"{export.asked_by.display_name} ({export.asked_by.login})",
            "rows": len(members),
            "day": clock.today().isoformat(),
            "purpose": export.purpose,
        }
        return csv_text(header, zip(*cells, refs, strict=True), last_line=last_line)


def _cells(column: Column, members: Sequence[Member], language: str) -> list[str]:
    """One column of the list, in the members' order."""
    ids = [member.pk for member in members]
    if column in (Column.PHONE, Column.MASKED_PHONE):
        numbers = selectors.plain_phones(ids)
        shown = numbers if column == Column.PHONE else {pk: masked(number) for pk, number in numbers.items()}
        return [shown.get(pk, "") for pk in ids]
    if column == Column.CARD:
        known = _card_numbers[0](ids) if _card_numbers else {}
        return [known.get(pk, "") for pk in ids]
    plain: dict[Column, Callable[[Member], str]] = {
        Column.NAME: lambda member: member.name,
        Column.PLACE: lambda member: member.territory.label(language),
        Column.CODE: lambda member: member.territory.code,
        Column.JOINED: lambda member: member.member_from.isoformat(),
        Column.UNTIL: lambda member: member.member_until.isoformat(),
        Column.LANGUAGE: lambda member: member.language,
    }
    return [plain[column](member) for member in members]


def _ref(export: Export, member: Member) -> str:
    return ref_of(index_for(REF_CONTEXT).of(f"{export.pk}:{member.pk}")[1:])
