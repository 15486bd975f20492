"""Who we are to push services (VAPID, RFC 8292): a key of P-256, and short tokens signed with it."""

import base64
import os
import time
from functools import cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

LASTS = 12 * 3600  # seconds; services take 24 hours at most


def new_key() -> str:
    """A private key as it is kept: 32 bytes in base 64 for addresses."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return encoded(number.to_bytes(32, "big"))


@cache
def signer(private_key: str) -> Vapid02:
    """What signs with this key. Raises ValueError: it is none."""
    if len(private_key) != 43:
        raise ValueError("private_key")
    return Vapid02.from_raw(private_key.encode())


def public_key(private_key: str) -> str:
    """What browsers have to know: the point, uncompressed, in base 64 for addresses."""
    return encoded(signer(private_key).public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def authorisation(private_key: str, *, endpoint: str, contact: str) -> str:
    """The header for a push service, which learns from ``contact`` whom to ask when we misbehave."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int(time.time()) + LASTS, "sub": contact}
    return str(signer(private_key).sign(claims)["Authorization"])


def new_salt() -> bytes:
    """Of one message (RFC 8188)."""
    return os.urandom(16)


def encoded(data: bytes) -> str:
    """Base 64 for addresses, without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text: str) -> bytes:
    """The bytes. Raises ValueError."""
    text = text.rstrip("=")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
