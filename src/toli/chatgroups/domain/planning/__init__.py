"""The subdivision planner: which groups shall exist along the territory tree, and who moves. Pure."""

from toli.chatgroups.domain.planning.branch import Branch, Existing
from toli.chatgroups.domain.planning.communities import communities
from toli.chatgroups.domain.planning.keeping import PlannedGroup
from toli.chatgroups.domain.planning.limits import Limits, balanced, even_parts, fewest_groups, least_bins
from toli.chatgroups.domain.planning.plan import Plan, plan_branch
from toli.chatgroups.domain.planning.settling import Moves
from toli.chatgroups.domain.planning.waves import in_waves

__all__ = [
    "Branch",
    "Existing",
    "Limits",
    "Moves",
    "Plan",
    "PlannedGroup",
    "balanced",
    "communities",
    "even_parts",
    "fewest_groups",
    "in_waves",
    "least_bins",
    "plan_branch",
]
