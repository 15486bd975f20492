"""What stands around the sentences of the audit trail: who acted, on what, where from, and the facts kept with it.

Staff are named. Members are not: they are numbers, and of their addresses on the network only the beginning is
shown. Who may see a member by name follows the number to the member's page.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from toli.access import selectors as access
from toli.access.domain import permissions as can
from toli.accounts import selectors as accounts
from toli.members import selectors as members
from toli.members import services as member_services
from toli.rights import selectors as rights
from toli.territories import selectors as territories
from toli.web.console.trail_words import group_of, sentence_of
from toli.web.templatetags.toli import label

if TYPE_CHECKING:
    from toli.accounts.models import Account
    from toli.audit.models import AuditEntry
    from toli.territories.models import Territory

STAFF, MEMBER = "staff", "member"
# Kind of thing -> how it is called, with its number.
NAMES: dict[str, str | Promise] = {
    "member": gettext_lazy("member %(number)s"),
    "citizen": gettext_lazy("citizen %(number)s"),
    "export": gettext_lazy("list %(number)s"),
    "kit": gettext_lazy("material %(number)s"),
    "election": gettext_lazy("election %(number)s"),
    "sms_template": gettext_lazy("SMS text %(number)s"),
    "chatgroup": gettext_lazy("group %(number)s"),
    "bot": gettext_lazy("bot %(number)s"),
    "campaign": gettext_lazy("campaign %(number)s"),
    "migration": gettext_lazy("division %(number)s"),
    "card": gettext_lazy("card %(number)s"),
    "request": gettext_lazy("request %(number)s"),
    "complaint": gettext_lazy("complaint %(number)s"),
    "breach": gettext_lazy("case %(number)s"),
    "check": gettext_lazy("check %(number)s"),
    "sample": gettext_lazy("call list %(number)s"),
    "drive": gettext_lazy("drive %(number)s"),
    "roll": gettext_lazy("roll %(number)s"),
    "import": gettext_lazy("import %(number)s"),
    "relay": gettext_lazy("posting %(number)s"),
    "plan": gettext_lazy("plan %(number)s"),
    "place": gettext_lazy("account %(number)s"),
    "post": gettext_lazy("post %(number)s"),
    "key": gettext_lazy("key %(number)s"),
}
# Kind of thing -> where its page is, and what one needs to open it.
PAGES = {
    "member": ("/console/members/{}", can.MEMBERS_VIEW),
    "kit": ("/console/kits/{}", can.KITS_VIEW),
    "chatgroup": ("/console/groups/{}", can.GROUPS_VIEW),
    "migration": ("/console/migrations/{}", can.GROUPS_VIEW),
    "request": ("/console/rights/{}", can.RIGHTS_HANDLE),
    "breach": ("/console/breaches/{}", can.RIGHTS_HANDLE),
    "complaint": ("/console/complaints/{}", can.COMPLAINTS_HANDLE),
    "check": ("/console/checks/{}", can.ENROLMENT_CHECK),
    "sample": ("/console/calls/{}", can.MEMBERS_REVEAL),
    "roll": ("/console/rolls/{}", can.MEMBERS_VIEW),
}
# What is kept with an entry -> how it is called. The rest stands in the technical part of its page.
FACTS: dict[str, str | Promise] = {
    "reason": gettext_lazy("Reason"),
    "count": gettext_lazy("How many"),
    "rows": gettext_lazy("Members in the list"),
    "columns": gettext_lazy("Columns"),
    "limit": gettext_lazy("What"),
    "times": gettext_lazy("How many"),
    "nth": gettext_lazy("Download"),
    "role": gettext_lazy("Role"),
    "until": gettext_lazy("Ends on"),
    "method": gettext_lazy("How"),
    "sessions": gettext_lazy("Sign-ins"),
    "kind": gettext_lazy("Kind"),
    "moved": gettext_lazy("Moved"),
    "waiting": gettext_lazy("Waiting"),
    "position": gettext_lazy("Position in the trail"),
}
LIMITS: dict[str, str | Promise] = {
    "members.lists": gettext_lazy("pages of lists"),
    "members.pages": gettext_lazy("pages of members"),
    "members.searches": gettext_lazy("searches"),
}
METHODS: dict[str, str | Promise] = {
    "passkey": gettext_lazy("passkey"),
    "password": gettext_lazy("password and app"),
    "recovery": gettext_lazy("recovery code"),
    "link": gettext_lazy("sign-in link"),
    "code": gettext_lazy("one-time code"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as people read it. ``person``: of the staff; None for anybody else."""

    entry: "AuditEntry"
    sentence: str
    who: str
    person: "Account | None"
    place: "Territory | None"
    address: str
    group: str

    @property
    def is_warning(self) -> bool:
        """Whether somebody should look into it."""
        return self.group == "warnings"


