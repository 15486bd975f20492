"""Writes: campaigns, opening groups, seats, division, moving."""

from toli.chatgroups.services.admins import (
    KeptReport,
    confirm_hand_over,
    confirm_second_admin,
    keep_admins,
    name_admins,
)
from toli.chatgroups.services.asking import ask_to_create
from toli.chatgroups.services.campaigns import create_campaign, describe_campaign, join_link
from toli.chatgroups.services.communities import put_in_community
from toli.chatgroups.services.dividing import DivisionGroup, DivisionReport, divide
from toli.chatgroups.services.expiring import expire_seats
from toli.chatgroups.services.leaving import follow_member, leave_group
from toli.chatgroups.services.links import report_leak
from toli.chatgroups.services.moving import MoveReport, move_members
from toli.chatgroups.services.opening import confirm_group_open, open_state_groups
from toli.chatgroups.services.registry import add_group, archive_group, rename_group
from toli.chatgroups.services.returning import return_seat
from toli.chatgroups.services.rosters import RosterReport, take_roster
from toli.chatgroups.services.seats import confirm_joined, go_to_group, take_seat
from toli.chatgroups.services.supplying import SupplyReport, watch_supply
from toli.chatgroups.services.taking_over import take_over_work
from toli.chatgroups.services.telling import SEAT_KIND, seat_text, tell_seated
from toli.chatgroups.services.waiting import ServedReport, serve_waiting, wait_for_seat
from toli.chatgroups.services.waves import (
    MigrationPreview,
    WavePreview,
    approve_migration,
    confirm_closed,
    confirm_posted,
    confirm_removed,
    confirm_spoken,
    drop_migration,
    may_decide_alone,
    pause_migration,
    plan_migration,
    preview_migration,
    resume_migration,
    roll_back_migration,
    tend_migrations,
)

__all__ = [
    "SEAT_KIND",
    "DivisionGroup",
    "DivisionReport",
    "KeptReport",
    "MigrationPreview",
    "MoveReport",
    "RosterReport",
    "ServedReport",
    "SupplyReport",
    "WavePreview",
    "add_group",
    "approve_migration",
    "archive_group",
    "ask_to_create",
    "confirm_closed",
    "confirm_group_open",
    "confirm_hand_over",
    "confirm_joined",
    "confirm_posted",
    "confirm_removed",
    "confirm_second_admin",
    "confirm_spoken",
    "create_campaign",
    "describe_campaign",
    "divide",
    "drop_migration",
    "expire_seats",
    "follow_member",
    "go_to_group",
    "join_link",
    "keep_admins",
    "leave_group",
    "may_decide_alone",
    "move_members",
    "name_admins",
    "open_state_groups",
    "pause_migration",
    "plan_migration",
    "preview_migration",
    "put_in_community",
    "rename_group",
    "report_leak",
    "resume_migration",
    "return_seat",
    "roll_back_migration",
    "seat_text",
    "serve_waiting",
    "take_over_work",
    "take_roster",
    "take_seat",
    "tell_seated",
    "tend_migrations",
    "wait_for_seat",
    "watch_supply",
]
