"""Nobody against their will: arrivals are counted, batches held, cases decided."""

from toli.enrolment.services.guarding.complaining import count_not_me
from toli.enrolment.services.guarding.deciding import close_case, refuse_case, release_case, restore_case
from toli.enrolment.services.guarding.entries import mark_entry
from toli.enrolment.services.guarding.joining import Joined, join

__all__ = [
    "Joined",
    "close_case",
    "count_not_me",
    "join",
    "mark_entry",
    "refuse_case",
    "release_case",
    "restore_case",
]
