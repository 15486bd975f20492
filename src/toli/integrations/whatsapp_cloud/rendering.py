"""Bodies of requests to the Cloud API. Pure."""

from typing import Any

import orjson

from toli.content.domain.platforms import counted_length
from toli.core.domain.addresses import is_secure
from toli.messaging.errors import MessageRefused
from toli.messaging.ports import Capabilities, Letter

BUTTON_LENGTH, CAPTION_LENGTH, CORRELATION_LENGTH = 20, 1024, 512
CAPABILITIES = Capabilities(
    media=("image", "video", "document"),
    buttons=3,
    body_length=4096,
    template_length=1024,
    caption_length=CAPTION_LENGTH,
    needs_template=True,
    reports=True,
    answers_freely=True,
)


def body_of(letter: Letter) -> dict[str, Any]:
    """The request as an object. Raises MessageRefused."""
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": letter.to.removeprefix("+"),
        "biz_opaque_callback_data": letter.correlation[:CORRELATION_LENGTH],
    }
    return body | _part(letter)


def rendered(letter: Letter) -> bytes:
    """The request's body."""
    return orjson.dumps(body_of(letter))


def _part(letter: Letter) -> dict[str, Any]:
    content = letter.content
    if content.template:
        return {"type": "template", "template": _template(letter)}
    if counted_length("whatsapp", content.text) > (CAPTION_LENGTH if content.media else CAPABILITIES.body_length):
        raise MessageRefused(reason="too_long")
    if content.buttons:
        return {"type": "interactive", "interactive": _buttons(letter)}
    if content.media:
        caption = {"caption": content.text} if content.text else {}
        return {"type": content.media, content.media: _media(letter) | caption}
    if not content.text:
        raise MessageRefused(reason="empty")
    return {"type": "text", "text": {"body": content.text, "preview_url": "://" in content.text}}


def _template(letter: Letter) -> dict[str, Any]:
    content = letter.content
    components: list[dict[str, Any]] = []
    if content.media:
        components.append(
            {"type": "header", "parameters": [{"type": content.media, content.media: _media(letter)}]}
        )  # fmt: skip
    if letter.params:
        components.append({"type": "body", "parameters": [{"type": "text", "text": word} for word in letter.params]})
    found: dict[str, Any] = {"name": content.template, "language": {"code": content.language}}
    return found | ({"components": components} if components else {})


def _media(letter: Letter) -> dict[str, str]:
    content = letter.content
    if content.media not in CAPABILITIES.media:
        raise MessageRefused(reason="media")
    if content.media_id:
        return {"id": content.media_id}
    if not is_secure(content.media_link):
        raise MessageRefused(reason="media_link")
    return {"link": content.media_link}


def _buttons(letter: Letter) -> dict[str, Any]:
    buttons = letter.content.buttons
    if len(buttons) > CAPABILITIES.buttons or any(len(label) > BUTTON_LENGTH for _key, label in buttons):
        raise MessageRefused(reason="buttons")
    return {
        "type": "button",
        "body": {"text": letter.content.text},
        "action": {"buttons": [{"type": "reply", "reply": {"id": key, "title": label}} for key, label in buttons]},
    }
