"""When a group opens, people may move into it; when a member leaves or was joined to another, their seat is free."""

from toli.chatgroups import selectors, services
from toli.chatgroups.events import GroupOpened
from toli.core import jobs
from toli.core.events import subscribe
from toli.members import selectors as members
from toli.members.events import MemberLeft, MemberMoved, MembershipLapsed, MembersMerged, MembersParted


def on_opened(event: GroupOpened) -> None:
    jobs.enqueue_once("chatgroups.move_members")
    jobs.enqueue_once("chatgroups.keep_admins")


def on_left(event: MemberLeft) -> None:
    for campaign in selectors.campaigns():
        services.leave_group(member_id=event.member_id, campaign_id=campaign.pk)


def on_moved(event: MemberMoved) -> None:
    for campaign in selectors.campaigns():
        services.follow_member(member_id=event.member_id, campaign_id=campaign.pk)


def on_lapsed(event: MembershipLapsed) -> None:
    on_left(MemberLeft(member_id=event.member_id))


def on_merged(event: MembersMerged) -> None:
    """One person has one seat: that of the entry that stays."""
    for campaign in selectors.campaigns():
        services.leave_group(member_id=event.merged_id, campaign_id=campaign.pk)


def on_parted(event: MembersParted) -> None:
    """The seat that the joining had ended; after the card, which the cards' own handler gives back before this."""
    since = members.merged_since(event.merge_id)
    for campaign in selectors.campaigns():
        services.return_seat(member_id=event.merged_id, campaign_id=campaign.pk, ended_since=since)


def connect() -> None:
    """Listen."""
    subscribe(GroupOpened, on_opened)
    subscribe(MemberLeft, on_left)
    subscribe(MemberMoved, on_moved)
    subscribe(MembershipLapsed, on_lapsed)
    subscribe(MembersMerged, on_merged)
    subscribe(MembersParted, on_parted)
