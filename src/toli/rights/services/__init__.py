"""Writes: requests with a clock, erasure, the copy of one's data, the schedule of what is kept how long."""

from toli.rights.services.cases import (
    CaseWords,
    Incident,
    board_told,
    close_case,
    describe_case,
    look_again,
    open_case,
)
from toli.rights.services.copying import Copy, copy_of
from toli.rights.services.erasing import (
    ErasureReport,
    Found,
    erase_member,
    finish_erasure,
    forget_member,
    replay_tombstones,
    what_erasure_takes,
)
from toli.rights.services.finding import find_affected
from toli.rights.services.reporting import CaseReport, markdown, report_of
from toli.rights.services.requests import (
    Read,
    answer_request,
    carry_out,
    carry_out_undecided,
    confirm_erasure,
    file_request,
    read_request,
    refuse_request,
    take_back_erasure,
)
from toli.rights.services.retention import (
    Kept,
    Line,
    carry_out_schedule,
    carry_out_schedule_daily,
    schedule,
    schedule_shown,
)

__all__ = [
    "CaseReport",
    "CaseWords",
    "Copy",
    "ErasureReport",
    "Found",
    "Incident",
    "Kept",
    "Line",
    "Read",
    "answer_request",
    "board_told",
    "carry_out",
    "carry_out_schedule",
    "carry_out_schedule_daily",
    "carry_out_undecided",
    "close_case",
    "confirm_erasure",
    "copy_of",
    "describe_case",
    "erase_member",
    "file_request",
    "find_affected",
    "finish_erasure",
    "forget_member",
    "look_again",
    "markdown",
    "open_case",
    "read_request",
    "refuse_request",
    "replay_tombstones",
    "report_of",
    "schedule",
    "schedule_shown",
    "take_back_erasure",
    "what_erasure_takes",
]
