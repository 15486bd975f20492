"""Reads about roles."""

from collections import defaultdict
from collections.abc import Sequence

from django.db.models import Q, QuerySet

from toli.access.domain.scope import Scope
from toli.access.errors import AssignmentNotFound
from toli.access.models import Role, RoleAssignment
from toli.core import clock
from toli.territories import selectors as territories
from toli.territories.domain.paths import branches_above
from toli.territories.models import Node, Territory


def assignments() -> QuerySet[RoleAssignment]:
    """All assignments that count today, for the operator."""
    return _counting().order_by("territory__code", "role__code", "pk")


def assignments_within(scope: Scope, *, territory: Territory, after: int = 0, limit: int = 50) -> list[RoleAssignment]:
    """Who holds which role on the territory and below it, as far as the scope reaches; by number of the assignment."""
    found = _inside(scope).filter(territory_id__in=territories.descendant_ids(territory), pk__gt=after)
    return list(found.order_by("pk")[:limit])


def get_assignment(scope: Scope, assignment_id: int, *, lock: bool = False) -> RoleAssignment:
    """The assignment that counts today. Raises AssignmentNotFound, also when out of scope."""
    found = _inside(scope).filter(pk=assignment_id)
    assignment = (found.select_for_update(of=("self",)) if lock else found).first()
    if assignment is None:
        raise AssignmentNotFound
    return assignment


def roles() -> list[Role]:
    """All roles there are, by code."""
    return list(Role.objects.order_by("code"))


def _inside(scope: Scope) -> QuerySet[RoleAssignment]:
    if scope.everywhere:
        return _counting()
    return _counting().filter(territory_id__in=Node.objects.within_paths(scope.paths).values("territory_id"))


def _counting() -> QuerySet[RoleAssignment]:
    today = clock.today()
    counting = RoleAssignment.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=today), valid_from__lte=today)
    return counting.select_related("account", "role", "territory__level", "granted_by")


def people_above(permission: str, territory_ids: Sequence[int]) -> dict[int, list[int]]:
    """For each place, the accounts that hold ``permission`` on it or above it today, the nearest first."""
    nodes = Node.objects.current().filter(territory_id__in=territory_ids, tree__is_main=True)
    paths = dict(nodes.values_list("territory_id", "path"))
    above = {branch for path in paths.values() for branch in branches_above(path)}
    held = _counting().filter(role__permissions__contains=[permission], account__is_active=True)
    rows = held.filter(territory__nodes__path__in=above, territory__nodes__valid_to__isnull=True)
    by_branch: dict[str, list[int]] = defaultdict(list)
    for branch, account_id in rows.order_by("pk").values_list("territory__nodes__path", "account_id"):
        by_branch[branch].append(account_id)
    nearest = {place: reversed(branches_above(path)) for place, path in paths.items()}
    return {
        place: list(dict.fromkeys(account for branch in branches for account in by_branch[branch]))
        for place, branches in nearest.items()
    }
