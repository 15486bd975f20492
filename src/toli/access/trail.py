"""Reading the audit trail: of the places in one's area, of no place for those whose area is the whole country,
and whatever one did oneself. That somebody looked is an entry as well, one for each hour of looking.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from toli.access.domain.permissions import AUDIT_VIEW
from toli.access.domain.scope import EVERYWHERE, Scope
from toli.access.policies import person_of, scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import selectors
from toli.audit import services as audit
from toli.audit.errors import EntryNotFound
from toli.audit.models import AuditEntry
from toli.audit.selectors import Sought
from toli.core import clock
from toli.core.errors import Forbidden
from toli.territories import selectors as territories
from toli.territories.models import Node, Territory

LOOKED = "audit.view"
LOOK = timedelta(hours=1)


@transaction.atomic
def look_at_trail(
    *, actor: Actor, sought: Sought, territory: Territory | None = None, before: int | None = None, limit: int = 50
) -> list[AuditEntry]:
    """A page of entries, the latest first. ``territory``: only of this place and those below it.

    Raises Forbidden: the actor may see no trail, or is nobody in person.
    """
    found = _visible(actor, _scope(actor), selectors.entries(sought, before=before))
    if territory is not None:
        found = found.filter(territory_id__in=territories.descendant_ids(territory))
    entries = list(found[:limit])
    _note_look(actor)
    return entries


@transaction.atomic
def look_at_entry(*, actor: Actor, entry_id: int) -> AuditEntry:
    """One entry. Raises EntryNotFound, also when out of scope; Forbidden."""
    entry = _visible(actor, _scope(actor), AuditEntry.objects.filter(pk=entry_id)).first()
    if entry is None:
        raise EntryNotFound
    _note_look(actor)
    return entry


def count_entries(actor: Actor, actions: tuple[str, ...], *, since: datetime, most: int = 100) -> int:
    """How many entries of these actions the actor may see; counting ends at ``most``."""
    found = selectors.entries(Sought(actions=actions, since=since))
    return _visible(actor, _scope(actor), found)[:most].count()


def home_of(scope: Scope) -> int | None:
    """The territory that the whole scope is a branch of, for what concerns all of it; None: there is not one."""
    found = territories.roots(scope)
    return found[0].pk if len(found) == 1 else None


def _scope(actor: Actor) -> Scope:
    scope = scope_for(actor, AUDIT_VIEW)
    if scope.is_empty:
        raise Forbidden
    return scope


def _visible(actor: Actor, scope: Scope, found: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
    if scope.everywhere:
        return found
    seen = Q(territory_id__in=Node.objects.within_paths(scope.paths).values("territory_id"))
    seen |= Q(actor_kind=actor.kind, actor_id=actor.id)
    if _is_country(scope):
        seen |= Q(territory_id__isnull=True)
    return found.filter(seen)


def _is_country(scope: Scope) -> bool:
    roots = [territories.path_of(root.pk) for root in territories.roots(EVERYWHERE)]
    return bool(roots) and all(scope.covers(path) for path in roots)


def _note_look(actor: Actor) -> None:
    account_id = person_of(actor)
    lately = Q(actor_kind=actor.kind, actor_id=account_id, action=LOOKED, at__gt=clock.now() - LOOK)
    if AuditEntry.objects.filter(lately).exists():
        return
    audit.record(
        actor_kind=actor.kind,
        actor_id=account_id,
        address=actor.address,
        action="audit.view",
        target="audit",
        territory_id=home_of(scope_for(actor, AUDIT_VIEW)),
    )
