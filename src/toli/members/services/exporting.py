"""Lists of members that leave the house: asked for, approved by a second person, made, fetched, traced, deleted.

The limits count what a person takes within 24 hours, so that ten small lists are no way around the rule
for one large list. A file is sealed with the field keys, lies in settings.EXPORTS_DIR for a day at most,
and each of its rows bears a mark that leads back to it.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from toli.access.domain.permissions import EXPORTS_APPROVE, MEMBERS_EXPORT, MEMBERS_REVEAL
from toli.access.domain.scope import Scope
from toli.access.policies import person_of, scope_for
from toli.accounts import selectors as accounts
from toli.accounts.domain.actor import SYSTEM, Actor
from toli.audit import services as audit
from toli.core import clock, jobs
from toli.core.crypto import index_for
from toli.core.domain.phone import masked
from toli.core.errors import DomainError
from toli.members import selectors
from toli.members.domain.exports import REF, Column, csv_text, ref_of
from toli.members.errors import (
    ExportDayLimit,
    ExportEmpty,
    ExportLinkInvalid,
    ExportMisdescribed,
    ExportPhonesRefused,
    ExportStateWrong,
    ExportTooLarge,
    SamePersonExport,
)
from toli.members.models import Export, ExportRow, ExportState, Member
from toli.members.services import export_file
from toli.members.services.locking import lock_person
from toli.territories import selectors as territories
from toli.territories.models import Territory

WINDOW = timedelta(hours=24)
LIFETIME = timedelta(hours=24)
PURPOSE_LENGTH = (5, 200)
REF_CONTEXT = "members_export.ref"
HEADINGS = {
    Column.NAME: gettext_lazy("Name"),
    Column.CARD: gettext_lazy("Card number"),
    Column.PLACE: gettext_lazy("Place"),
    Column.CODE: gettext_lazy("Code of the place"),
    Column.JOINED: gettext_lazy("Member since"),
    Column.UNTIL: gettext_lazy("Member until"),
    Column.LANGUAGE: gettext_lazy("Language"),
    Column.MASKED_PHONE: gettext_lazy("Number (a few digits)"),
    Column.PHONE: gettext_lazy("Full number"),
}
COUNTED = ~Q(state__in=[ExportState.REFUSED, ExportState.STOPPED])
CardNumbers = Callable[[Sequence[int]], Mapping[int, str]]
_card_numbers: list[CardNumbers] = []


def offer_card_numbers(lookup: CardNumbers) -> None:
    """Let ``lookup`` (ids of members to their card numbers) fill the column of cards: cards stand above members."""
    _card_numbers[:] = [lookup]


# -- asking ----------------------------------------------------------------------------------------


@transaction.atomic
def ask_for_export(*, actor: Actor, territory_code: str, columns: Sequence[str], purpose: str) -> Export:
    """Ask for a list of the active members below a territory. It is made at once, or after approval.

    A second person has to approve as soon as the actor's lists of 24 hours, this one included, hold more
    than settings.TOLI_EXPORT_ALONE_ROWS members.

    Raises:
        TerritoryNotFound: not in the area that the actor may export. ExportMisdescribed. ExportPhonesRefused.
        ExportEmpty, ExportTooLarge, ExportDayLimit. Forbidden: nobody in person asks.
    """
    scope = scope_for(actor, MEMBERS_EXPORT)
    territory = territories.get_territory(scope, territory_code)
    chosen = _columns(actor, territory, columns)
    words = " ".join(purpose.split())
    if not PURPOSE_LENGTH[0] <= len(words) <= PURPOSE_LENGTH[1]:
        raise ExportMisdescribed
    account_id = person_of(actor)
    rows = _members(scope, territory).count()
    alone = _allowed(account_id, rows) + rows <= settings.TOLI_EXPORT_ALONE_ROWS
    export = Export.objects.create(
        territory=territory,
        asked_by_id=account_id,
        asked_at=clock.now(),
        columns=chosen,
        purpose=words,
        language=actor.language,
        rows=rows,
        state=ExportState.MAKING if alone else ExportState.WAITING,
    )
    _record(actor, "members.export.ask", export, rows=rows, columns=chosen, territory=territory.code)
    if alone:
        jobs.enqueue("members.make_export", export_id=export.pk)
    return export


@dataclass(frozen=True, slots=True)
class ExportTerms:
    """What a list of a place would mean for somebody, told before they ask for it. Figures count members.

    ``alone``: how many more they may have today without a second person; ``left``: with one.
    ``columns``: what they may choose from, codes and names.
    """

    rows: int
    alone: int
    left: int
    most: int
    columns: tuple[tuple[str, str], ...]

    @property
    def possible(self) -> bool:
        """Whether the whole place can be in one list today."""
        return 0 < self.rows <= min(self.left, self.most)

    @property
    def needs_another(self) -> bool:
        """Whether somebody else has to approve it."""
        return self.rows > self.alone


def export_terms(*, actor: Actor, territory: Territory) -> ExportTerms:
    """What holds for a list of the members below ``territory`` now. Raises Forbidden: nobody in person asks."""
    taken = rows_taken(person_of(actor))
    phones = _covers(scope_for(actor, MEMBERS_REVEAL), territory)
    return ExportTerms(
        rows=_members(scope_for(actor, MEMBERS_EXPORT), territory).count(),
        alone=max(0, settings.TOLI_EXPORT_ALONE_ROWS - taken),
        left=max(0, settings.TOLI_EXPORT_ROWS_PER_DAY - taken),
        most=settings.TOLI_EXPORT_MAX_ROWS,
        columns=tuple((item.value, str(HEADINGS[item])) for item in Column if phones or item != Column.PHONE),
    )


def column_names(export: Export) -> list[str]:
    """What the list holds, in the reader's language."""
    return [str(HEADINGS[Column(code)]) for code in export.columns]


