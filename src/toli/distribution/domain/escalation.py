"""Whom to ask next when nobody has posted a kit, and where it has stopped. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FIRST_TERM = timedelta(hours=6)
NEXT_TERM = timedelta(hours=3)
RECALL_TERM = timedelta(minutes=45)  # three askings before the three hours are over


class Step(StrEnum):
    """Who is being asked: the group's admin, its second admin, somebody further up."""

    ADMIN = "admin"
    DEPUTY = "deputy"
    UPWARD = "upward"


@dataclass(frozen=True, slots=True)
class Next:
    """Who is asked next."""

    account_id: int
    step: Step


def next_to_ask(*, admin_id: int, deputy_id: int | None, upward: Sequence[int], asked: Collection[int]) -> Next | None:
    """The next person in the chain who has not been asked yet; None when there is nobody left.

    ``upward``: those responsible for the place, the nearest first. Nobody is asked twice.
    """
    chain = [(admin_id, Step.ADMIN), (deputy_id, Step.DEPUTY), *((account, Step.UPWARD) for account in upward)]
    return next((Next(account, step) for account, step in chain if account is not None and account not in asked), None)


@dataclass(frozen=True, slots=True)
class Passed:
    """A deletion that is asked of somebody else now, until ``due_at``. ``before``: of whom it was, in order."""

    account_id: int
    step: Step
    before: list[int]
    due_at: datetime


def pass_on(
    *, admin_id: int, deputy_id: int | None, upward: Sequence[int], before: Sequence[int], asked_id: int, now: datetime
) -> Passed | None:
    """Whom a deletion is asked of after ``asked_id``, who did not answer; None when there is nobody left."""
    everybody = [*before, asked_id]
    chosen = next_to_ask(admin_id=admin_id, deputy_id=deputy_id, upward=upward, asked=everybody)
    return Passed(chosen.account_id, chosen.step, everybody, now + RECALL_TERM) if chosen else None


def term_of(step: Step) -> timedelta:
    """How long somebody has."""
    return FIRST_TERM if step == Step.ADMIN else NEXT_TERM


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a kit has come in one place, by groups."""

    asked: int = 0
    confirmed: int = 0
    waiting: int = 0
    late: int = 0
    escalated: int = 0
    nobody: int = 0
    refused: int = 0
    cancelled: int = 0

    @property
    def stopped(self) -> int:
        """Groups where it has come to a stop: late, or with nobody left to ask, or refused by a rule."""
        return self.late + self.nobody + self.refused


@dataclass(frozen=True, slots=True)
class RelayFacts:
    """One relay, as the board counts it."""

    state: str
    late: bool
    step: str
    nobody_left: bool


def standing_of(relays: Iterable[RelayFacts]) -> Standing:
    """The sum. A relay stands in exactly one of confirmed, waiting, late, nobody, refused and cancelled."""
    counts = dict.fromkeys(Standing.__dataclass_fields__, 0)
    for relay in relays:
        counts["asked"] += 1
        counts["escalated"] += relay.state == "waiting" and relay.step != Step.ADMIN
        counts[_where(relay)] += 1
    return Standing(**counts)


def _where(relay: RelayFacts) -> str:
    if relay.state != "waiting":
        return relay.state
    if relay.nobody_left:
        return "nobody"
    return "late" if relay.late else "waiting"
