"""Giving and ending roles."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from toli.access import selectors
from toli.access.domain.permissions import ACCESS_GRANT, PERMISSIONS, STANDARD_ROLES
from toli.access.domain.scope import EVERYWHERE
from toli.access.errors import BeyondOwnRole, OwnRole, PlaceMissing, RoleAlreadyHeld, RoleNotFound, RoleTermWrong
from toli.access.models import Role, RoleAssignment
from toli.access.policies import lasting_scope, scope_for
from toli.accounts.domain.actor import Actor
from toli.accounts.errors import AccountNotFound
from toli.accounts.models import Account, AccountKind
from toli.accounts.services import create_account, create_sign_in_link
from toli.audit import services as audit
from toli.core import clock
from toli.core.domain.terms import ends_on
from toli.territories import selectors as territories
from toli.territories.models import Territory

HEADQUARTERS_ROLE = "headquarters"


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
def invite_staff(
    *,
    actor: Actor,
    login: str,
    name: str,
    language: str,
    lifetime: timedelta,
    role_code: str = "",
    territory_code: str = "",
) -> tuple[Account, str]:
    """A new account with its role, and the token of a link by which its owner comes in once. By the operator.

    Headquarters without a territory means the whole organisation.

    Raises:
        Forbidden. LoginInvalid. LoginTaken. RoleNotFound. PlaceMissing: the role needs a territory.
    """
    account = create_account(actor=actor, login=login, display_name=name, kind=AccountKind.STAFF, language=language)
    if role_code:
        ensure_standard_roles()
        if not Role.objects.filter(code=role_code).exists():
            raise RoleNotFound(role=role_code)
        place = territory_code or (_whole_organisation() if role_code == HEADQUARTERS_ROLE else "")
        if not place:
            raise PlaceMissing(role=role_code)
        grant_role(actor=actor, account_id=account.pk, role_code=role_code, territory_code=place)
    return account, create_sign_in_link(actor=actor, account_id=account.pk, lifetime=lifetime)


def _whole_organisation() -> str:
    """The code of the topmost territory; empty before territories were imported."""
    return next((territory.code for territory in territories.roots(EVERYWHERE)), "")


@transaction.atomic
def grant_role(
    *, actor: Actor, account_id: int, role_code: str, territory_code: str, valid_to: date | None = None
) -> RoleAssignment:
    """Let a staff account act in a role on a territory, from today until the day before ``valid_to``.

    Delegation goes downwards only: the actor must hold every permission of the role there, and for as
    long. What people give ends within settings.TOLI_ROLE_MONTHS; only the operator gives without an end.

    Raises:
        TerritoryNotFound: not in the actor's area. RoleNotFound. RoleTermWrong. OwnRole. RoleAlreadyHeld.
        AccountNotFound: there is no such staff account in use.
        BeyondOwnRole: the role can do something there that the actor cannot, or for longer.
    """
    territory = territories.get_territory(scope_for(actor, ACCESS_GRANT), territory_code)
    role = Role.objects.filter(code=role_code).first()
    if role is None:
        raise RoleNotFound(role=role_code)
    _check_term(actor, valid_to)
    _check_reach(actor, role, territory, valid_to or date.max)
    if account_id == actor.id:
        raise OwnRole
    _lock_staff(account_id)
    if selectors.assignments().filter(account_id=account_id, role=role, territory=territory).exists():
        raise RoleAlreadyHeld(role=role_code, territory=territory.code)
    assignment = RoleAssignment.objects.create(
        account_id=account_id,
        role=role,
        territory=territory,
        valid_from=clock.today(),
        valid_to=valid_to,
        granted_by_id=actor.id,
    )
    _record(actor, "access.grant", assignment, until=valid_to.isoformat() if valid_to else None)
    return assignment


def staff_account_id(login: str) -> int:
    """The staff account in use with this login. Raises AccountNotFound, for a member's login just as for none."""
    found = Account.objects.filter(login=login.strip(), kind=AccountKind.STAFF, is_active=True)
    account_id = found.values_list("pk", flat=True).first()
    if account_id is None:
        raise AccountNotFound(login=login)
    return account_id


def roles_to_give(*, actor: Actor, territory: Territory) -> list[Role]:
    """The roles of which the actor holds every permission on the territory today."""
    path = territories.path_of(territory.pk)
    held = {code for code in PERMISSIONS if scope_for(actor, code).covers(path)}
    return [role for role in selectors.roles() if held.issuperset(role.permissions)]


def latest_end() -> date:
    """The last day on which a role given by a person today may end."""
    return ends_on(clock.today(), settings.TOLI_ROLE_MONTHS)


def _check_term(actor: Actor, valid_to: date | None) -> None:
    if valid_to is None and actor.is_system:
        return
    if valid_to is None or valid_to <= clock.today() or (valid_to > latest_end() and not actor.is_system):
        raise RoleTermWrong(months=settings.TOLI_ROLE_MONTHS)


def _check_reach(actor: Actor, role: Role, territory: Territory, until: date) -> None:
    """The actor holds all that the role can do, there and for as long."""
    path = territories.path_of(territory.pk)
    if not all(lasting_scope(actor, permission, until).covers(path) for permission in role.permissions):
        raise BeyondOwnRole


def _lock_staff(account_id: int) -> None:
    """One change at a time to the roles of a person. A member's account is no staff account, and so not found."""
    locked = Account.objects.select_for_update(no_key=True).filter(kind=AccountKind.STAFF, is_active=True)
    if not locked.filter(pk=account_id).exists():
        raise AccountNotFound(login=account_id)


@transaction.atomic
def end_role(*, actor: Actor, assignment_id: int) -> None:
    """End an assignment as of today; it counts for nothing from the next request on.

    Raises:
        AssignmentNotFound: no such assignment that counts in the actor's area.
        BeyondOwnRole: whoever may not give the role may not end it either.
    """
    assignment = selectors.get_assignment(scope_for(actor, ACCESS_GRANT), assignment_id, lock=True)
    _check_reach(actor, assignment.role, assignment.territory, clock.today())
    assignment.valid_to = clock.today()
    assignment.save(update_fields=["valid_to"])
    _record(actor, "access.end", assignment)


def _record(actor: Actor, action: str, assignment: RoleAssignment, **details: Any) -> None:
    audit.record_act(
        actor,
        action=action,
        target=f"account:{assignment.account_id}",
        territory_id=assignment.territory_id,
        details={
            "assignment": assignment.pk,
            "role": assignment.role.code,
            "territory": assignment.territory.code,
            **details,
        },
    )
