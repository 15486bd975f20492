"""E-mail as a channel: one mail server, which takes messages and tells later by mail what it could not deliver."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from email.utils import format_datetime
from typing import Any, ClassVar

import orjson

from toli.core import clock
from toli.integrations.email_smtp import pictures
from toli.integrations.email_smtp.line import Lines, Parcel
from toli.integrations.email_smtp.rendering import CAPABILITIES, mail_of, message_id, place_of
from toli.integrations.email_smtp.settings import Settings
from toli.messaging.domain.mail import InvalidMailAddress, to_mail_address
from toli.messaging.errors import MessageRefused
from toli.messaging.ports import Callback, CallbackRejected, Capabilities, Flight, Letter, Payload, SendReceipt
from toli.messaging.services.returned import return_address

CALL_SECONDS = 20.0
_lines = Lines()


class EmailProvider:
    """One mail server. It takes one message after the other on one connection for each lane, which stays open."""

    key: ClassVar[str] = "email_smtp"
    channel: ClassVar[str] = "email"
    capabilities: ClassVar[Capabilities] = CAPABILITIES
    settings_schema: ClassVar[type] = Settings
    lingers = timedelta(0)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def render(self, letter: Letter) -> Payload:
        mailbox, to = _address(letter.to)
        bounces = self._settings.bounces
        returns = return_address(bounces, letter.correlation, int(mailbox or 0)) if bounces else self._settings.address
        picture = pictures.name_of(letter.content.media_link) if letter.content.media else ""
        mail = mail_of(letter, to, self._settings, returns=returns, picture=picture)
        ref = message_id(letter.correlation, self._settings)
        parts = {"returns": returns, "to": to, "mailbox": mailbox, "mail": mail, "ref": ref}
        if picture:
            parts |= {"picture": picture, "place": place_of(letter.correlation)}
        return orjson.dumps(parts)

    async def send(self, payloads: Sequence[Payload], *, flight: Flight) -> list[SendReceipt]:
        seconds = flight.session.timeout.total or CALL_SECONDS
        at_hand: dict[str, str] = {}
        async with _lines.one(self._settings) as line:

            async def hand_over(payload: Payload) -> SendReceipt:
                found = orjson.loads(payload)
                if (name := found.get("picture")) and name not in at_hand:
                    at_hand[name] = await pictures.at_hand(name)
                return await line.send(_parcel(found, at_hand), seconds=seconds)

            return await flight.each(payloads, hand_over, at_once=1)

    def greet(self, callback: Callback) -> bytes:
        raise CallbackRejected("mail servers report by mail")  # messaging/services/returned.py

    def verify(self, callback: Callback) -> None:
        raise CallbackRejected("mail servers report by mail")

    def parse_callback(self, body: bytes) -> Sequence[Any]:
        return []


def _address(to: str) -> tuple[str, str]:
    """Key and address as the address book writes them (messaging/mail_book.py); an address alone has no key."""
    mailbox, _colon, address = to.rpartition(":")
    try:
        if mailbox and not mailbox.isdigit():
            raise InvalidMailAddress(mailbox)
        return mailbox, to_mail_address(address)
    except InvalidMailAddress:
        raise MessageRefused(reason="no_address") from None


def _parcel(found: Mapping[str, str], shown: Mapping[str, str]) -> Parcel:
    """As it leaves: with its picture, and with the date of the call, which is no part of what was rendered."""
    mail = found["mail"].replace(found["place"], shown[found["picture"]], 1) if "picture" in found else found["mail"]
    dated = f"Date: {format_datetime(clock.now())}\r\n{mail}"
    return Parcel(found["returns"], found["to"], found["mailbox"], dated.encode("ascii"), found["ref"][:120])