def rows_taken(account_id: int) -> int:
    """How many members the lists hold that a person asked for within 24 hours; refused ones do not count."""
    own = Export.objects.filter(COUNTED, asked_by_id=account_id, asked_at__gt=clock.now() - WINDOW)
    return int(own.aggregate(sum=Sum("rows"))["sum"] or 0)


def _columns(actor: Actor, territory: Territory, columns: Sequence[str]) -> list[str]:
    """The columns in the order of the allow list. Raises ExportMisdescribed, ExportPhonesRefused."""
    if not columns or set(columns) - set(Column):
        raise ExportMisdescribed
    if Column.PHONE in columns and not _covers(scope_for(actor, MEMBERS_REVEAL), territory):
        raise ExportPhonesRefused
    return [column.value for column in Column if column in columns]


def _allowed(account_id: int, rows: int) -> int:
    """The rows taken before; nobody else counts for this person until the transaction ends."""
    if not rows:
        raise ExportEmpty
    if rows > settings.TOLI_EXPORT_MAX_ROWS:
        raise ExportTooLarge(rows=rows, limit=settings.TOLI_EXPORT_MAX_ROWS)
    lock_person(account_id)
    taken, limit = rows_taken(account_id), settings.TOLI_EXPORT_ROWS_PER_DAY
    if taken + rows > limit:
        raise ExportDayLimit(limit=limit, left=max(0, limit - taken))
    return taken


# -- approving -------------------------------------------------------------------------------------


@transaction.atomic
def approve_export(*, actor: Actor, export_id: int) -> None:
    """Let a list be made. Raises ExportNotFound, SamePersonExport, ExportStateWrong."""
    export = _decide(actor, export_id, ExportState.MAKING)
    _record(actor, "members.export.approve", export)
    jobs.enqueue("members.make_export", export_id=export.pk)


@transaction.atomic
def refuse_export(*, actor: Actor, export_id: int) -> None:
    """Have a list not made. Raises ExportNotFound, SamePersonExport, ExportStateWrong."""
    export = _decide(actor, export_id, ExportState.REFUSED)
    _record(actor, "members.export.refuse", export)


def _decide(actor: Actor, export_id: int, state: ExportState) -> Export:
    export = selectors.get_export(scope_for(actor, EXPORTS_APPROVE), export_id, lock=True)
    if actor.id is None or export.asked_by_id == actor.id:
        raise SamePersonExport
    _expect(export, ExportState.WAITING)
    export.state, export.decided_by_id, export.decided_at = state, actor.id, clock.now()
    export.save(update_fields=["state", "decided_by", "decided_at"])
    return export


# -- making ----------------------------------------------------------------------------------------


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
        scope = _still_allowed(asker, export)
    except DomainError:
        _finish(export, ExportState.STOPPED)
        return
    members = list(_members(scope, export.territory).select_related("territory").order_by("pk")[: export.rows])
    rows = [ExportRow(export=export, member=member, ref=_ref(export, member)) for member in members]
    ExportRow.objects.bulk_create(rows, batch_size=1000)
    export.rows, export.made_at = len(rows), clock.now()
    export.expires_at = export.made_at + LIFETIME
    export_file.write(export.pk, _text(export, members, [row.ref for row in rows]))
    _finish(export, ExportState.READY)


