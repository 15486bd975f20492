"""What a coordinator's phone writes down without a network, and how its signature is checked.

The device signs these lines with ECDSA on P-256 and SHA-256, as the browser's WebCrypto does (a signature is 64 bytes:
r and s). No field holds a line break, so no two records have the same lines.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

FORMAT = "toli-enrol-1"
COORDINATE = 32  # bytes, of a point on P-256 and of each half of a signature
LONGEST_FIELD = 200
MOST_RECORDS = 50  # in one batch
FAST_CLOCK = timedelta(minutes=15)
OLDEST = timedelta(days=14)  # a camp, the way home, and a village without a network


class NotARecord(ValueError):
    """The fields are missing, no text, too long, or not of the form that a phone writes."""


@dataclass(frozen=True, slots=True)
class Record:
    """As the phone wrote it. ``at`` is the phone's clock, in the ISO form of the browser."""

    id: str
    device: str
    drive: str
    territory: str
    language: str
    name: str
    phone: str
    at: str

    @property
    def uuid(self) -> UUID:
        """The key by which a record that comes twice is known."""
        return UUID(self.id)

    @property
    def captured_at(self) -> datetime:
        """When the phone's clock says that it was written."""
        return datetime.fromisoformat(self.at).astimezone(UTC)

    @property
    def signed_text(self) -> str:
        """What the device signs."""
        values = (self.id, self.drive, self.territory, self.language, self.name, self.phone, self.at, self.device)
        return "\n".join((FORMAT, *values))


def read_record(given: Mapping[str, Any]) -> tuple[Record, bytes]:
    """The record and its signature. Raises NotARecord."""
    try:
        values = {field.name: given[field.name] for field in fields(Record)}
        if not all(isinstance(value, str) and _is_line(value) for value in values.values()):
            raise NotARecord
        record = Record(**values)
        if str(record.uuid) != record.id or datetime.fromisoformat(record.at).tzinfo is None:
            raise NotARecord
        _ = record.captured_at
        signature = base64.b64decode(given["signature"], validate=True)
    except (KeyError, TypeError, ValueError, OverflowError, binascii.Error) as error:
        raise NotARecord from error
    if len(signature) != 2 * COORDINATE:
        raise NotARecord
    return record, signature


def _is_line(value: str) -> bool:
    value.encode()  # half of a surrogate pair is no text
    return 0 < len(value) <= LONGEST_FIELD and all(char >= " " for char in value)


def key_from_jwk(jwk: Mapping[str, Any]) -> bytes:
    """The point of a public key that a browser exported, 65 bytes. Raises ValueError: not a key on P-256."""
    if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256" or "d" in jwk:
        raise ValueError("not a public key on P-256")
    try:
        point = b"\x04" + _coordinate(jwk["x"]) + _coordinate(jwk["y"])
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("a coordinate is missing") from error
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    return point


def _coordinate(text: str) -> bytes:
    found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if len(found) != COORDINATE:
        raise ValueError("a coordinate has 32 bytes")
    return found


def is_signed(record: Record, signature: bytes, point: bytes) -> bool:
    """Whether the holder of the key wrote exactly these fields."""
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    r, s = int.from_bytes(signature[:COORDINATE], "big"), int.from_bytes(signature[COORDINATE:], "big")
    try:
        key.verify(encode_dss_signature(r, s), record.signed_text.encode(), ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def fingerprint(signature: bytes) -> bytes:
    """Tells later whether the same record comes again. Nobody finds a name or number from it: a signature is random."""
    return hashlib.sha256(signature).digest()


def key_id(point: bytes) -> str:
    """The name that a device goes by: from its key, so that phone and server agree on it without a word."""
    return hashlib.sha256(point).hexdigest()[:32]
