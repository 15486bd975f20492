"""Reads of assisted enrolment and of the fraud inbox, by room."""

from toli.enrolment.selectors.applications import applications, by_enroller, counts, devices, own_day
from toli.enrolment.selectors.cases import Listed, get_case, inbox, people_of

__all__ = ["Listed", "applications", "by_enroller", "counts", "devices", "get_case", "inbox", "own_day", "people_of"]
