"""Reads of assisted enrolment and of the fraud inbox, by room."""

from toli.enrolment.selectors.applications import (
    MOST_BOOTHS,
    applications,
    booths,
    by_enroller,
    counted_states,
    counts,
    devices,
    get_application,
    get_device,
    own_day,
)
from toli.enrolment.selectors.cases import Listed, count_held, count_refused, get_case, inbox, people_of

__all__ = [
    "MOST_BOOTHS",
    "Listed",
    "applications",
    "booths",
    "by_enroller",
    "count_held",
    "count_refused",
    "counted_states",
    "counts",
    "devices",
    "get_application",
    "get_case",
    "get_device",
    "inbox",
    "own_day",
    "people_of",
]
