"""Scripts in the clothes of names and texts, where they are planted, and an eye in the browser that sees them run."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from django.apps import apps
from django.db import models

# Each calls __pwned with a number of its own. Most fit into 60 characters, the shortest field for people's words.
PAYLOADS = (
    "<script>__pwned({n})</script>",
    '"><img src=x onerror=__pwned({n})>',
    "'><svg onload=__pwned({n})>",
    '" autofocus onfocus="__pwned({n})',
    "' onmouseover='__pwned({n})",
    "</title></textarea><script>__pwned({n})</script>",
    "{{{{constructor.constructor('__pwned({n})')()}}}}",
    "{{% debug %}}${{__pwned({n})}}<%= __pwned({n}) %>",
    "javascript:__pwned({n})//",
    '<iframe srcdoc="<script>parent.__pwned({n})</script>">',
    "\u202e<details open ontoggle=__pwned({n})>\u202c",
    "<a href=javascript:__pwned({n})>x</a>",
    "<style onload=__pwned({n})>@import'//evil.example'</style>",
    "--></script><script>__pwned({n})//<!--",
    "&lt;script&gt;__pwned({n})&lt;/script&gt;",
    "<base href=//evil.example><input onfocus=__pwned({n})>",
    "<math><mtext><img src=x onerror=__pwned({n})></mtext></math>",
    "\\u003cscript\\u003e__pwned({n})\\u003c/script\\u003e",
)
# Columns in which words stand that people write, by model. What is not here is made by Toli: see CODES.
PLANTED: dict[str, tuple[str, ...]] = {
    "territories.Tree": ("name_en", "name_hi"),
    "territories.Level": ("name_en", "name_hi", "plural_en", "plural_hi"),
    "territories.Territory": ("name_en", "name_hi", "number"),
    "accounts.Account": ("display_name",),
    "accounts.Session": ("device",),
    "accounts.Passkey": ("name",),
    "access.Role": ("name_en", "name_hi"),
    "members.Drive": ("name_en", "name_hi"),
    "members.Member": ("name",),
    "members.ImportRun": ("file_name",),
    "members.ImportChange": ("name",),
    "members.Reveal": ("note",),
    "members.Export": ("purpose",),
    "compliance.Organisation": ("name_en", "name_hi", "imprint_en", "imprint_hi", "privacy_contact"),
    "compliance.Election": ("name_en", "name_hi"),
    "content.Kit": ("certificate_number", "withdrawn_because", "topic"),
    "content.PlatformText": ("texts", "subject"),
    "distribution.RecallPlace": ("reason",),
    "content.KitReview": ("note",),
    "content.Rendition": ("title", "texts", "act_label"),
    "content.KitPicture": ("alt",),
    "content.KitVideo": ("captions",),
    "cards.Card": ("revoked_because",),
    "cards.WithdrawnKey": ("because",),
    "assignments.Assignment": ("details",),
    "botgroups.Chat": ("title",),
    "chatgroups.Campaign": ("name_en", "name_hi", "description_en", "description_hi", "rules_en", "rules_hi"),
    "chatgroups.ChatGroup": ("name",),
    "chatgroups.MigrationGroup": ("label",),
    "dues.Dispute": ("answer",),
    "enrolment.Device": ("name",),
    "enrolment.CaseStep": ("words",),
    "enrolment.Application": ("name",),
    "enrolment.Wish": ("note",),
    "messaging.Sender": ("name",),
    "messaging.Batch": ("content", "template"),
    "messaging.Message": ("params",),
    "posting.Place": ("name",),
    "rolls.RollLine": ("name",),
    "rolls.Challenge": ("reason", "note"),
    "rights.BreachCase": ("title", "happened_en", "happened_hi", "measures_en", "measures_hi"),
}


class Planter:
    """Puts a payload of its own into every row of the planted columns."""

    def __init__(self, start: int = 0) -> None:
        self._numbers, self._turn = itertools.count(1), itertools.count(start)
        self.where: dict[int, str] = {}

    def plant(self) -> None:
        for label, columns in PLANTED.items():
            model = apps.get_model(label)
            for row in model._default_manager.all():
                for column in columns:
                    self._into(row, column)
                row.save(update_fields=columns)

    def text(self, where: str, room: int = 120) -> str:
        """As many payloads as there is room for, in turn."""
        text = ""
        for _ in PAYLOADS:
            number = next(self._numbers)
            more = PAYLOADS[next(self._turn) % len(PAYLOADS)].format(n=number)
            if len(text) + len(more) > room:
                continue
            text += more
            self.where[number] = where
        return text or "<b>"

    def _into(self, row: models.Model, column: str) -> None:
        where, old = f"{row._meta.label}.{column}", getattr(row, column)
        room = getattr(row._meta.get_field(column), "max_length", None) or 200
        new = self._like(old, lambda: self.text(where, room))
        setattr(row, column, new)

    def _like(self, old: Any, text: Callable[[], str]) -> Any:
        if old is None:
            return None
        if isinstance(old, list):
            return [text() for _ in old]
        if isinstance(old, dict):  # numbers and addresses of things stay what they are
            return {key: text() if key in {"name", "hi", "en", "text"} else value for key, value in old.items()}
        return text()


ROOM = 30  # signs that a script needs at the least, with its tags


def words_of_people() -> Iterator[str]:
    """Every column of ours that has room for a script and is not closed to a list of choices."""
    for model in apps.get_models():
        if model.__module__.startswith("toli."):
            for field in model._meta.get_fields():
                texts = isinstance(field, models.CharField | models.TextField | models.JSONField)
                room = getattr(field, "max_length", None) or ROOM
                if texts and room >= ROOM and not getattr(field, "choices", None):
                    yield f"{model._meta.label}.{field.name}"


EYE = """
window.__ran = []; window.__refused = [];
window.__pwned = number => window.__ran.push(number);
document.addEventListener("securitypolicyviolation", event =>
  window.__refused.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
LOOK = """
() => {
  const every = [...document.querySelectorAll("*")];
  for (const element of every)
    for (const kind of ["mouseover", "focus", "error", "toggle", "load"]) element.dispatchEvent(new Event(kind));
  const led = new Set(["href", "src", "action", "formaction", "xlink:href", "data"]);
  const bad = element => [...element.attributes].some(({ name, value }) =>
    /^on/i.test(name) || name === "srcdoc" || (led.has(name) && /^\\s*(javascript|data:text|vbscript)/i.test(value)));
  const strange = "iframe, object, embed, base, style, math, script:not([src])";
  return {
    ran: window.__ran,
    refused: window.__refused,
    strange: every.filter(element => bad(element) || element.matches(strange)).map(e => e.outerHTML.slice(0, 150)),
    text: [document.title, document.body.textContent,
           ...every.flatMap(e => [...e.attributes].map(a => a.value))].join("\\n"),
  };
}
"""
