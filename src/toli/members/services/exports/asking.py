"""Asking for a list of members. The limits count what a person takes within 24 hours, so that ten small lists
are no way around the rule for one large list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum

from toli.access.domain.permissions import MEMBERS_EXPORT, MEMBERS_REVEAL
from toli.access.policies import person_of, scope_for
from toli.accounts.domain.actor import Actor
from toli.core import clock, jobs
from toli.members.domain.exports import Column
from toli.members.errors import ExportDayLimit, ExportEmpty, ExportMisdescribed, ExportTooLarge
from toli.members.models import Export, ExportState
from toli.members.services.exports.shared import HEADINGS, chosen_columns, covers, members_below, write_down
from toli.members.services.locking import lock_person
from toli.territories import selectors as territories
from toli.territories.models import Territory

WINDOW = timedelta(hours=24)
PURPOSE_LENGTH = (5, 200)
MOST_CARDS = 1000  # on the sheets of one file: about 50 MB
COUNTED = ~Q(state__in=[ExportState.REFUSED, ExportState.STOPPED])


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
    chosen = chosen_columns(actor, territory, columns)
    words = " ".join(purpose.split())
    if not PURPOSE_LENGTH[0] <= len(words) <= PURPOSE_LENGTH[1]:
        raise ExportMisdescribed
    account_id = person_of(actor)
    rows = members_below(scope, territory).count()
    if Column.SHEETS in chosen and rows > MOST_CARDS:
        raise ExportTooLarge(rows=rows, limit=MOST_CARDS)
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
    write_down(actor, "members.export.ask", export, rows=rows, columns=chosen, territory=territory.code)
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
    phones = covers(scope_for(actor, MEMBERS_REVEAL), territory)
    hidden = {Column.SHEETS} if phones else {Column.SHEETS, Column.PHONE}
    return ExportTerms(
        rows=members_below(scope_for(actor, MEMBERS_EXPORT), territory).count(),
        alone=max(0, settings.TOLI_EXPORT_ALONE_ROWS - taken),
        left=max(0, settings.TOLI_EXPORT_ROWS_PER_DAY - taken),
        most=settings.TOLI_EXPORT_MAX_ROWS,
        columns=tuple((item.value, str(HEADINGS[item])) for item in Column if item not in hidden),
    )


def rows_taken(account_id: int) -> int:
    """How many members the lists hold that a person asked for within 24 hours; refused ones do not count."""
    own = Export.objects.filter(COUNTED, asked_by_id=account_id, asked_at__gt=clock.now() - WINDOW)
    return int(own.aggregate(sum=Sum("rows"))["sum"] or 0)


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
