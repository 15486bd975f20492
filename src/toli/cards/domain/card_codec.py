"""What stands on a card, how it is signed, and how it fits into a QR code.

A card's address is ``/V/<number>-<expiry>-<key>-<grade><place>/<signature>``: letters, digits and hyphens only,
so that the QR code can use its compact alphanumeric mode; any camera opens it, and a program that knows the
public key checks it without a network. The signature (Ed25519, RFC 8032) covers all that stands before it.
Cards of the first form end after the key: they were signed without grade and place, and stay good.

With a site of 24 characters and the place ``S24-AC034-B0142`` an address has 165 characters: QR version 7.
"""

import base64
import re
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from toli.core.domain import base32

_PAIRS = [first + second for first in base32.ALPHABET for second in base32.ALPHABET]
NUMBER_BODY = 8  # characters, 40 random bits
SIGNATURE = 64  # bytes
EPOCH = date(2020, 1, 1)
MOST_KEY = 31  # the key is one character of an address
_EXPIRY = 4  # characters: days since EPOCH, enough for 2,800 years
_PREFIXES = (b"toli card 1\0", b"toli card 2\0")
_PLACE = re.compile(r"[0-9A-Z-]{0,20}")


class CardUnreadable(ValueError):
    """The text is not the address of a card."""


class Grade(StrEnum):
    """The class of a membership, as it stands in the QR code. None: a card of the first form."""

    NONE = ""
    PRIMARY = "P"
    ACTIVE = "A"


@dataclass(frozen=True, slots=True)
class CardFace:
    """The signed facts of a card. ``number`` is without hyphens; ``place`` the code of the holder's territory when
    the card was issued, empty where a QR code cannot hold it compactly."""

    number: str
    valid_until: date
    key_version: int
    grade: str = Grade.NONE
    place: str = ""

    def message(self) -> bytes:
        """The bytes that are signed."""
        facts = f"{self.number}|{self.valid_until.isoformat()}|{self.key_version}"
        return (
            _PREFIXES[1] + f"{facts}|{self.grade}|{self.place}".encode()
            if self.grade
            else _PREFIXES[0] + facts.encode()
        )


def place_on_card(code: str) -> str:
    """The code of a territory as it stands on a card: itself, or nothing where it is too long or has other signs."""
    return code if _PLACE.fullmatch(code) else ""


def new_number() -> str:
    """Ten characters: eight random ones and two that check them."""
    return base32.with_checksum(base32.random_code(NUMBER_BODY))


def new_numbers(count: int) -> list[str]:
    """As many numbers, ten times as fast as one by one: two characters are ten bits, and the check is below 2**10."""
    drawn = secrets.token_bytes(5 * count)
    values = (int.from_bytes(drawn[start : start + 5], "big") for start in range(0, len(drawn), 5))
    return [
        _PAIRS[value >> 30]
        + _PAIRS[value >> 20 & 1023]
        + _PAIRS[value >> 10 & 1023]
        + _PAIRS[value & 1023]
        + _PAIRS[value % base32.CHECK_PRIME]
        for value in values
    ]


def is_number(number: str) -> bool:
    """Whether the check characters of a number (without hyphens) fit; says nothing of who holds it."""
    return len(number) == NUMBER_BODY + 2 and base32.is_valid(number)


def shown(number: str) -> str:
    """The number as people read it: ``7Q3K-9M2X-PA``."""
    return f"{number[:4]}-{number[4:8]}-{number[8:]}"


def sign(face: CardFace, seed: bytes) -> bytes:
    """The 64 byte signature under a 32 byte private key."""
    return _private(seed).sign(face.message())


def is_signed(face: CardFace, signature: bytes, public_key: bytes) -> bool:
    """Whether this organisation's key signed exactly these facts."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, face.message())
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=8)
def _private(seed: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_key(seed: bytes) -> bytes:
    """The 32 byte public key that belongs to a private one."""
    return _private(seed).public_key().public_bytes_raw()


def encode(face: CardFace, signature: bytes) -> str:
    """The address of a card, below the site's root."""
    expiry = base32.encode_int((face.valid_until - EPOCH).days, _EXPIRY)
    key = base32.encode_int(face.key_version, 1)
    sealed = base64.b32encode(signature).decode().rstrip("=")
    holder = f"-{face.grade}{face.place}" if face.grade else ""
    return f"/V/{face.number}-{expiry}-{key}{holder}/{sealed}"


def parse(text: str) -> tuple[CardFace, bytes]:
    """Facts and signature of an address, with or without the site in front, in any case.

    There is exactly one address for a card: what :func:`encode` would not write is not read either.

    Raises:
        CardUnreadable: it is not the address of a card, or was mistyped.
    """
    parts = text.strip().upper().rstrip("/").split("/")[-2:]
    try:
        facts, sealed = parts
        number, expiry, key, *holder = facts.split("-", 3)
        until = EPOCH + timedelta(days=base32.decode_int(expiry))
        face = CardFace(number, until, base32.decode_int(key), *_holder(*holder))
        signature = base64.b32decode(sealed + "=" * (-len(sealed) % 8))
        if encode(face, signature) != f"/V/{facts}/{sealed}":
            raise ValueError("not in the form that it was written in")
    except (ValueError, OverflowError) as error:
        raise CardUnreadable(text) from error
    if not is_number(number) or len(signature) != SIGNATURE:
        raise CardUnreadable(text)
    return face, signature


def _holder(text: str = "") -> tuple[Grade, str]:
    """Grade and place; nothing on a card of the first form. Raises ValueError."""
    grade, place = Grade(text[:1]), text[1:]
    if place != place_on_card(place):
        raise ValueError("no code of a place")
    return grade, place
