"""Whoever joins by a link is credited to it."""

from toli.core.events import subscribe
from toli.members.events import MemberEnrolled
from toli.sharing import services


def on_enrolled(event: MemberEnrolled) -> None:
    if event.source_code:
        services.record_conversion(member_id=event.member_id, code=event.source_code)


def connect() -> None:
    """Listen."""
    subscribe(MemberEnrolled, on_enrolled)
