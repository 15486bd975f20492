"""What has to be told for notifications: the form of the sender."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from toli.core.domain.addresses import is_secure
from toli.integrations.web_push import vapid

# Of Chrome and what is made of it, Firefox, Safari, Edge.
SERVICES = "fcm.googleapis.com push.services.mozilla.com push.apple.com notify.windows.com"
LONGEST_TTL = 28 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Settings:
    """``services``: hosts of push services; a host stands for those below it. ``private_key``: made when the sender is
    set up. ``earlier_keys``: those before it, as each browser is bound to the key that it was asked with until it comes
    by again. ``ttl``: seconds that a push service keeps what it cannot
    deliver: what comes later than the day it was meant for is better lost."""

    title: str = field(metadata={"label": _("Heading of notifications")})
    contact: str = field(metadata={"label": _("Address for the makers of browsers (mailto: or https:)")})
    private_key: str = field(
        default="", repr=False, metadata={"label": _("Private key (VAPID)"), "secret": True, "make": vapid.new_key}
    )
    earlier_keys: str = field(default="", repr=False, metadata={"secret": True, "earlier_of": "private_key"})
    services: str = field(default=SERVICES, metadata={"label": _("Hosts of push services")})
    ttl: str = field(default="3600", metadata={"label": _("Seconds that an undelivered notification is kept")})

    def __post_init__(self) -> None:
        if not 1 <= len(self.title) <= 60:
            raise ValueError("title: 1-60")
        parts = urlsplit(self.contact)
        if not (parts.scheme == "mailto" and "@" in parts.path) and not (parts.scheme == "https" and parts.hostname):
            raise ValueError("contact: mailto:…@… / https://…")
        if not self.ttl.isascii() or not self.ttl.isdigit() or int(self.ttl) > LONGEST_TTL:
            raise ValueError(f"ttl: 0-{LONGEST_TTL}")
        if not self.services.split():
            raise ValueError("services: …")
        for key in self.keys:
            vapid.public_key(key)

    @property
    def keys(self) -> tuple[str, ...]:
        """All private keys, today's first."""
        return (self.private_key, *self.earlier_keys.split())

    def accepts(self, endpoint: str) -> bool:
        """Whether this is an address of one of the services; http only on this machine."""
        host = (urlsplit(endpoint).hostname or "").rstrip(".").lower()
        return is_secure(endpoint) and any(
            host == known or host.endswith(f".{known}") for known in self.services.lower().split()
        )
