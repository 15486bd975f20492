"""What is done about somebody who asks to join a group, and which news about somebody is the latest. Pure.

Rules T1 to T4: docs/algorithms/bot-groups.md.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """Why somebody is not let in."""

    UNKNOWN = "unknown"  # no member has connected this account
    NO_CARD = "no_card"
    OTHER_GROUP = "other_group"  # their seat is in another group
    NO_PLACE = "no_place"  # they stand on the waiting list now
    LINK_CHANGES = "link_changes"  # they have a seat, in a group whose link strangers have


@dataclass(frozen=True, slots=True)
class Asker:
    """What is known of who asks. ``seat_group``: the group of their seat that they can go to, None without one.

    ``link_changes``: they have a seat, but its group's link is being changed.
    """

    known: bool
    active: bool = False
    has_card: bool = False
    seat_group: int | None = None
    link_changes: bool = False


def why_not(asker: Asker, group_id: int) -> Reason | None:
    """Why they are not let into the group; None: they are (T1)."""
    if not asker.known:
        return Reason.UNKNOWN
    if not (asker.active and asker.has_card):
        return Reason.NO_CARD
    if asker.seat_group is None:
        return Reason.LINK_CHANGES if asker.link_changes else Reason.NO_PLACE
    return None if asker.seat_group == group_id else Reason.OTHER_GROUP


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """When something was so: the platform's clock knows seconds, the number tells apart what shares one (T2)."""

    at: datetime
    number: int


def is_news(moment: Moment, known: Moment | None) -> bool:
    """Whether what happened at ``moment`` comes after everything that is known (T2)."""
    return known is None or moment > known


def gives_up_seat(left_at: datetime, reserved_at: datetime) -> bool:
    """Whether who left at ``left_at`` left the seat that was reserved at ``reserved_at``, and not an earlier one (T3).

    The platform's clock knows whole seconds.
    """
    return reserved_at.replace(microsecond=0) <= left_at
