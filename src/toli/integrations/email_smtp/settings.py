"""What has to be told of a mail server: the form of the sender."""

from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext_lazy as _

from toli.core.domain.addresses import LOOPBACK
from toli.messaging.domain.mail import InvalidMailAddress, to_mail_address

PORTS = {"smtps": 465, "smtp": 587}
LONGEST_BOUNCE = 16  # characters before the @: with a token behind it there are 64


@dataclass(frozen=True, slots=True)
class Settings:
    """``server``: ``smtps://host:465`` speaks TLS from the first byte; ``smtp://host:587`` by STARTTLS and not without,
    except on this machine. ``bounces``: where mail servers tell what they cannot deliver; ``+`` and a token are put
    before its @, and what arrives there is given to `toli email bounces`. Empty: nobody is told."""

    server: str = field(metadata={"label": _("Mail server (smtps://host:465 or smtp://host:587)")})
    address: str = field(metadata={"label": _("Address that messages come from")})
    name: str = field(metadata={"label": _("Name that messages come from")})
    user: str = field(default="", metadata={"label": _("Login at the mail server")})
    password: str = field(default="", repr=False, metadata={"label": _("Password at the mail server"), "secret": True})
    bounces: str = field(default="", metadata={"label": _("Address that undeliverable messages come back to")})

    def __post_init__(self) -> None:
        parts = self.parts
        if parts.scheme not in PORTS or not parts.hostname or parts.username or parts.path.strip("/") or parts.query:
            raise ValueError("server: smtps://host:465 / smtp://host:587")
        _checked("address", self.address)
        if self.bounces and len(_checked("bounces", self.bounces).partition("@")[0]) > LONGEST_BOUNCE:
            raise ValueError(f"bounces: at most {LONGEST_BOUNCE} characters before the @")
        if not self.name.isprintable() or not 1 <= len(self.name.strip()) <= 60:
            raise ValueError("name: 1-60")
        if bool(self.user) != bool(self.password):
            raise ValueError("user, password: both or neither")

    @property
    def parts(self) -> SplitResult:
        """The address of the server in its parts. Raises ValueError: it is none."""
        parts = urlsplit(self.server)
        _number = parts.port  # raises where it is none
        return parts

    @property
    def host(self) -> str:
        """The server's name."""
        return self.parts.hostname or ""

    @property
    def port(self) -> int:
        """The port that is written down, or the usual one."""
        return self.parts.port or PORTS[self.parts.scheme]

    @property
    def tls_at_once(self) -> bool:
        """Whether TLS begins with the connection."""
        return self.parts.scheme == "smtps"

    @property
    def starttls(self) -> bool:
        """Whether TLS begins by STARTTLS: everywhere but on this machine, where emulators are."""
        return not self.tls_at_once and self.host not in LOOPBACK

    @property
    def domain(self) -> str:
        """Whose messages these are."""
        return self.address.rpartition("@")[2]


def _checked(name: str, text: str) -> str:
    try:
        found = to_mail_address(text)
    except InvalidMailAddress:
        raise ValueError(f"{name}: name@example.org") from None
    if found != text:
        raise ValueError(f"{name}: {found}?")
    return found
