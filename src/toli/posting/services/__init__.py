"""Writes: the organisation's places, what is queued for them, what goes out and what is taken back."""

from toli.posting.services.escalating import escalate_deletions
from toli.posting.services.places import add_place, change_place, examine_place, set_place_state
from toli.posting.services.planned import queue_plan
from toli.posting.services.sending import hold_back, send_due, settle_unknown
from toli.posting.services.taking_back import confirm_deleted, delete_recalled
from toli.posting.services.trying import try_place

__all__ = [
    "add_place",
    "change_place",
    "confirm_deleted",
    "delete_recalled",
    "escalate_deletions",
    "examine_place",
    "hold_back",
    "queue_plan",
    "send_due",
    "set_place_state",
    "settle_unknown",
    "try_place",
]
