"""One-time codes: sent to a number, accepted once."""

import hmac
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from toli.accounts.domain import codes
from toli.accounts.errors import CodeExpired, CodeWrong, PhoneInvalid, TooManyCodes
from toli.accounts.models import OneTimeCode
from toli.accounts.ports import TextMessage
from toli.accounts.services.sending import text_sender
from toli.core import clock
from toli.core.crypto import index_for
from toli.core.domain.phone import InvalidPhone, to_e164


@transaction.atomic
def request_code(*, phone: str, purpose: str, language: str) -> None:
    """Send a six digit code to ``phone``. Earlier codes for the purpose stop working.

    Does the same for known and unknown numbers, so that nobody learns which are members. All
    spellings of a number share one limit.

    Raises:
        PhoneInvalid. TooManyCodes: five were sent to this number within the hour.
    """
    number = phone_from(phone)
    index = index_for("phone").of(number)
    _lock(index)
    now = clock.now()
    sent = OneTimeCode.objects.filter(address_index=index, created_at__gt=now - timedelta(hours=1))
    if sent.count() >= codes.PER_HOUR:
        raise TooManyCodes
    OneTimeCode.objects.filter(address_index=index, purpose=purpose, expires_at__gt=now).update(expires_at=now)
    row = OneTimeCode.objects.create(
        address_index=index, purpose=purpose, code_hash=b"", created_at=now, expires_at=now + codes.LIFETIME
    )
    code = codes.new_code()
    row.code_hash = _code_hash(row, code)
    row.save(update_fields=["code_hash"])
    with translation.override(language):
        sentence = _("is your Toli code. Do not tell it to anyone, not even to a coordinator.")
    text = codes.message(code, urlsplit(settings.BASE_URL).netloc, sentence)
    text_sender().send_many([TextMessage(number, text, "code")])


def verify_code(*, phone: str, purpose: str, code: str) -> None:
    """Accept the last code sent to ``phone``, once.

    A wrong guess is counted in a transaction of its own (``durable``: a caller's transaction around it
    is refused), because raising must not undo the count.

    Raises:
        PhoneInvalid. CodeWrong: tells how many tries are left. CodeExpired: none is open, or the tries
        are used up.
    """
    index = index_for("phone").of(phone_from(phone))
    with transaction.atomic(durable=True):
        open_code = (
            OneTimeCode.objects.select_for_update()
            .filter(address_index=index, purpose=purpose, used_at__isnull=True, expires_at__gt=clock.now())
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


def _code_hash(row: OneTimeCode, code: str) -> bytes:
    key = codes.key_from(settings.SECRET_KEY)
    return codes.hash_code(code, key=key, row=row.pk, address_index=bytes(row.address_index), purpose=row.purpose)


def _lock(index: bytes) -> None:
    """One request at a time for a number, so that the hourly limit holds under concurrency."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(index[:8], "big", signed=True)])
