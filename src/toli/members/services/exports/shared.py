"""What asking for a list, making and fetching it have in common."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from toli.access.domain.permissions import MEMBERS_EXPORT, MEMBERS_REVEAL
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.members import selectors
from toli.members.domain.exports import Column
from toli.members.errors import ExportMisdescribed, ExportPhonesRefused, ExportStateWrong
from toli.members.models import Export, ExportState, Member
from toli.territories import selectors as territories
from toli.territories.models import Territory

HEADINGS = {
    Column.NAME: _("Name"),
    Column.CARD: _("Card number"),
    Column.PLACE: _("Place"),
    Column.CODE: _("Code of the place"),
    Column.JOINED: _("Member since"),
    Column.UNTIL: _("Member until"),
    Column.LANGUAGE: _("Language"),
    Column.MASKED_PHONE: _("Number (a few digits)"),
    Column.PHONE: _("Full number"),
    Column.SHEETS: _("Cards on sheets, for printing"),
}


def column_names(columns: Iterable[str]) -> list[str]:
    """What a list with these columns holds, in the reader's language."""
    return [str(HEADINGS[Column(code)]) for code in columns if code in set(Column)]


def chosen_columns(actor: Actor, territory: Territory, columns: Sequence[str]) -> list[str]:
    """The columns in the order of the allow list. Raises ExportMisdescribed, ExportPhonesRefused."""
    if not columns or set(columns) - set(Column) or (Column.SHEETS in columns and len(columns) > 1):
        raise ExportMisdescribed
    if Column.PHONE in columns and not covers(scope_for(actor, MEMBERS_REVEAL), territory):
        raise ExportPhonesRefused
    return [column.value for column in Column if column in columns]


def still_allowed(asker: Actor, export: Export) -> Scope:
    """Where the asker may export. Raises ExportNotFound, ExportPhonesRefused: rights ended since the list was asked."""
    scope = scope_for(asker, MEMBERS_EXPORT)
    selectors.get_export(scope, export.pk)
    chosen_columns(asker, export.territory, export.columns)
    return scope


def members_below(scope: Scope, territory: Territory) -> QuerySet[Member]:
    below = territories.descendant_ids(territory)
    return Member.objects.within(scope).active().filter(territory_id__in=below)


def covers(scope: Scope, territory: Territory) -> bool:
    return any(scope.covers(path) for path in territories.paths_of(territory.pk))


def expect(export: Export, state: ExportState) -> None:
    if export.state != state:
        raise ExportStateWrong(state=export.get_state_display())


def write_down(actor: Actor, action: str, export: Export, **details: Any) -> None:
    audit.record_act(
        actor,
        action=action,
        target=f"export:{export.pk}",
        territory_id=export.territory_id,
        details=details,
    )


def on_sheets(export: Export) -> bool:
    """Whether it is cards for printing, and no table."""
    return export.columns == [Column.SHEETS.value]
