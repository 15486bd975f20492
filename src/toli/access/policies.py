"""What an actor may see and do: the one function that every selector's scope comes from."""

from datetime import date

from django.db.models import Q, QuerySet

from toli.access.domain.scope import EVERYWHERE, NOWHERE, Scope, scope_of
from toli.access.models import Role, RoleAssignment
from toli.accounts.domain.actor import Actor, ActorKind
from toli.core import clock
from toli.core.errors import Forbidden
from toli.territories import selectors as territories
from toli.territories.domain.paths import lineage
from toli.territories.models import Node


def scope_for(actor: Actor, permission: str) -> Scope:
    """The branches on which ``actor`` holds ``permission`` today.

    The system acts everywhere, members and visitors nowhere. A role on a territory that stands in
    several trees opens its branch in each of them. Ended and future assignments count for nothing,
    and an inactive account has none.
    """
    if actor.is_system:
        return EVERYWHERE
    if actor.kind is not ActorKind.STAFF or actor.id is None:
        return NOWHERE
    return _branches(_counting(actor).filter(role__permissions__contains=[permission]))


def holds_everywhere(actor: Actor, permission: str) -> bool:
    """Whether the actor holds ``permission`` in the whole organisation, for what belongs to all of it."""
    scope = scope_for(actor, permission)
    return scope.everywhere or all(scope.covers(territories.path_of(root.pk)) for root in territories.roots(EVERYWHERE))


def lasting_scope(actor: Actor, permission: str, until: date) -> Scope:
    """Where the actor holds ``permission`` today and still will on the day before ``until``."""
    if actor.kind is not ActorKind.STAFF:
        return scope_for(actor, permission)
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gte=until)
    return _branches(_counting(actor).filter(lasting, role__permissions__contains=[permission]))


def person_of(actor: Actor) -> int:
    """The account of the member of staff who acts, for what counts by person. Raises Forbidden: nobody in person."""
    if actor.kind is not ActorKind.STAFF or actor.id is None:
        raise Forbidden
    return actor.id


def role_behind(actor: Actor, permission: str, territory_id: int) -> Role | None:
    """The role by which staff hold ``permission`` on a territory today; of several, the one given first."""
    if actor.kind is not ActorKind.STAFF:
        return None
    paths = Node.objects.current().filter(territory_id=territory_id).values_list("path", flat=True)
    for assignment in _counting(actor).filter(role__permissions__contains=[permission]).order_by("pk"):
        branch = _branches(RoleAssignment.objects.filter(pk=assignment.pk))
        if any(branch.covers(path) for path in paths):
            return assignment.role
    return None


def holders_of(permission: str, territory_id: int) -> dict[int, str]:
    """Who on the staff holds ``permission`` on a territory today: names by account, in the order of names."""
    paths = Node.objects.current().filter(territory_id=territory_id).values_list("path", flat=True)
    above = {start for path in paths for start in lineage(path)}
    places = Node.objects.current().filter(path__in=above).values("territory_id")
    today = clock.today()
    given = RoleAssignment.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=today),
        territory_id__in=places,
        role__permissions__contains=[permission],
        account__is_active=True,
        account__kind=ActorKind.STAFF,
        valid_from__lte=today,
    )
    return dict(
        given.order_by("account__display_name", "account_id").values_list("account_id", "account__display_name")
    )


def holds_on(account_id: int, permission: str, territory_id: int) -> bool:
    """Whether this member of the staff holds ``permission`` on the territory today."""
    return account_id in holders_of(permission, territory_id)


def area_of(actor: Actor) -> Scope:
    """All branches on which the actor holds any role today: the bounds of the second wall (core.wall)."""
    if actor.is_system:
        return EVERYWHERE
    if actor.kind is not ActorKind.STAFF or actor.id is None:
        return NOWHERE
    return _branches(_counting(actor))


def _counting(actor: Actor) -> QuerySet[RoleAssignment]:
    today = clock.today()
    return RoleAssignment.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=today),
        account=actor.id,
        account__is_active=True,
        valid_from__lte=today,
    )


def _branches(assigned: QuerySet[RoleAssignment]) -> Scope:
    nodes = Node.objects.current().filter(territory_id__in=assigned.values("territory_id"))
    return scope_of(list(nodes.values_list("path", flat=True)))


def permissions_of(actor: Actor) -> frozenset[str]:
    """All permissions that the actor holds anywhere: decides which menu entries are shown."""
    if actor.kind is not ActorKind.STAFF or actor.id is None:
        return frozenset()
    rows = _counting(actor).values_list("role__permissions", flat=True)
    return frozenset(permission for row in rows for permission in row)
