"""Who may see which rows of the core's tables."""

from toli.core.wall import leave_open

leave_open(
    core_eventrecord="ids only; written by every service, read by workers",
    core_limitcounter="counts under keyed hashes, written before anybody is known",
)
