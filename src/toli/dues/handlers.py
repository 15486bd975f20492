"""Whoever joins a class with a fee owes it; whoever paid is told."""

from toli.core.events import subscribe
from toli.dues import services
from toli.dues.events import MoneyReceived
from toli.members.events import MemberEnrolled


def on_enrolled(event: MemberEnrolled) -> None:
    services.owe_for_joining(member_id=event.member_id)


def on_paid(event: MoneyReceived) -> None:
    services.tell_receipt(receipt_id=event.receipt_id)


def connect() -> None:
    """Listen."""
    subscribe(MemberEnrolled, on_enrolled)
    subscribe(MoneyReceived, on_paid)
