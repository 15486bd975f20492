"""What a gateway has to be told to be a sender of the outbox: the form of the sender."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from toli.integrations.sms.gateway import SHAPES, Gateway, GatewayError, parse
from toli.integrations.sms.times import ReportTimes

OTHERWISE = frozenset({"auth", "user", "plus", "accepted", "fields", "constants"})


@dataclass(frozen=True, slots=True)
class Settings:
    """``templates``: registered texts as TOML, a table for each name and language (``[meeting.hi]``) with ``id`` and
    ``text``. ``otherwise``: what the gateway does differently, as in docs/howto/send-texts.md. ``report_header``: where
    the signature of a report stands; empty: the key itself stands in the address, as ``?token=``."""

    url: str = field(metadata={"label": _("Address that texts are posted to")})
    secret: str = field(repr=False, metadata={"label": _("Key of the gateway"), "secret": True})
    header: str = field(metadata={"label": _("Registered sender (header)")})
    report_secret: str = field(repr=False, metadata={"label": _("Key of the delivery reports"), "secret": True})
    entity: str = field(default="", metadata={"label": _("Registered entity (DLT)")})
    templates: str = field(default="", metadata={"label": _("Registered texts (TOML)"), "long": True})
    shape: str = field(default="json", metadata={"label": _("Shape of requests"), "choices": tuple(SHAPES)})
    otherwise: str = field(default="", metadata={"label": _("What this gateway does otherwise (TOML)"), "long": True})
    report_header: str = field(default="X-Signature", metadata={"label": _("Header with the signature of a report")})
    report_time: str = field(default="", metadata={"label": _("Field of a report with its moment; empty: none")})
    report_time_pattern: str = field(
        default="", metadata={"label": _("How that moment is written, such as %y%m%d%H%M; empty: ISO 8601 or Unix")}
    )
    report_time_zone: str = field(default="UTC", metadata={"label": _("Time zone of moments without one")})

    def __post_init__(self) -> None:
        self.gateway()
        ReportTimes(self.report_time, self.report_time_pattern, self.report_time_zone)
        if any(not secret.isascii() or not secret.isprintable() for secret in (self.secret, self.report_secret)):
            raise ValueError("secret, report_secret: ASCII")

    def gateway(self) -> Gateway:
        """The gateway that is described. Raises GatewayError, which is a ValueError, with what is wrong."""
        more = _read("otherwise", self.otherwise)
        if unknown := set(more) - OTHERWISE:
            raise GatewayError(f"otherwise: {', '.join(sorted(unknown))}?")
        described = {"url": self.url, "header": self.header, "entity": self.entity, "shape": self.shape}
        return parse({**more, **described, "templates": _read("templates", self.templates)})


def _read(name: str, text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise GatewayError(f"{name}: {error}") from None
