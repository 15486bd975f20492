"""A roll counts when another person than the one who drew it up has certified it."""

from datetime import timedelta

from django.db import transaction

from toli.access.domain.permissions import EXPORTS_APPROVE
from toli.access.policies import person_of, scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import clock
from toli.rolls import selectors
from toli.rolls.domain.roll import hash_in_order
from toli.rolls.domain.supplement import DAYS, MOST_DAYS
from toli.rolls.errors import ChallengeDaysWrong, RollDamaged, RollNotFound, RollStateWrong, SamePersonRoll
from toli.rolls.models import Roll, RollState


@transaction.atomic
def certify_roll(*, actor: Actor, roll_id: int, challenge_days: int = DAYS) -> Roll:
    """Certify a roll that somebody else drew up. From then on it can be objected to for some days (0: not at all).

    Raises:
        RollNotFound: also when out of scope. SamePersonRoll. RollStateWrong. RollDamaged. ChallengeDaysWrong.
    """
    if not 0 <= challenge_days <= MOST_DAYS:
        raise ChallengeDaysWrong(most=MOST_DAYS)
    person = person_of(actor)
    roll = _locked(actor, roll_id)
    if roll.drawn_by_id == person:
        raise SamePersonRoll
    if roll.state != RollState.DRAFT:
        raise RollStateWrong(state=roll.get_state_display())
    if not fits(roll):
        raise RollDamaged
    roll.state, roll.certified_by_id, roll.certified_at = RollState.CERTIFIED, person, clock.now()
    if challenge_days:
        roll.challenges_until = clock.today() + timedelta(days=challenge_days)
    roll.save(update_fields=["state", "certified_by", "certified_at", "challenges_until"])
    _record(actor, "rolls.certify", roll)
    return roll


@transaction.atomic
def publish_roll(*, actor: Actor, roll_id: int) -> Roll:
    """Publish a certified roll. Raises RollNotFound, RollStateWrong, RollDamaged."""
    person_of(actor)
    roll = _locked(actor, roll_id)
    if roll.state != RollState.CERTIFIED:
        raise RollStateWrong(state=roll.get_state_display())
    if not fits(roll):
        raise RollDamaged
    roll.state, roll.published_at = RollState.PUBLISHED, clock.now()
    roll.save(update_fields=["state", "published_at"])
    _record(actor, "rolls.publish", roll)
    return roll


def fits(roll: Roll) -> bool:
    """Whether the lines as they are stored give the hash that was noted when the roll was drawn up."""
    return hash_in_order(selectors.head_of(roll), roll.members, selectors.lines_of(roll)) == roll.content_hash


def _locked(actor: Actor, roll_id: int) -> Roll:
    selectors.get_roll(scope_for(actor, EXPORTS_APPROVE), roll_id)
    roll = Roll.objects.select_for_update(of=("self",)).select_related("territory", "previous").filter(pk=roll_id)
    found = roll.first()
    if found is None:
        raise RollNotFound
    return found


def _record(actor: Actor, action: str, roll: Roll) -> None:
    audit.record_act(
        actor,
        action=action,
        target=f"roll:{roll.pk}",
        territory_id=roll.territory_id,
        details={"day": roll.day.isoformat(), "hash": roll.content_hash},
    )
