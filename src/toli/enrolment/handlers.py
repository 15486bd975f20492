"""Who says that they never joined counts against whoever brought their number."""

from toli.core.events import subscribe
from toli.enrolment.services import guarding
from toli.members.events import MemberDisowned


def on_disowned(event: MemberDisowned) -> None:
    guarding.count_not_me(member_id=event.member_id)


def connect() -> None:
    """Listen."""
    subscribe(MemberDisowned, on_disowned)
