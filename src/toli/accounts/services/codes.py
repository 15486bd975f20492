"""One-time codes: sent to a number, accepted once."""

import hmac
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from toli.accounts.domain import codes
from toli.accounts.domain.sending import CODE, SURELY_NOT_SENT
from toli.accounts.errors import CodeExpired, CodeWrong, PhoneInvalid, TextNotSent
from toli.accounts.models import OneTimeCode
from toli.accounts.ports import TextMessage
from toli.accounts.services.sending import place_to_wait, text_sender
from toli.core import clock, limits
from toli.core.crypto import index_for
from toli.core.domain.limits import LIMITS, network_of
from toli.core.domain.phone import InvalidPhone, to_e164
from toli.core.errors import Unavailable

INDEX = "phone"


def request_code(*, phone: str, purpose: str, language: str, address: str = "") -> None:
    """Send a six digit code to ``phone``. Earlier codes for the purpose stop working.

    Does the same for known and unknown numbers, so that nobody learns which are members. All
    spellings of a number share one limit. ``address``: where the wish comes from, counted as well.

    Raises:
        PhoneInvalid. TooManyRequests: for this number, from this address, or by everybody together.
        TextNotSent: it surely did not leave; the try is not counted. When it may have left, this is no error: the
        person is asked for the code, and can have another.
    """
    number = phone_from(phone)
    index = index_for(INDEX).of(number)
    _count(index, address)
    try:
        with place_to_wait(text_sender()):
            _send(number, index, purpose, language)
    except Unavailable:
        _forgive(index, address)
        raise


def _count(index: bytes, address: str) -> None:
    """The address first: whoever has used up theirs uses up nobody's number."""
    if address:
        limits.hit("codes.address", network_of(address))
    limits.hit("codes.number", index.hex())
    limits.hit("codes.number_day", index.hex())
    limits.hit("codes.all", "all", limit=settings.TOLI_CODES_PER_HOUR, per=LIMITS["codes.all"].per)


def _forgive(index: bytes, address: str) -> None:
    """A code that could not leave counts for nobody."""
    for name, key in (("codes.number", index.hex()), ("codes.number_day", index.hex()), ("codes.all", "all")):
        limits.forgive(name, key)
    if address:
        limits.forgive("codes.address", network_of(address))


@transaction.atomic
def _send(number: str, index: bytes, purpose: str, language: str) -> None:
    _lock(index)
    now = clock.now()
    _of(number).filter(purpose=purpose, expires_at__gt=now).update(expires_at=now)
    row = OneTimeCode.objects.create(
        address_index=index, purpose=purpose, code_hash=b"", created_at=now, expires_at=now + codes.LIFETIME
    )
    code = codes.new_code()
    row.code_hash = _code_hash(row, code)
    row.save(update_fields=["code_hash"])
    message = TextMessage(number, code_text(code, language), CODE, language, code)
    (receipt,) = text_sender().send_many([message])
    if receipt.outcome in SURELY_NOT_SENT:
        raise TextNotSent


def code_text(code: str, language: str) -> str:
    """The words of the message that brings a code. They are registered with operators: see docs/howto/send-texts.md."""
    with translation.override(language):
        sentence = _("is your Toli code. Do not tell it to anyone, not even to a coordinator.")
    return codes.message(code, urlsplit(settings.BASE_URL).netloc, sentence)


def verify_code(*, phone: str, purpose: str, code: str, address: str = "") -> None:
    """Accept the last code sent to ``phone``, once. ``address``: where the guess comes from, counted.

    A wrong guess is counted in a transaction of its own (``durable``: a caller's transaction around it
    is refused), because raising must not undo the count.

    Raises:
        PhoneInvalid. CodeWrong: tells how many tries are left. CodeExpired: none is open, or the tries
        are used up. TooManyRequests: this address guesses too often.
    """
    number = phone_from(phone)
    if address:
        limits.hit("codes.guess_address", network_of(address))
    with transaction.atomic(durable=True):
        open_code = (
            _of(number)
            .select_for_update()
            .filter(purpose=purpose, used_at__isnull=True, expires_at__gt=clock.now())
            .order_by("-created_at", "-pk")
            .first()
        )
        if open_code is None or open_code.tries >= codes.TRIES:
            raise CodeExpired
        right = hmac.compare_digest(bytes(open_code.code_hash), _code_hash(open_code, codes.clean(code)))
        if right:
            open_code.used_at = clock.now()
        else:
            open_code.tries += 1
        open_code.save(update_fields=["used_at", "tries"])
    if not right:
        raise CodeWrong(tries_left=codes.TRIES - open_code.tries)


def phone_from(text: str) -> str:
    """The number that a person wrote, in E.164. Raises PhoneInvalid."""
    try:
        return to_e164(text)
    except InvalidPhone:
        raise PhoneInvalid from None


def _of(number: str) -> QuerySet[OneTimeCode]:
    """Codes sent to the number, under whichever key of the index."""
    return OneTimeCode.objects.filter(address_index__in=index_for(INDEX).all_of(number))


def _code_hash(row: OneTimeCode, code: str) -> bytes:
    key = codes.key_from(settings.SECRET_KEY)
    return codes.hash_code(code, key=key, row=row.pk, address_index=bytes(row.address_index), purpose=row.purpose)


def _lock(index: bytes) -> None:
    """One request at a time for a number, so that only the last code works when two come at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(index[:8], "big", signed=True)])
