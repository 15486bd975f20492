"""Tables of chat groups: the groups with their seats."""

from toli.chatgroups.models.groups import (
    ACTIVE_SEATS,
    Campaign,
    ChatGroup,
    ChatGroupQuerySet,
    DivisionPolicy,
    GroupState,
    GroupTerritory,
    JoinLink,
    Outsider,
    Platform,
    Roster,
    Seat,
    SeatState,
)

__all__ = [
    "ACTIVE_SEATS",
    "Campaign",
    "ChatGroup",
    "ChatGroupQuerySet",
    "DivisionPolicy",
    "GroupState",
    "GroupTerritory",
    "JoinLink",
    "Outsider",
    "Platform",
    "Roster",
    "Seat",
    "SeatState",
]
