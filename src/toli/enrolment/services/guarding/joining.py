"""Joining, with a look at how many come from the same source.

Who exceeds a figure becomes a held member: nothing is lost, nothing is sent, somebody decides.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.core import clock, wall
from toli.enrolment.domain.velocity import RULES, Enrolment, Finding, findings
from toli.enrolment.models import Arrival, Case, CaseKind, HeldMember, HeldState, Holds
from toli.enrolment.services.guarding.sources import (
    Sources,
    case_about,
    evidence_of,
    grow,
    lock,
    released_at,
    sources_of,
    waiting_about,
)
from toli.members import services as members
from toli.members.domain import origins
from toli.members.models import Member, MemberState

_COLUMNS = {Holds.DEVICE: "device_key", Holds.BLOCK: "block_key", Holds.LINK: "link_key"}
_RULES = [rule for rule in RULES if rule.holds != Holds.ENROLLER]
_REACH = {holds: max((rule.per for rule in RULES if rule.holds == holds), default=timedelta()) for holds in _COLUMNS}


@dataclass(frozen=True, slots=True)
class Joined:
    """Who joined, and whether they wait for a check."""

    member: Member
    held: bool


def _inviters(code: str) -> str:
    """The link, where it is somebody's: one of the organisation's own may bring thousands at once."""
    return code if origins.own_code(code) is None else ""


@transaction.atomic
@wall.lifted("a newcomer is counted with all others from the same phone, wherever they live")
def join(*, device: str, enroller_id: int | None = None, **joining: Any) -> Joined:
    """Make somebody a member (``joining``: see members.services.enrol_member), or hold them for a check.

    ``device``: what the phone or browser is known by, empty for unknown. ``enroller_id``: the account that wrote them
    down; what they wrote is counted when it arrives (entries.py), so here they only wait where the helper's case
    waits. Whoever is a member already is not counted. Raises what enrol_member raises.
    """
    sources = sources_of(
        enroller_id=enroller_id,
        device=device,
        phone=accounts.phone_from(joining["phone"]),
        link=_inviters(joining.get("source_code", "")),
        name=joining["name"],
    )
    lock(sources.held_by().values())
    began = clock.now()
    member = members.enrol_member(**joining)
    if member.created_at < began:
        return Joined(member, member.state == MemberState.HELD)
    _note(member, sources, began)
    cases = _cases_for(member, sources, began)
    if cases:
        members.hold_member(actor=SYSTEM, member_id=member.pk)
        HeldMember.objects.bulk_create([HeldMember(case=case, member=member, held_at=began) for case in cases])
        member.refresh_from_db()
    return Joined(member, bool(cases))


def lock_before(*, phone: str, enroller_id: int, device: str) -> None:
    """What ``join`` will lock, for whoever has to lock the number (E.164) themselves."""
    found = sources_of(enroller_id=enroller_id, device=device, phone=phone, link="", name="")
    lock(found.held_by().values())


def _note(member: Member, sources: Sources, at: datetime) -> None:
    Arrival.objects.create(
        member=member,
        at=at,
        enroller_id=sources.enroller_id,
        device_key=sources.device,
        block_key=sources.block,
        link_key=sources.link,
        name_key=sources.name,
    )


def _cases_for(member: Member, sources: Sources, now: datetime) -> list[Case]:
    """The cases that hold this newcomer: for each source one that waits already, or one that begins with them."""
    broken = {found.holds: found for found in _broken(sources, now)}
    cases = []
    for holds, key in sources.held_by().items():
        earlier = waiting_about(holds, key)
        found = broken.get(holds)
        if not found and not earlier:
            continue
        case = _case_for(member, holds, key, found, earlier)
        if found:
            _decide_with(case, holds, key, found, but=member)
        cases.append(case)
    return cases


def _case_for(member: Member, holds: Holds, key: bytes, found: Finding | None, earlier: Case | None) -> Case:
    """A figure that is exceeded goes before what waits already: it says how many there are."""
    if found:
        kind, rule, evidence = CaseKind.VELOCITY, found.rule, evidence_of(found)
    elif earlier:
        kind, rule, evidence = CaseKind(earlier.kind), earlier.rule, earlier.evidence
    else:
        raise ValueError("neither a figure nor a case")
    case, is_new = case_about(kind, holds, key, member.territory, rule=rule, evidence=evidence)
    if not is_new and found:
        grow(case, found)
    return case


def _decide_with(case: Case, holds: Holds, key: bytes, found: Finding, *, but: Member) -> None:
    """Whoever of the batch came before the figure was exceeded: they stay members, and the case decides about them."""
    came = Arrival.objects.filter(at__gte=found.since, at__lte=found.until, **{_COLUMNS[holds]: key})
    people = Member.objects.active().filter(pk__in=came.values("member_id")).exclude(pk=but.pk)
    for member in people.select_related("territory").order_by("pk"):
        office, _new = case_about(
            CaseKind.VELOCITY, holds, key, member.territory, rule=case.rule, evidence=case.evidence
        )
        HeldMember.objects.get_or_create(
            case=office, member=member, defaults={"state": HeldState.WITH, "held_at": clock.now()}
        )


def _broken(sources: Sources, now: datetime) -> list[Finding]:
    """Figures that this arrival's sources exceed, with all arrivals since somebody last released them."""
    counted = Q(pk__in=[])
    keys = {holds: key for holds, key in sources.held_by().items() if holds in _COLUMNS}
    for holds, key in keys.items():
        since = max(now - _REACH[holds], released_at(holds, key) or now - _REACH[holds])
        counted |= Q(at__gt=since, **{_COLUMNS[holds]: key})
    ours = {str(holds): key.hex() for holds, key in keys.items()}
    arrivals = [_compact(arrival) for arrival in Arrival.objects.filter(counted)]
    found = findings(arrivals, now=timezone.localtime(now), rules=_RULES)
    return [one for one in found if ours.get(one.holds) == one.key]


def _compact(arrival: Arrival) -> Enrolment:
    return Enrolment(
        at=timezone.localtime(arrival.at),
        enroller=str(arrival.enroller_id).encode().hex() if arrival.enroller_id else "",
        device=_hex(arrival.device_key),
        block=_hex(arrival.block_key),
        link=_hex(arrival.link_key),
        name=_hex(arrival.name_key),
        confirmed=True,  # nobody arrives here without a code on their own phone
    )


def _hex(key: bytes | memoryview | None) -> str:
    return bytes(key).hex() if key else ""
