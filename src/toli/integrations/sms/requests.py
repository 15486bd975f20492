"""The request that hands one text to the gateway. Pure."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from toli.accounts.ports import TextMessage
from toli.core.posting import Post
from toli.integrations.sms.gateway import Gateway
from toli.integrations.sms.segments import size_of


def fields_of(gateway: Gateway, message: TextMessage) -> dict[str, Any]:
    """What the gateway is told, by the names that it uses."""
    template = gateway.templates[message.kind, message.language]
    return named(gateway, to=message.to, text=message.text, template_id=template.id)


def named(gateway: Gateway, *, to: str, text: str, template_id: str, reference: str = "") -> dict[str, Any]:
    """The same for any text. ``reference``: our own name for it, which the gateway repeats in its reports."""
    known = {
        "to": to if gateway.plus else to.removeprefix("+"),
        "text": text,
        "header": gateway.header,
        "entity": gateway.entity,
        "template": template_id,
        "unicode": size_of(text).unicode,
        "reference": reference,
    }
    told = {name: known[what] for what, name in gateway.fields.items() if name and (what != "reference" or reference)}
    return {**gateway.constants, **told}


def request(gateway: Gateway, message: TextMessage, secret: str) -> Post:
    """The request, ready to leave."""
    return Post(gateway.url, body_of(gateway, fields_of(gateway, message)), headers_of(gateway, secret))


def body_of(gateway: Gateway, fields: Mapping[str, Any]) -> bytes:
    """The fields in the shape that the gateway takes."""
    if gateway.shape == "json":
        return json.dumps(fields, ensure_ascii=False).encode()
    return urlencode(_plain(fields)).encode()


def headers_of(gateway: Gateway, secret: str) -> dict[str, str]:
    """What stands above each request."""
    name, value = authorisation(gateway, secret)
    kind = "application/json" if gateway.shape == "json" else "application/x-www-form-urlencoded"
    return {"Content-Type": kind, name: value}


def authorisation(gateway: Gateway, secret: str) -> tuple[str, str]:
    """The header by which the gateway knows us: its name and value."""
    if gateway.user:
        return "Authorization", "Basic " + base64.b64encode(f"{gateway.user}:{secret}".encode()).decode()
    name, _, value = gateway.auth.partition(": ")
    return name, value.replace("{secret}", secret)


def _plain(fields: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in fields.items()}


def is_accepted(gateway: Gateway, body: bytes) -> bool:
    """Whether an answer with a good status says that the text was taken."""
    if gateway.accepted is None:
        return True
    name, value = gateway.accepted
    return str(_object(body).get(name, "")).lower() == value.lower()


def reference_in(body: bytes) -> str:
    """The gateway's own name for the text, where the answer has one in a usual place."""
    found = _object(body)
    for name in ("request_id", "message_id", "messageId", "sid", "id"):
        if isinstance(found.get(name), str | int):
            return str(found[name])[:100]
    return ""


def code_in(body: bytes) -> str:
    """What the gateway says is wrong, as its own code, where the answer has one in a usual place."""
    found = _object(body)
    for name in ("error_code", "errorCode", "code"):
        if isinstance(found.get(name), str | int):
            return str(found[name])[:40]
    return ""


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
