"""When a membership or a card ends, whoever had it leaves the group; when a group opens, its people hear of it."""

from toli.cards.events import CardRevoked
from toli.chatgroups.events import GroupOpened, GroupsDivided
from toli.core import jobs
from toli.core.events import subscribe
from toli.members.events import MemberDisowned, MemberLeft, MemberMoved, MembershipLapsed, MembersMerged

OCCASIONS = (
    CardRevoked, GroupOpened, GroupsDivided, MemberDisowned, MemberLeft, MemberMoved, MembershipLapsed, MembersMerged,
)  # fmt: skip


def on_change(event: object) -> None:
    jobs.enqueue_once("botgroups.align")


def connect() -> None:
    """Listen."""
    for occasion in OCCASIONS:
        subscribe(occasion, on_change)
