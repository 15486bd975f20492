"""Entries that a case holds: they are asked nothing until somebody has decided about the case."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings

from toli.core import clock, jobs
from toli.enrolment.models import Application, Case, State
from toli.enrolment.models.applications import OPEN
from toli.enrolment.services.applications.numbers import number_of
from toli.enrolment.services.applications.receiving import state_by_number
from toli.territories.models import Territory


def held_entries(case: Case) -> list[Application]:
    """What the case holds, locked, the earliest first."""
    return list(case.entries.select_for_update(of=("self",)).filter(state=State.HELD).order_by("pk"))


def entries_by_place(enroller_id: int) -> list[Territory]:
    """Where the helper has open entries that nothing holds."""
    found = Application.objects.filter(enroller_id=enroller_id, state__in=OPEN).exclude(state=State.HELD)
    return list(Territory.objects.filter(pk__in=found.values("territory_id")).select_related("level"))


def hold_entries(*, case: Case, enroller_id: int, places: Sequence[int]) -> int:
    """Let everything that the helper wrote down in these places, and that is open, wait for the case: how many."""
    found = Application.objects.filter(enroller_id=enroller_id, territory_id__in=places, state__in=OPEN)
    found = found.exclude(state=State.HELD)
    return found.update(state=State.HELD, reason=case.rule or case.kind, case=case)


def release_entries(entries: Sequence[Application]) -> None:
    """They are asked now, and have as long for an answer as everybody else."""
    for entry in entries:
        entry.state, entry.reason = state_by_number(entry, number_of(entry))
        entry.expires_at = clock.now() + timedelta(days=settings.TOLI_ENROL_DAYS)
        entry.save(update_fields=["state", "reason", "expires_at"])
    if entries:
        jobs.enqueue_once("enrolment.invite")
