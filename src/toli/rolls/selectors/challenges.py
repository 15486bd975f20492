"""Reads about what was objected to rolls, and about the supplements that followed."""

from django.db.models import Count, Q, QuerySet

from toli.access.domain.scope import Scope
from toli.core import clock, wall
from toli.members.models import Member, MemberGrade
from toli.rolls.domain.supplement import Act, Entry
from toli.rolls.errors import ChallengeNotFound, SupplementNotFound
from toli.rolls.models import Challenge, ChallengeKind, ChallengeState, Roll, RollLine, Supplement
from toli.rolls.selectors.reading import within
from toli.territories.models import Territory

CHALLENGE_KINDS = dict(ChallengeKind.choices)
GRADES = dict(MemberGrade.choices)
_ACTS = {ChallengeKind.MISSING: Act.ADDED, ChallengeKind.WRONGLY: Act.REMOVED, ChallengeKind.OTHER: Act.CHANGED}


def can_be_challenged(roll: Roll) -> bool:
    """Whether somebody can object to the roll today."""
    return roll.challenges_until is not None and clock.today() <= roll.challenges_until


def challenges(roll: Roll, *, limit: int = 100) -> list[Challenge]:
    """The objections to a roll that the caller may see, the newest first."""
    return list(_challenges().filter(roll=roll).order_by("-pk")[:limit])


def get_challenge(scope: Scope, challenge_id: int, *, lock: bool = False) -> Challenge:
    """The objection. Raises ChallengeNotFound, also when its roll is out of scope."""
    found = _challenges().filter(pk=challenge_id, roll__in=within(scope).values("pk"))
    challenge = (found.select_for_update(of=("self",)) if lock else found).first()
    if challenge is None:
        raise ChallengeNotFound
    return challenge


def challenges_of(member: Member) -> dict[int, list[Challenge]]:
    """What was objected about the member, by them or by others, for each roll, the newest first."""
    with wall.lifted("members see what was objected about them, and what was decided"):
        found: dict[int, list[Challenge]] = {}
        for item in _challenges().filter(member=member).order_by("-pk"):
            found.setdefault(item.roll_id, []).append(item)
        return found


def is_challenged(roll: Roll, ref: str) -> bool:
    """Whether an objection about this mark waits for a decision, or for a supplement."""
    return _waiting(Challenge.objects.filter(roll=roll, ref=ref)).exists()


def waits_for_decision(roll: Roll) -> int:
    """How many objections nobody has decided yet."""
    return Challenge.objects.filter(roll=roll, state=ChallengeState.OPEN).count()


def accepted_and_waiting(roll: Roll) -> QuerySet[Challenge]:
    """Objections that were accepted and are in no supplement yet."""
    return _challenges().filter(roll=roll, state=ChallengeState.ACCEPTED, supplement__isnull=True).order_by("ref")


def supplements(roll: Roll) -> list[Supplement]:
    """The supplements of a roll, in their order; ``count``: how many entries each has."""
    found = Supplement.objects.filter(roll=roll).select_related("roll__territory", "issued_by")
    return list(found.annotate(count=Count("entries")).order_by("number"))


def get_supplement(roll: Roll, number: int) -> Supplement:
    """The supplement of a roll that the caller may see. Raises SupplementNotFound."""
    found = Supplement.objects.select_related("roll__territory", "issued_by").filter(roll=roll, number=number).first()
    if found is None:
        raise SupplementNotFound
    return found


def entry_of(challenge: Challenge) -> Entry:
    """What an accepted objection puts into a supplement."""
    place = challenge.territory.code if challenge.territory else ""
    return Entry(_ACTS[ChallengeKind(challenge.kind)], challenge.ref, challenge.grade, place, challenge.commitment)


def entries_of(supplement: Supplement) -> list[Entry]:
    """What a supplement says, in its order."""
    found = Challenge.objects.filter(supplement=supplement).select_related("territory").order_by("ref")
    return [entry_of(item) for item in found]


def members_by_now(roll: Roll) -> int:
    """How many members the roll has with its supplements."""
    entries = Challenge.objects.filter(roll=roll, supplement__isnull=False)
    counted = entries.aggregate(
        more=Count("pk", filter=Q(kind=ChallengeKind.MISSING)), fewer=Count("pk", filter=Q(kind=ChallengeKind.WRONGLY))
    )
    return roll.members + int(counted["more"]) - int(counted["fewer"])


def stands_in(roll: Roll, ref: str) -> bool:
    """Whether this mark stands in the roll, with its supplements."""
    last = _last_entry(roll, ref)
    if last is not None:
        return last.kind != ChallengeKind.WRONGLY
    return RollLine.objects.filter(roll=roll, ref=ref).exists()


def standing_place(roll: Roll, ref: str) -> tuple[Territory, str] | None:
    """Place and class of this mark in the roll, with its supplements; None: it does not stand there."""
    last = _last_entry(roll, ref)
    if last is not None:
        return (last.territory, last.grade) if last.territory else None
    line = RollLine.objects.select_related("territory").filter(roll=roll, ref=ref).first()
    return (line.territory, line.grade) if line else None


def _last_entry(roll: Roll, ref: str) -> Challenge | None:
    found = Challenge.objects.select_related("territory").filter(roll=roll, ref=ref, supplement__isnull=False)
    return found.order_by("-supplement__number").first()


def _waiting(found: QuerySet[Challenge]) -> QuerySet[Challenge]:
    return found.filter(Q(state=ChallengeState.OPEN) | Q(state=ChallengeState.ACCEPTED, supplement__isnull=True))


def _challenges() -> QuerySet[Challenge]:
    return Challenge.objects.select_related(
        "roll__territory__level", "member__territory", "territory", "raised_by", "decided_by", "supplement"
    )
