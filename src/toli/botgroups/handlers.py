"""When a membership or a card ends, whoever had it leaves the group; when a group opens, its people hear of it."""

from toli.botgroups.account_book import AccountBook
from toli.cards.events import CardRevoked
from toli.chatgroups.events import GroupOpened, GroupsDivided
from toli.core import jobs
from toli.core.events import subscribe
from toli.members.domain.purposes import Channel
from toli.members.events import MemberDisowned, MemberLeft, MemberMoved, MembershipLapsed, MembersMerged
from toli.members.selectors import keep_addresses

OCCASIONS = (
    CardRevoked, GroupOpened, GroupsDivided, MemberDisowned, MemberLeft, MemberMoved, MembershipLapsed, MembersMerged,
)  # fmt: skip


def on_change(event: object) -> None:
    jobs.enqueue_once("botgroups.align")


def connect() -> None:
    """Listen, and tell where members are found on the platform."""
    keep_addresses(Channel.TELEGRAM, AccountBook())
    for occasion in OCCASIONS:
        subscribe(occasion, on_change)