def rows(entries: Iterable["AuditEntry"]) -> list[Row]:
    """The entries in words; names are looked up for all of them at once."""
    found = list(entries)
    targets = [_parts(entry.target) for entry in found]
    ids = {entry.actor_id for entry in found if entry.actor_kind == STAFF and entry.actor_id}
    ids |= {int(number) for kind, number in targets if kind == "account" and _is_id(number)}
    people = accounts.staff_by_id(ids)
    places = territories.by_id({entry.territory_id for entry in found if entry.territory_id})
    return [_row(entry, people, places) for entry in found]


def _row(entry: "AuditEntry", people: Mapping[int, "Account"], places: Mapping[int, "Territory"]) -> Row:
    person = people.get(entry.actor_id or 0) if entry.actor_kind == STAFF else None
    place = places.get(entry.territory_id or 0)
    who = person.display_name if person else _nameless(entry.actor_kind)
    what = _what(entry.target, people, place)
    return Row(
        entry=entry,
        sentence=str(sentence_of(entry.action)) % {"who": who, "what": what},
        who=who,
        person=person,
        place=place,
        address=entry.address if entry.actor_kind == STAFF else shortened(entry.address),
        group=str(group_of(entry.action) or ""),
    )


def _nameless(kind: str) -> str:
    names = {STAFF: _("Former member of staff"), MEMBER: _("A member"), "system": _("The system")}
    return names.get(kind) or _("Unknown person")


def _what(target: str, people: Mapping[int, "Account"], place: "Territory | None") -> str:
    kind, number = _parts(target)
    if kind == "account":
        person = people.get(int(number)) if _is_id(number) else None
        return person.display_name if person else _("an unknown account") if number == "0" else _("a member's account")
    if kind == "territory":
        return label(place) or number
    return str(NAMES[kind]) % {"number": number} if kind in NAMES else target


def _parts(target: str) -> tuple[str, str]:
    kind, _colon, number = target.partition(":")
    return kind, number


def _is_id(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) < 19


def page_of(entry: "AuditEntry", may: Iterable[str]) -> str:
    """The address of the thing's page, for those who may open such pages; empty where there is none."""
    kind, number = _parts(entry.target)
    address, permission = PAGES.get(kind, ("", ""))
    return address.format(number) if permission in may and _is_id(number) else ""


def facts_of(entry: "AuditEntry") -> list[tuple[str, str]]:
    """What was kept with the entry, named, in the order of FACTS."""
    return [(str(name), _fact(key, entry.details[key])) for key, name in FACTS.items() if entry.details.get(key)]


def _fact(key: str, value: Any) -> str:
    if key in _CODED and isinstance(value, str):
        return str(_CODED[key]().get(value, value))
    if key == "columns" and isinstance(value, list):
        return ", ".join(member_services.column_names(value))
    return str(value)


_CODED: dict[str, Callable[[], Mapping[str, str | Promise]]] = {
    "reason": lambda: dict(members.reveal_reasons()),
    "kind": lambda: dict(rights.kinds()),
    "limit": lambda: LIMITS,
    "method": lambda: METHODS,
    "role": lambda: {role.code: label(role) for role in access.roles()},
}


def shortened(address: str) -> str:
    """An address without its end, which would point at one subscriber: 203.0.113.0 becomes 203.0.113.x."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv4Address):
        return address.rpartition(".")[0] + ".x"
    return str(ip_network((parsed, 48), strict=False))
