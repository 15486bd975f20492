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
    known = {
        "to": message.to if gateway.plus else message.to.removeprefix("+"),
        "text": message.text,
        "header": gateway.header,
        "entity": gateway.entity,
        "template": template.id,
        "unicode": size_of(message.text).unicode,
    }
    return {**gateway.constants, **{name: known[what] for what, name in gateway.fields.items() if name}}


def request(gateway: Gateway, message: TextMessage, secret: str) -> Post:
    """The request, ready to leave."""
    name, value = authorisation(gateway, secret)
    fields = fields_of(gateway, message)
    if gateway.shape == "json":
        body, kind = json.dumps(fields, ensure_ascii=False).encode(), "application/json"
    else:
        body, kind = urlencode(_plain(fields)).encode(), "application/x-www-form-urlencoded"
    return Post(gateway.url, body, {"Content-Type": kind, name: value})


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


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
