"""What a helper writes down at a camp is counted when it arrives; what exceeds a figure waits before anybody is asked.

Whoever receives entries has locked the helper first: see :func:`lock_helper`.
"""

from datetime import datetime

from django.utils import timezone

from toli.core import clock, wall
from toli.enrolment.domain.velocity import CONFIRM_WITHIN, LONGEST, RULES, Enrolment, Finding, findings
from toli.enrolment.models import Application, Case, CaseKind, Holds, State
from toli.enrolment.services.guarding.sources import (
    case_about,
    enroller_key,
    evidence_of,
    grow,
    lock,
    released_at,
    sources_of,
    waiting_about,
)

_RULES = [rule for rule in RULES if rule.holds == Holds.ENROLLER]
_COUNTED = ("captured_at", "texted_at", "state", "block_key", "name_key")
_SAID_YES = (State.CONFIRMED, State.CHECKED)


def lock_helper(account_id: int) -> None:
    """Before any number, as everywhere: be the only one who counts this helper until the transaction ends."""
    lock([enroller_key(account_id)])


def mark_entry(application: Application, number: str) -> None:
    """Note what the entry (not stored yet) is counted by."""
    found = sources_of(
        enroller_id=application.enroller_id, device="", phone=number, link="", name=application.name
    )  # fmt: skip
    application.block_key, application.name_key = found.block, found.name


@wall.lifted("a helper is counted wherever they write people down")
def case_for_entry(application: Application) -> Case | None:
    """The case that holds this entry (marked, not stored yet): one that waits, or one that begins with it; or None."""
    key = enroller_key(application.enroller_id)
    earlier = waiting_about(Holds.ENROLLER, key)
    found = next(iter(_broken(application, key)), None)
    if found:
        rule, evidence, kind = found.rule, evidence_of(found), CaseKind.VELOCITY
    elif earlier:
        rule, evidence, kind = earlier.rule, earlier.evidence, CaseKind(earlier.kind)
    else:
        return None
    case, is_new = case_about(kind, Holds.ENROLLER, key, application.territory, rule=rule, evidence=evidence)
    if found and not is_new:
        grow(case, found)
    return case


def _broken(application: Application, key: bytes) -> list[Finding]:
    now = clock.now()
    since = max(now - LONGEST, released_at(Holds.ENROLLER, key) or now - LONGEST)
    earlier = Application.objects.filter(enroller_id=application.enroller_id, received_at__gt=since)
    facts = [_fact(*row, now=now) for row in earlier.values_list(*_COUNTED)]
    own = _fact(*(getattr(application, name) for name in _COUNTED), now=now)
    return list(findings([*facts, own], now=timezone.localtime(now), rules=_RULES))


def _fact(
    at: datetime, texted_at: datetime | None, state: str, block: bytes | None, name: bytes | None, *, now: datetime
) -> Enrolment:
    """Who has not had a day for an answer counts as if they had said yes. The helper is the same for all."""
    had_time = texted_at is not None and now - texted_at >= CONFIRM_WITHIN
    return Enrolment(
        at=timezone.localtime(at),
        enroller="helper",
        block=_hex(block),
        name=_hex(name),
        confirmed=state in _SAID_YES or not had_time,
    )


def _hex(key: bytes | memoryview | None) -> str:
    return bytes(key).hex() if key else ""
