"""The description of an SMS gateway: a small TOML file, read and checked before anything is sent.

Two shapes of request are known. ``json`` posts an object, ``form`` posts fields as Twilio and many others take them.
What each gateway calls a field is said under ``[fields]``; what it always wants to hear under ``[constants]``.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from toli.core.domain.addresses import is_secure
from toli.integrations.sms.templates import Template, Templates, problem_with

SHAPES: dict[str, dict[str, str]] = {
    "json": {
        "to": "to", "text": "message", "header": "sender", "entity": "entity_id",
        "template": "template_id", "unicode": "unicode", "reference": "reference",
    },
    "form": {"to": "To", "text": "Body", "header": "From"},
}  # fmt: skip
FIELDS = ("to", "text", "header", "entity", "template", "unicode", "reference")
KNOWN = {"url", "shape", "header", "entity", "plus", "auth", "user", "accepted", "fields", "constants", "templates"}


class GatewayError(ValueError):
    """The description cannot work; says what is wrong, all of it."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """One gateway.

    ``auth``: the header that carries the secret, with ``{secret}`` in it; ``user``: for basic authorisation instead.
    ``plus``: whether numbers are written with a + in front. ``accepted``: a field of the answer and what it says when
    the gateway has taken the text, for those that answer 200 to everything.
    """

    url: str
    shape: str
    header: str
    entity: str
    templates: Templates
    fields: Mapping[str, str]
    constants: Mapping[str, Any] = field(default_factory=dict)
    plus: bool = False
    auth: str = "Authorization: Bearer {secret}"
    user: str = ""
    accepted: tuple[str, str] | None = None

    def missing(self, kinds: tuple[str, ...], languages: tuple[str, ...]) -> list[str]:
        """Which texts have no registered template, as ``kind.language``."""
        wanted = [(kind, language) for kind in kinds for language in languages]
        return [f"{kind}.{language}" for kind, language in wanted if (kind, language) not in self.templates]


def read(path: Path) -> Gateway:
    """The gateway that a file describes. Raises GatewayError."""
    try:
        return parse(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise GatewayError(f"it cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GatewayError(f"it is not TOML ({error})") from None


def parse(content: Mapping[str, Any]) -> Gateway:
    """The gateway that this content describes. Raises GatewayError with every mistake in it."""
    content = {"shape": "json", "entity": "", "fields": {}, "templates": {}, **content}
    problems = [*_problems(content), *_template_problems(content["templates"])]
    if problems:
        raise GatewayError("; ".join(problems))
    templates = {
        (kind, language): Template(str(entry["id"]), entry["text"])
        for kind, languages in content["templates"].items()
        for language, entry in languages.items()
    }
    accepted = content.get("accepted")
    return Gateway(
        url=content["url"],
        shape=content["shape"],
        header=content["header"],
        entity=str(content["entity"]),
        templates=templates,
        fields={**SHAPES[content["shape"]], **content["fields"]},
        constants=content.get("constants", {}),
        plus=bool(content.get("plus", content["shape"] == "form")),
        auth=content.get("auth", Gateway.__dataclass_fields__["auth"].default),
        user=content.get("user", ""),
        accepted=(str(accepted["field"]), str(accepted["value"])) if accepted else None,
    )


def _problems(content: Mapping[str, Any]) -> list[str]:
    url = str(content.get("url", ""))
    parts = urlsplit(url)
    accepted = content.get("accepted", {"field": "", "value": ""})
    header = str(content.get("header", ""))
    rules = (
        (set(content) <= KNOWN, f"unknown: {', '.join(sorted(set(content) - KNOWN))}"),
        (
            is_secure(url) and bool(parts.netloc),
            "url: write https://host/path (http only for an emulator on this machine)",
        ),
        ("@" not in parts.netloc, "url: leave user and password out; the secret has a place of its own"),
        (content["shape"] in SHAPES, "shape: write json or form"),
        (
            bool(re.fullmatch(r"[A-Za-z0-9]{6}|\+?[0-9]{5,15}", header)),
            "header: write the six characters registered as sender",
        ),
        (bool(re.fullmatch(r"([0-9]{8,19})?", str(content["entity"]))), "entity: write the digits of the entity id"),
        ("user" in content or "{secret}" in str(content.get("auth", "{secret}")), "auth: write Name: value {secret}"),
        (": " in str(content.get("auth", ": ")), "auth: write Name: value {secret}"),
        (set(content["fields"]) <= set(FIELDS), f"fields: known are {', '.join(FIELDS)}"),
        (isinstance(accepted, dict) and {"field", "value"} <= set(accepted), "accepted: write field and value"),
    )
    return [problem for holds, problem in rules if not holds]


def _template_problems(templates: Any) -> list[str]:
    problems = []
    for kind, languages in templates.items():
        for language, entry in languages.items() if isinstance(languages, dict) else [("", None)]:
            if not isinstance(entry, dict) or not {"id", "text"} <= set(entry):
                problems.append(f"templates.{kind}.{language}: write id and text")
            elif problem := problem_with(str(entry["id"]), str(entry["text"])):
                problems.append(f"templates.{kind}.{language}: {problem}")
    return problems
