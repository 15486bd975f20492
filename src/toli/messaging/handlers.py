"""What messaging does when its own news, or that of members, has been delivered."""

from toli.core.events import subscribe
from toli.members.domain.purposes import Channel
from toli.members.events import MemberDisowned, MemberLeft, MembersMerged
from toli.members.selectors import keep_addresses
from toli.messaging.device_book import DeviceBook
from toli.messaging.events import AddressesExpired, OptOutReported, RecipientMissed, StopRequested
from toli.messaging.services import devices, effects, stopping


def connect() -> None:
    """Called once, when Django starts."""
    subscribe(OptOutReported, effects.record_opt_out)
    subscribe(StopRequested, stopping.stop_writing)
    subscribe(RecipientMissed, effects.try_otherwise)
    subscribe(AddressesExpired, devices.forget_expired)
    subscribe(MembersMerged, devices.hand_over)
    subscribe(MemberLeft, devices.forget_devices)
    subscribe(MemberDisowned, devices.forget_devices)
    keep_addresses(Channel.PUSH, DeviceBook())
