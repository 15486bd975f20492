"""A coordinator's phone in Python: it signs as the browser does."""

import base64
import uuid
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.utils import timezone

from toli.enrolment.domain.records import Record, key_from_jwk, key_id


def _base64url(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


class Phone:
    """``write`` gives an entry as it is sent; ``jwk`` is what the server is told."""

    def __init__(self, *, drive="drive", territory="B1"):
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.drive, self.territory = drive, territory
        point = self._key.public_key().public_numbers()
        self.jwk = {"kty": "EC", "crv": "P-256", "x": _base64url(point.x), "y": _base64url(point.y)}
        self.id = key_id(key_from_jwk(self.jwk))

    def write(self, name="Sunita Devi", phone="0123456789", **fields):
        at = timezone.now() - timedelta(minutes=5)
        given = {
            "id": str(uuid.uuid4()),
            "device": self.id,
            "drive": self.drive,
            "territory": self.territory,
            "language": "en",
            "name": name,
            "phone": phone,
            "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            **fields,
        }
        return {**given, "signature": self.sign(given)}

    def sign(self, given):
        text = Record(**{name: given[name] for name in Record.__slots__}).signed_text
        r, s = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(SHA256())))
        return base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()
