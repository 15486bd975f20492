"""What a browser hands over when somebody lets it show notifications (W3C Push API). Pure."""

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

LONGEST = 1000
POINT, SECRET = 65, 16  # bytes: a point of P-256 as RFC 8291 wants it, and the secret beside it


@dataclass(frozen=True, slots=True)
class Subscription:
    """``endpoint``: where a push service takes notifications for this browser: whoever knows it may send there.
    ``p256dh``, ``auth``: the browser's keys. ``key``: the public key of ours that it was made for."""

    endpoint: str = field(repr=False)
    p256dh: str = field(repr=False)
    auth: str = field(repr=False)
    key: str

    @classmethod
    def from_json(cls, found: Any, key: str) -> "Subscription":
        """As a browser writes it. Raises ValueError: it is none."""
        keys = found.get("keys") if isinstance(found, Mapping) else None
        if not isinstance(keys, Mapping):
            raise ValueError("no keys")
        made = cls(str(found.get("endpoint")), str(keys.get("p256dh")), str(keys.get("auth")), key)
        if len(_bytes(made.p256dh)) != POINT or _bytes(made.p256dh)[0] != 4 or len(_bytes(made.auth)) != SECRET:
            raise ValueError("keys")
        parts = urlsplit(made.endpoint)
        if (
            len(made.endpoint) > LONGEST
            or parts.scheme not in {"https", "http"}
            or not parts.hostname
            or parts.username
        ):
            raise ValueError("endpoint")
        return made

    def told(self) -> dict[str, str]:
        """All of it, as plain values."""
        return asdict(self)


def _bytes(text: str) -> bytes:
    """Raises ValueError: it is no base 64."""
    return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