def _still_allowed(asker: Actor, export: Export) -> Scope:
    """Where the asker may export. Raises ExportNotFound, ExportPhonesRefused: rights ended since the list was asked."""
    scope = scope_for(asker, MEMBERS_EXPORT)
    selectors.get_export(scope, export.pk)
    _columns(asker, export.territory, export.columns)
    return scope


def _finish(export: Export, state: ExportState) -> None:
    export.state = state
    export.save(update_fields=["state", "rows", "made_at", "expires_at"])
    _record(SYSTEM, f"members.export.{state}", export, rows=export.rows)


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
    return ref_of(index_for(REF_CONTEXT).of(f"{export.pk}:{member.pk}"))


# -- fetching and deleting -------------------------------------------------------------------------


@transaction.atomic
def open_link(*, actor: Actor, export_id: int) -> str:
    """A token for the actor's own list; an earlier one stops working. Only its hash is kept.

    Raises:
        ExportNotFound: it is not the actor's, or their rights have ended. ExportStateWrong. ExportLinkInvalid.
    """
    export = selectors.get_export(scope_for(actor, MEMBERS_EXPORT), export_id, lock=True)
    _check_owner(actor, export)
    _expect(export, ExportState.READY)
    token = secrets.token_urlsafe(32)
    export.token_hash = _hash(token)
    export.save(update_fields=["token_hash"])
    _record(actor, "members.export.link", export)
    return token


def look_behind_link(*, actor: Actor, token: str) -> Export:
    """The list that a link leads to, without fetching it. Raises ExportLinkInvalid, like :func:`download`."""
    return _behind(actor, token, Export.objects.select_related("territory"))


@transaction.atomic
def download(*, actor: Actor, token: str) -> tuple[str, bytes]:
    """Name and content of the file behind a link; counted, three times at most, for who asked for it only.

    Raises:
        ExportLinkInvalid: unknown, expired, used up, another person's, or their rights have ended;
            the answer does not tell which.
    """
    export = _behind(actor, token, Export.objects.select_for_update(of=("self",)))
    export.downloads += 1
    export.save(update_fields=["downloads"])
    _record(actor, "members.export.download", export, nth=export.downloads)
    day = export.asked_at.date().isoformat()
    return f"members-{export.territory.code}-{day}.csv", export_file.read(export.pk).encode()


def _behind(actor: Actor, token: str, found: QuerySet[Export]) -> Export:
    export = found.filter(token_hash=_hash(token)).first()
    if export is None or export.state != ExportState.READY:
        raise ExportLinkInvalid
    _check_owner(actor, export)
    return export


def _check_owner(actor: Actor, export: Export) -> None:
    if actor.id is None or export.asked_by_id != actor.id or selectors.is_over(export):
        raise ExportLinkInvalid
    try:
        _still_allowed(actor, export)
    except DomainError:
        raise ExportLinkInvalid from None


@transaction.atomic
def purge_exports() -> int:
    """Delete files whose time is over or whose downloads are used up. Returns how many."""
    over = Q(expires_at__lte=clock.now()) | Q(downloads__gte=Export.MOST_DOWNLOADS)
    return _delete(Export.objects.filter(over, state=ExportState.READY))


@transaction.atomic
def delete_exports_with(*, member_id: int) -> int:
    """Delete the files in which the member stands, for one whose data is erased. Returns how many."""
    rows = ExportRow.objects.filter(member_id=member_id)
    return _delete(Export.objects.filter(pk__in=rows.values("export_id"), state=ExportState.READY))


def _delete(found: QuerySet[Export]) -> int:
    exports = list(found.select_for_update(skip_locked=True))
    for export in exports:
        export.state, export.token_hash = ExportState.DELETED, None
        export.save(update_fields=["state", "token_hash"])
        export_file.delete(export.pk)
        _record(SYSTEM, "members.export.delete", export)
    return len(exports)


# -- shared ----------------------------------------------------------------------------------------


def _members(scope: Scope, territory: Territory) -> QuerySet[Member]:
    below = territories.descendant_ids(territory)
    return Member.objects.within(scope).active().filter(territory_id__in=below)


def _covers(scope: Scope, territory: Territory) -> bool:
    return any(scope.covers(path) for path in territories.paths_of(territory.pk))


def _expect(export: Export, state: ExportState) -> None:
    if export.state != state:
        raise ExportStateWrong(state=export.get_state_display())


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()  # 256 random bits need no key


def _record(actor: Actor, action: str, export: Export, **details: Any) -> None:
    audit.record(
        actor_kind=actor.kind,
        actor_id=actor.id,
        address=actor.address,
        action=action,
        target=f"export:{export.pk}",
        territory_id=export.territory_id,
        details=details,
    )
