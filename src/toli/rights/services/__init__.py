"""Writes: requests with a clock, erasure, the copy of one's data, the schedule of what is kept how long."""

from toli.rights.services.erasing import (
    ErasureReport,
    Found,
    erase_member,
    finish_erasure,
    replay_tombstones,
    what_erasure_takes,
)

__all__ = [
    "ErasureReport",
    "Found",
    "erase_member",
    "finish_erasure",
    "replay_tombstones",
    "what_erasure_takes",
]
