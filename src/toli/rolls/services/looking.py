"""Looking at the lines of a roll, which name members: counted and recorded like every look at a list of them."""

from django.db import transaction

from toli.access.domain.permissions import MEMBERS_VIEW
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.members import services as members
from toli.rolls import selectors
from toli.rolls.models import RollLine


@transaction.atomic
def look_at_lines(*, actor: Actor, roll_id: int, after: int = 0, limit: int = 50) -> list[RollLine]:
    """Lines of a roll behind the number ``after``. Raises RollNotFound, EnoughRead, Forbidden."""
    scope = scope_for(actor, MEMBERS_VIEW)
    roll = selectors.get_roll(scope, roll_id)
    lines = selectors.lines_page(roll, after=after, limit=limit)
    members.count_list(actor=actor, scope=scope)
    ids = [line.member_id for line in lines if line.member_id is not None]
    audit.record_act(
        actor,
        action="rolls.look",
        target=f"roll:{roll_id}",
        territory_id=roll.territory_id,
        details={"after": after, "count": len(ids), "members": ids},
    )
    return lines


@transaction.atomic
def look_at_line(*, actor: Actor, roll_id: int, number: int) -> RollLine | None:
    """One line of a roll, by its number; the trail keeps who looked. Raises RollNotFound."""
    roll = selectors.get_roll(scope_for(actor, MEMBERS_VIEW), roll_id)
    found = next(iter(selectors.lines_page(roll, after=number - 1, limit=1)), None)
    if found is None or found.number != number:
        return None
    ids = [found.member_id] if found.member_id is not None else []
    audit.record_act(
        actor,
        action="rolls.look",
        target=f"roll:{roll_id}",
        territory_id=roll.territory_id,
        details={"line": number, "count": len(ids), "members": ids},
    )
    return found
