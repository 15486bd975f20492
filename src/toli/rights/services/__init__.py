"""Writes: requests with a clock, erasure, the copy of one's data, the schedule of what is kept how long."""

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
    "Copy",
    "ErasureReport",
    "Found",
    "Kept",
    "Line",
    "Read",
    "answer_request",
    "carry_out",
    "carry_out_schedule",
    "carry_out_schedule_daily",
    "carry_out_undecided",
    "confirm_erasure",
    "copy_of",
    "erase_member",
    "file_request",
    "finish_erasure",
    "forget_member",
    "read_request",
    "refuse_request",
    "replay_tombstones",
    "schedule",
    "schedule_shown",
    "take_back_erasure",
    "what_erasure_takes",
]
