"""Giving and ending roles."""

from datetime import date

from django.db import transaction

from toli.access.domain.permissions import ACCESS_GRANT, STANDARD_ROLES
from toli.access.errors import BeyondOwnRole, RoleAlreadyHeld, RoleNotFound
from toli.access.models import Role, RoleAssignment
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import clock
from toli.territories import selectors as territories


@transaction.atomic
def ensure_standard_roles() -> list[Role]:
    """Create or refresh the roles that Toli ships with; roles made by the organisation stay as they are."""
    return [
        Role.objects.update_or_create(
            code=code, defaults={"name_en": name_en, "name_hi": name_hi, "permissions": list(permissions)}
        )[0]
        for code, (name_en, name_hi, permissions) in STANDARD_ROLES.items()
    ]


@transaction.atomic
def grant_role(
    *, actor: Actor, account_id: int, role_code: str, territory_code: str, valid_to: date | None = None
) -> RoleAssignment:
    """Let an account act in a role on a territory, from today.

    Delegation goes downwards only: the actor must hold every permission of the role there.

    Raises:
        TerritoryNotFound: not in the actor's area. RoleNotFound. RoleAlreadyHeld.
        BeyondOwnRole: the role can do something there that the actor cannot.
    """
    scope = scope_for(actor, ACCESS_GRANT)
    territory = territories.get_territory(scope, territory_code)
    role = Role.objects.filter(code=role_code).first()
    if role is None:
        raise RoleNotFound(role=role_code)
    path = territories.path_of(territory.pk)
    if not all(scope_for(actor, permission).covers(path) for permission in role.permissions):
        raise BeyondOwnRole
    assignment, created = RoleAssignment.objects.get_or_create(
        account_id=account_id,
        role=role,
        territory=territory,
        valid_to=valid_to,
        defaults={"valid_from": clock.today(), "granted_by_id": actor.id},
    )
    if not created:
        raise RoleAlreadyHeld(role=role_code, territory=territory_code)
    audit.record(
        actor_kind=actor.kind,
        actor_id=actor.id,
        address=actor.address,
        action="access.grant",
        target=f"account:{account_id}",
        details={"role": role_code, "territory": territory_code},
    )
    return assignment


@transaction.atomic
def end_role(*, actor: Actor, assignment_id: int) -> None:
    """End an assignment as of today; it counts for nothing from the next request on.

    Raises:
        RoleNotFound: no such open assignment in the actor's area.
    """
    scope = scope_for(actor, ACCESS_GRANT)
    assignment = RoleAssignment.objects.select_for_update().filter(pk=assignment_id, valid_to__isnull=True).first()
    if assignment is None or not scope.covers(territories.path_of(assignment.territory_id)):
        raise RoleNotFound(role=assignment_id)
    assignment.valid_to = clock.today()
    assignment.save(update_fields=["valid_to"])
    audit.record(
        actor_kind=actor.kind,
        actor_id=actor.id,
        address=actor.address,
        action="access.end",
        target=f"account:{assignment.account_id}",
        details={"assignment": assignment_id},
    )
