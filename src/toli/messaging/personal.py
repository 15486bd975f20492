"""What was sent to members, and what they wrote back. No number is kept here."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from toli.core.crypto import cipher_for
from toli.core.personal_data import Holding, Person, Row, free, register
from toli.members.selectors.citizens import number_hash
from toli.members.services import citizen_stop_link, stop_link
from toli.messaging.mail_book import ADDRESS_CONTEXT
from toli.messaging.models import Inbound, MailAddress, Message, PushDevice, Respite
from toli.messaging.ports import Content
from toli.messaging.providers import provider_class

TEXT_CONTEXT = "messaging_inbound.text"


def _theirs(person: Person) -> Q:
    """As a member, and as a citizen with one of these numbers before."""
    hashes = [number_hash(phone) for phone in person.phones]
    return Q(member_id=person.member_id) | Q(citizen__number_hash__in=hashes)


def _messages(person: Person) -> QuerySet[Message]:
    return Message.objects.filter(_theirs(person))


def _erase_messages(person: Person) -> int:
    """What was sent stays counted; nobody can be found from it."""
    Respite.objects.filter(_theirs(person)).delete()
    return _messages(person).update(member=None, citizen=None, params=None)


def _export_messages(person: Person) -> list[Row]:
    found = _messages(person).select_related("batch", "sender").order_by("pk")
    return [
        {
            "at": message.sent_at or message.created_at,
            "sender": message.sender.name,
            "text": _text_of(message) or message.batch.template,
            "state": message.state,
        }
        for message in found
    ]


def _text_of(message: Message) -> str:
    """What they read, their own link in it."""
    batch, member_id = message.batch, message.member_id or 0
    channel = provider_class(message.sender.provider).channel

    def stop() -> str:
        if message.citizen_id is not None:
            return citizen_stop_link(message.citizen_id, channel)
        return stop_link(member_id, batch.purpose, channel)

    return Content.from_json(batch.content).told(message.params or (), stop).text


def _export_inbound(person: Person) -> list[Row]:
    cipher = cipher_for(TEXT_CONTEXT)
    return [
        {
            "at": item.received_at,
            "text": cipher.decrypt(bytes(item.text_sealed), row=item.pk) if item.text_sealed else item.kind,
        }
        for item in Inbound.objects.filter(member_id=person.member_id).order_by("pk")
    ]


register(
    Holding(
        key="messaging.messages",
        label=_("Messages sent to you"),
        tables=("messaging_message", "messaging_attempt", "messaging_respite"),
        count=lambda person: _messages(person).count(),
        erase=_erase_messages,
        export=_export_messages,
        fields={"at": _("When"), "sender": _("Sent by"), "text": _("Text"), "state": _("State")},
        kept_because=_("How many messages went out stays counted; nobody can be found from it any more."),
    )
)
register(
    Holding(
        key="messaging.inbound",
        label=_("What you wrote to us"),
        tables=("messaging_inbound", "messaging_receivedcallback"),
        count=lambda person: Inbound.objects.filter(member_id=person.member_id).count(),
        erase=lambda person: Inbound.objects.filter(member_id=person.member_id).delete()[0],
        export=_export_inbound,
        fields={"at": _("When"), "text": _("Text")},
    )
)
register(
    Holding(
        key="messaging.devices",
        label=_("Phones and browsers that get notifications"),
        tables=("messaging_pushdevice",),
        count=lambda person: PushDevice.objects.filter(member_id=person.member_id).count(),
        erase=lambda person: PushDevice.objects.filter(member_id=person.member_id).delete()[0],
        export=lambda person: [
            {"at": device.added_at, "name": device.name}
            for device in PushDevice.objects.filter(member_id=person.member_id).order_by("pk")
        ],
        fields={"at": _("Since"), "name": _("Device")},
    )
)


def _export_mailbox(person: Person) -> list[Row]:
    cipher = cipher_for(ADDRESS_CONTEXT)
    return [
        {
            "address": cipher.decrypt(bytes(item.address_sealed), row=item.pk),
            "added_at": item.added_at,
            "confirmed_at": item.confirmed_at,
            "failed_at": item.failed_at,
        }
        for item in MailAddress.objects.filter(member_id=person.member_id)
    ]


register(
    Holding(
        key="messaging.mailbox",
        label=_("Your e-mail address"),
        tables=("messaging_mailaddress",),
        count=lambda person: MailAddress.objects.filter(member_id=person.member_id).count(),
        erase=lambda person: MailAddress.objects.filter(member_id=person.member_id).delete()[0],
        export=_export_mailbox,
        fields={
            "address": _("E-mail address"),
            "added_at": _("Given"),
            "confirmed_at": _("Confirmed"),
            "failed_at": _("Mail came back"),
        },
    )
)
free(
    messaging_sender="the organisation's own numbers and keys",
    messaging_portfolio="limits",
    messaging_batch="what is said to everybody alike",
    messaging_turn="instants",
    messaging_spent="counts",
    messaging_control="one row about the installation",
)
