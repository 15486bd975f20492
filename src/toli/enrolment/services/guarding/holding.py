"""Somebody was called and says that they did not ask: they wait, and the batch that they came in with them."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.db import transaction

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.core import clock, wall
from toli.enrolment.models import Arrival, Case, CaseKind, HeldMember, HeldState, Holds
from toli.enrolment.services.applications.holding import entries_by_place, hold_entries
from toli.enrolment.services.guarding.complaining import source_of
from toli.enrolment.services.guarding.sources import case_about, lock, office_of, released_at
from toli.members import selectors as members
from toli.members import services as member_services
from toli.members.models import Member, MemberState
from toli.territories.models import Territory


@transaction.atomic
@wall.lifted("a helper's batch may reach into the next constituency, where another officer decides about it")
def hold_batch(*, member_id: int, since: datetime) -> list[Case]:
    """Hold the member, and everybody whom the same helper or phone brought since then (or since the last release).

    Of a list, a link or a range of numbers the member alone is held: thousands may have come by it. Returns a case for
    each constituency, the member's first. Safe to repeat.
    """
    member = members.get_member(EVERYWHERE, member_id)
    holds, key = source_of(member) or (Holds.PERSON, str(member.pk).encode())
    lock([key])
    began = max(since, released_at(holds, key) or since)
    batch = _by_office({member, *_batch_of(holds, key, began)})
    helper = int(key) if holds == Holds.ENROLLER else None
    entries = _entries_by_office(helper) if helper else {}
    first = office_of(member.territory)
    return [
        _hold_in(office, holds, key, batch.get(office, []), helper, entries.get(office, []))
        for office in sorted({*batch, *entries}, key=lambda office: (office != first, office.pk))
    ]


def _batch_of(holds: str, key: bytes, since: datetime) -> list[Member]:
    about: dict[str, Any] = {"at__gte": since}
    if holds == Holds.ENROLLER:
        about["enroller_id"] = int(key)
    elif holds == Holds.DEVICE:
        about["device_key"] = key
    else:
        return []
    came = Arrival.objects.filter(**about).values("member_id")
    return list(Member.objects.active().filter(pk__in=came).select_related("territory__level"))


def _by_office(people: set[Member]) -> dict[Territory, list[Member]]:
    found: dict[Territory, list[Member]] = defaultdict(list)
    for member in sorted(people, key=lambda member: member.pk):
        found[office_of(member.territory)].append(member)
    return found


def _entries_by_office(helper: int) -> dict[Territory, list[int]]:
    found: dict[Territory, list[int]] = defaultdict(list)
    for place in entries_by_place(helper):
        found[office_of(place)].append(place.pk)
    return found


def _hold_in(
    office: Territory, holds: str, key: bytes, people: list[Member], helper: int | None, places: list[int]
) -> Case:
    now = clock.now()
    said = {"count": 1, "since": now.isoformat(timespec="seconds"), "until": now.isoformat(timespec="seconds")}
    case, is_new = case_about(CaseKind.CALL_BACK, holds, key, office, evidence=said)
    if not is_new:
        case.evidence = {**case.evidence, "count": case.evidence["count"] + 1, "until": said["until"]}
        case.save(update_fields=["evidence"])
    for member in people:
        if member.state == MemberState.ACTIVE:
            member_services.hold_member(actor=SYSTEM, member_id=member.pk)
        HeldMember.objects.update_or_create(
            case=case, member=member, defaults={"state": HeldState.HELD}, create_defaults={"held_at": now}
        )
    if helper is not None:
        hold_entries(case=case, enroller_id=helper, places=places)
    return case
