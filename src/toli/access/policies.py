"""What an actor may see and do: the one function that every selector's scope comes from."""

from django.db.models import Q, QuerySet

from toli.access.domain.scope import EVERYWHERE, NOWHERE, Scope, scope_of
from toli.access.models import RoleAssignment
from toli.accounts.domain.actor import Actor, ActorKind
from toli.core import clock
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
