"""Writes: requests with a clock, erasure, the copy of one's data, the schedule of what is kept how long."""

from toli.rights.services.copying import Copy, copy_of
from toli.rights.services.erasing import (
    ErasureReport,
    Found,
    erase_member,
    finish_erasure,
    replay_tombstones,
    what_erasure_takes,
)
from toli.rights.services.requests import (
    answer_request,
    carry_out,
    carry_out_undecided,
    confirm_erasure,
    file_request,
    refuse_request,
    take_back_erasure,
)

__all__ = [
    "Copy",
    "ErasureReport",
    "Found",
    "answer_request",
    "carry_out",
    "carry_out_undecided",
    "confirm_erasure",
    "copy_of",
    "erase_member",
    "file_request",
    "finish_erasure",
    "refuse_request",
    "replay_tombstones",
    "take_back_erasure",
    "what_erasure_takes",
]
