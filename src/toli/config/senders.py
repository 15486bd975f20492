"""Which text senders there are, and whether those that were chosen can work: asked before Toli starts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from toli.core.domain.addresses import LOOPBACK, is_secure
from toli.integrations.sms.gateway import GatewayError, read

TEXT_SENDERS = {
    "outbox": "toli.integrations.outbox.provider.OutboxSender",
    "email-file": "toli.integrations.email_file.provider.EmailFileSender",
    "console": "toli.integrations.console.provider.ConsoleSender",
    "sms": "toli.integrations.sms.provider.SmsSender",
    "telegram": "toli.integrations.telegram.provider.TelegramSender",
}
FOR_TRYING = frozenset({"outbox", "email-file", "console"})  # nobody's phone rings
LANGUAGES = ("hi", "en")


def names(text: str) -> tuple[str, ...]:
    """Keys of senders, or dotted paths of classes, in the order in which they are tried."""
    found = tuple(item.strip() for item in text.split(",") if item.strip())
    if not found or len(set(found)) < len(found):
        raise ValueError(text)
    if any(name not in TEXT_SENDERS and "." not in name for name in found):
        raise ValueError(text)
    return found


def secret(text: str) -> str:
    """A secret, or what the file holds that ``file:/path`` names."""
    if text.startswith("file:"):
        try:
            text = Path(text.removeprefix("file:")).read_text(encoding="utf-8").strip()
        except OSError:
            raise ValueError(text) from None
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("no secret")
    return text


def service_url(text: str) -> str:
    """https, or http on this machine, for an emulator."""
    parts = urlsplit(text)
    if not is_secure(text) or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError(text)
    return text.rstrip("/")


def problems(values: Mapping[str, Any]) -> list[str]:
    """What is missing or wrong for the senders that TOLI_SENDER names."""
    chosen = values.get("TOLI_SENDER", ())
    found = []
    if "console" in chosen and urlsplit(values.get("TOLI_BASE_URL", "")).hostname not in LOOPBACK:
        found.append("TOLI_SENDER names console, which shows codes to whoever reads the server's output: name sms.")
    if "telegram" in chosen and not values.get("TOLI_TELEGRAM_SECRET"):
        found.append("TOLI_SENDER names telegram: set TOLI_TELEGRAM_SECRET to the token of your gateway account.")
    if "sms" in chosen:
        found += _sms_problems(values, alone=set(chosen) == {"sms"})
    return found


def _sms_problems(values: Mapping[str, Any], *, alone: bool) -> list[str]:
    found = []
    if not values.get("TOLI_SMS_SECRET"):
        found.append("TOLI_SENDER names sms: set TOLI_SMS_SECRET to the key that the gateway gave you.")
    path = values.get("TOLI_SMS_FILE")
    if path is None:
        return [*found, "TOLI_SENDER names sms: set TOLI_SMS_FILE (see docs/howto/send-texts.md)."]
    try:
        missing = read(path).missing(("code",), LANGUAGES)
    except GatewayError as error:
        return [*found, f"TOLI_SMS_FILE is {str(path)!r}: {error}."]
    if alone and missing:
        found.append(f"TOLI_SMS_FILE has no template {' and '.join(missing)}: nobody could sign in.")
    return found
