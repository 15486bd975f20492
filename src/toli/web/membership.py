"""A membership as people read it: where, of which class and from when to when, the present one first."""

from typing import TYPE_CHECKING, Any

from toli.access.domain.scope import EVERYWHERE
from toli.core import wall
from toli.members import selectors as members
from toli.members.domain.history import stretches
from toli.territories import selectors as territories

if TYPE_CHECKING:
    from toli.members.models import Member


@wall.lifted("where somebody was a member before stands in their own history")
def history(member: "Member") -> list[dict[str, Any]]:
    """Each stretch of the membership with its place and words."""
    reasons, grades = dict(members.history_reasons()), dict(members.grades())
    rows = [
        {
            "place": territories.get_by_id(EVERYWHERE, item.territory_id),
            "grade": grades.get(item.grade, item.grade),
            "state": item.state,
            "from_on": item.from_on,
            "to_on": item.to_on,
            "reason": reasons.get(item.reason, ""),
        }
        for item in stretches(members.history_of(member))
    ]
    return rows[::-1]
