"""Writes: campaigns, opening groups, seats, division, moving."""

from toli.chatgroups.services.campaigns import create_campaign, join_link
from toli.chatgroups.services.dividing import DivisionGroup, DivisionReport, divide
from toli.chatgroups.services.moving import MoveReport, move_members
from toli.chatgroups.services.opening import confirm_group_open, open_state_groups
from toli.chatgroups.services.rosters import RosterReport, take_roster
from toli.chatgroups.services.seats import confirm_joined, follow_member, go_to_group, leave_group, take_seat

__all__ = [
    "DivisionGroup",
    "DivisionReport",
    "MoveReport",
    "RosterReport",
    "confirm_group_open",
    "confirm_joined",
    "create_campaign",
    "divide",
    "follow_member",
    "go_to_group",
    "join_link",
    "leave_group",
    "move_members",
    "open_state_groups",
    "take_roster",
    "take_seat",
]
