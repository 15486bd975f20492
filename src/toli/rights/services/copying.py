"""A person's own copy: everything that is kept about them, in one pass over what the contexts hold."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from toli.access.domain.permissions import RIGHTS_HANDLE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import personal_data, wall
from toli.core.personal_data import Holding, Person, Row
from toli.members import selectors as members
from toli.members import services as member_services

WORDS = {
    "membership": gettext_lazy("the membership itself"),
    "content": gettext_lazy("daily material"),
    "sms": gettext_lazy("SMS"),
    "whatsapp": gettext_lazy("WhatsApp"),
    "telegram": gettext_lazy("Telegram"),
    "push": gettext_lazy("Notifications"),
    "email": gettext_lazy("E-mail"),
    "call": gettext_lazy("telephone call"),
    "active": gettext_lazy("active"),
    "left": gettext_lazy("has left"),
    "import": gettext_lazy("from a list"),
    "join": gettext_lazy("joined in person"),
    "joined": gettext_lazy("joined"),
    "invited": gettext_lazy("sent to the group"),
    "reserved": gettext_lazy("reserved"),
}


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of thing, as a table: headings, and rows of cells as people read them."""

    label: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    kept_because: str


@dataclass(frozen=True, slots=True)
class Copy:
    """All that is kept about a member, for reading (``sections``) and for programs (``data``)."""

    name: str
    made_at: datetime
    sections: Sequence[Section]
    data: dict[str, Any]

    @property
    def json(self) -> str:
        """The data as JSON; days and moments as ISO 8601."""
        return json.dumps(self.data, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder)


@transaction.atomic
def copy_of(*, actor: Actor, member_id: int) -> Copy:
    """The member's own copy, in the language of the moment.

    Raises:
        MemberNotFound: not the actor's own membership, nor in the area in which they handle requests.
    """
    own = members.member_of(actor)
    if own is None or own.pk != member_id:
        own = members.get_member(scope_for(actor, RIGHTS_HANDLE), member_id)
    with wall.lifted("a person's own data, all of it"):
        person = member_services.person(member_id)
        found = [(holding, holding.export(person)) for holding in personal_data.holdings()]
    audit.record_act(
        actor,
        action="rights.copy",
        target=f"member:{member_id}",
        territory_id=own.territory_id,
    )
    return _copy(person, found)


def _copy(person: Person, found: Sequence[tuple[Holding, Sequence[Row]]]) -> Copy:
    shown = [(holding, rows) for holding, rows in found if rows]
    return Copy(
        name=person.name,
        made_at=timezone.localtime(),
        sections=[_section(holding, rows) for holding, rows in shown],
        data={holding.key: [dict(row) for row in rows] for holding, rows in shown},
    )


def _section(holding: Holding, rows: Sequence[Row]) -> Section:
    return Section(
        label=str(holding.label),
        headings=[str(heading) for heading in holding.fields.values()],
        rows=[[_cell(row[key]) for key in holding.fields] for row in rows],
        kept_because=str(holding.kept_because),
    )


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%d.%m.%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y")
    if isinstance(value, dict):
        return ", ".join(f"{key}: {item}" for key, item in value.items())
    return str(WORDS.get(str(value), value))
