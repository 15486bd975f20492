"""What messaging does when its own news, or that of members, has been delivered."""

from toli.core.events import subscribe
from toli.members.domain.purposes import Channel
from toli.members.events import MemberDisowned, MemberLeft, MembersMerged
from toli.members.selectors import keep_addresses
from toli.messaging.device_book import DeviceBook
from toli.messaging.events import AddressesExpired, OptOutReported, RecipientMissed, StopRequested
from toli.messaging.mail_book import MailBook
from toli.messaging.services import devices, effects, mailboxes, stopping


def connect() -> None:
    """Called once, when Django starts."""
    subscribe(OptOutReported, effects.record_opt_out)
    subscribe(StopRequested, stopping.stop_writing)
    subscribe(RecipientMissed, effects.try_otherwise)
    subscribe(AddressesExpired, devices.forget_expired)
    subscribe(AddressesExpired, mailboxes.note_failed)
    subscribe(MembersMerged, devices.hand_over)
    subscribe(MembersMerged, mailboxes.hand_over)
    subscribe(MemberLeft, devices.forget_devices)
    subscribe(MemberDisowned, devices.forget_devices)
    subscribe(MemberLeft, mailboxes.forget_mailbox)
    subscribe(MemberDisowned, mailboxes.forget_mailbox)
    keep_addresses(Channel.PUSH, DeviceBook())
    keep_addresses(Channel.EMAIL, MailBook())
