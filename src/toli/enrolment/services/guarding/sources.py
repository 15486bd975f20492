"""Where an arrival came from, as keyed hashes; and the case that is open about such a source."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.audit import services as audit
from toli.core import clock
from toli.core.crypto import index_for
from toli.enrolment.domain.velocity import Finding, block_of, name_pattern
from toli.enrolment.models import Case, CaseKind, CaseState, CaseStep, Holds
from toli.enrolment.models.guarding import HOLDING, WAITING
from toli.territories import selectors as territories
from toli.territories.models import Territory

_SPACE = 0x656E726F  # of locks: a space of its own
_OFFICE = "ac"  # the level at which cases are kept apart, so that each officer decides about their own people


@dataclass(frozen=True, slots=True)
class Sources:
    """What one arrival counts under; a missing one is not counted."""

    enroller_id: int | None
    device: bytes | None
    block: bytes
    link: bytes | None
    name: bytes

    def held_by(self) -> dict[Holds, bytes]:
        """Under which key each kind of case would hold this arrival."""
        enroller = enroller_key(self.enroller_id) if self.enroller_id else None
        found = {Holds.ENROLLER: enroller, Holds.DEVICE: self.device, Holds.BLOCK: self.block, Holds.LINK: self.link}
        return {holds: key for holds, key in found.items() if key}


def sources_of(*, enroller_id: int | None, device: str, phone: str, link: str, name: str) -> Sources:
    """Everything that stays of ``device``, ``phone`` (E.164), ``link`` and ``name``: their keyed hashes."""
    return Sources(
        enroller_id,
        _key("device", device) if device else None,
        _key("block", block_of(phone)),
        _key("link", link) if link else None,
        _key("name", name_pattern(name)),
    )


def enroller_key(account_id: int) -> bytes:
    """What cases about a helper are found by."""
    return str(account_id).encode()


def _key(kind: str, value: str) -> bytes:
    return index_for(f"enrolment_arrival.{kind}").of(value)


def lock(keys: Iterable[bytes]) -> None:
    """Be the only one who counts these sources, or decides about them, until the transaction ends."""
    numbers = sorted(int.from_bytes(key[-4:], "big", signed=True) for key in keys)
    with connection.cursor() as cursor:
        for number in numbers:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_SPACE, number])


def office_of(territory: Territory) -> Territory:
    """The constituency that a place lies in; above that, the place itself."""
    above = territories.ancestors(EVERYWHERE, territory)
    return next((place for place in above if place.level.code == _OFFICE), territory)


def case_about(kind: CaseKind, holds: str, key: bytes, territory: Territory, **new: Any) -> tuple[Case, bool]:
    """The case that waits about this source in the territory's constituency, opened if there is none."""
    office = office_of(territory)
    case, is_new = Case.objects.get_or_create(
        kind=kind,
        holds=holds,
        source_key=key,
        territory=office,
        state__in=WAITING,
        defaults={"state": CaseState.OPEN, "opened_at": clock.now(), **new},
    )
    if is_new:
        CaseStep.objects.create(case=case, act="open", at=case.opened_at)
        if kind in HOLDING:
            audit.record_act(
                SYSTEM,
                action="enrolment.hold",
                target=f"check:{case.pk}",
                territory_id=case.territory_id,
                details={"rule": case.rule},
            )
    return case, is_new


def waiting_about(holds: str, key: bytes) -> Case | None:
    """The first case that waits about this source, wherever, in which newcomers wait as well."""
    cases = Case.objects.filter(kind__in=HOLDING, holds=holds, source_key=key, state__in=WAITING)
    return cases.order_by("pk").first()


def released_at(holds: str, key: bytes) -> datetime | None:
    """When somebody released this source for the last time: counting began anew."""
    cases = Case.objects.filter(kind__in=HOLDING, holds=holds, source_key=key, state=CaseState.RELEASED)
    return cases.order_by("-decided_at").values_list("decided_at", flat=True).first()


def evidence_of(found: Finding) -> dict[str, Any]:
    """What a case keeps of a finding."""
    return {
        "count": found.count,
        "limit": found.limit,
        "since": found.since.isoformat(timespec="seconds"),
        "until": found.until.isoformat(timespec="seconds"),
    }


def grow(case: Case, found: Finding) -> None:
    """The case shows the worst that was counted."""
    if found.count > case.evidence.get("count", 0):
        case.evidence = evidence_of(found)
        case.save(update_fields=["evidence"])
