"""How long members who have gone are kept, and what they asked for. People on hold: whose request is open."""

from datetime import datetime
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from toli.core.keeping import Acts, After, Rows, Term, hold, pause_evidence, register
from toli.rights.models import BreachCase
from toli.rights.services import forget_members

hold("SELECT member_id FROM rights_rightsrequest WHERE state IN ('open', 'confirmed')")
hold(
    "SELECT a.member_id FROM rights_breachaffected a JOIN rights_breachcase c ON c.id = a.case_id"
    " WHERE c.closed_at IS NULL AND NOT c.drill"
)
pause_evidence(lambda: BreachCase.objects.filter(closed_at__isnull=True, drill=False).exists())
LEFT = Rows("members_member", "updated_at", "state = 'left'", about="id")
LAPSED = Rows("members_member", "member_until", "state IN ('active', 'lapsed')", about="id")


def _forget(gone: Rows, because: str, before: datetime, most: int) -> int:
    found = gone.over(before, most)
    if found:
        forget_members(member_ids=found, because=because)
    return len(found)


def _gone_term(key: str, label: Any, days: int, since: Any, gone: Rows) -> None:
    register(
        Term(
            key=key,
            label=label,
            tables=("members_member",),
            days=days,
            least=30,
            most=3650,
            since=since,
            why=_("What they joined for is over. They may renew, and questions may come, for a while."),
            after=After.PSEUDONYMISED,
            store=Acts(gone.due, partial(_forget, gone, f"retention:{key}")),
            batch=100,  # every note is searched once for all of a batch
        )
    )


_gone_term("rights.left", _("Members who have left"), 365, _("since they left"), LEFT)
_gone_term("rights.lapsed", _("Members whose membership ended"), 1095, _("since its last day"), LAPSED)
register(
    Term(
        key="rights.words",
        label=_("Words of requests and of answers"),
        tables=("rights_rightsrequest",),
        days=365,
        least=90,
        most=1095,
        since=_("since the request was closed"),
        why=_("To answer questions about it. That it was made, and met in time, stays longer."),
        after=After.PSEUDONYMISED,
        store=Rows(
            "rights_rightsrequest",
            "closed_at",
            "words_sealed <> '' OR answer_sealed <> ''",
            blank="words_sealed = '', answer_sealed = ''",
            about="member_id",
        ),
    )
)
register(
    Term(
        key="rights.requests",
        label=_("Requests of members"),
        tables=("rights_rightsrequest",),
        days=1095,
        least=365,
        most=3650,
        since=_("since the request was closed"),
        why=_("Shows the authority that it was met in time."),
        after=After.DELETED,
        store=Rows("rights_rightsrequest", "closed_at", about="member_id"),
    )
)
register(
    Term(
        key="rights.complaint_words",
        label=_("Words and numbers of complaints, and answers"),
        tables=("rights_complaint",),
        days=365,
        least=90,
        most=1095,
        since=_("since the answer"),
        why=_("So that whoever complained can read the answer, and questions about it can be met."),
        after=After.PSEUDONYMISED,
        store=Rows(
            "rights_complaint",
            "answered_at",
            "words_sealed <> '' OR answer_sealed <> '' OR phone_sealed <> '' OR number_hash <> ''",
            blank="words_sealed = '', answer_sealed = '', phone_sealed = '', number_hash = ''",
        ),
    )
)
register(
    Term(
        key="rights.complaints",
        label=_("Complaints"),
        tables=("rights_complaint",),
        days=1095,
        least=365,
        most=3650,
        since=_("since the answer"),
        why=_("Shows the authority that it was met in time."),
        after=After.DELETED,
        store=Rows("rights_complaint", "answered_at"),
    )
)
register(
    Term(
        key="rights.runs",
        label=_("What this schedule has done"),
        tables=("rights_retentionrun",),
        days=365,
        least=30,
        most=3650,
        since=_("since it was done"),
        why=_("Shows that the schedule runs."),
        after=After.DELETED,
        store=Rows("rights_retentionrun", "finished_at"),
    )
)
register(
    Term(
        key="rights.affected",
        label=_("Whom an incident concerned"),
        tables=("rights_breachaffected",),
        days=1095,
        least=365,
        most=3650,
        since=_("since the case was closed"),
        why=_("Shows the authority who was told. How many there were in each place stays with the case."),
        after=After.COUNTED,
        store=Rows(
            "rights_breachaffected",
            "(SELECT c.closed_at FROM rights_breachcase c WHERE c.id = rights_breachaffected.case_id)",
            about="member_id",
        ),
    )
)
register(
    Term(
        key="rights.cases",
        label=_("Incidents"),
        tables=("rights_breachcase",),
        days=3650,
        least=1095,
        most=7300,
        since=_("since the case was closed"),
        why=_("Shows the authority what was done about it."),
        after=After.DELETED,
        store=Rows(
            "rights_breachcase",
            "closed_at",
            "NOT EXISTS (SELECT 1 FROM rights_breachaffected a WHERE a.case_id = rights_breachcase.id)",
        ),
    )
)
