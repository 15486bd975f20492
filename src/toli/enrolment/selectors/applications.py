"""Entries and phones, where the actor may see them."""

from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from toli.access.domain.scope import Scope, scope_of
from toli.enrolment.errors import ApplicationNotFound, DeviceNotFound
from toli.enrolment.models import Application, Device, State
from toli.enrolment.models.applications import ApplicationQuerySet
from toli.territories import selectors as territories
from toli.territories.models import Node, Territory

MOST_BOOTHS = 300  # what a page carries in a few kilobytes, and a thumb can scroll


def applications(scope: Scope, *, territory: Territory | None = None) -> ApplicationQuerySet:
    """Entries of the scope, below ``territory`` if given."""
    found: ApplicationQuerySet = Application.objects.within(scope)
    if territory is not None:
        found = found.within(scope_of(list(territories.paths_of(territory.pk))))
    return found.select_related("territory", "enroller")


def get_application(scope: Scope, application_id: int) -> Application:
    """The entry. Raises ApplicationNotFound, also when out of scope."""
    found = applications(scope).filter(pk=application_id).first()
    if found is None:
        raise ApplicationNotFound
    return found


def get_device(scope: Scope, device_id: int, *, account_id: int) -> Device:
    """A phone of the scope, or one's own. Raises DeviceNotFound."""
    found = devices(scope, account_id=account_id).filter(pk=device_id).first()
    if found is None:
        raise DeviceNotFound
    return found


def booths(scope: Scope, *, territory: Territory | None = None) -> list[Territory]:
    """Places without others below them, where people can be written down; one more than ``MOST_BOOTHS`` at most."""
    inside = Node.objects.within_paths(scope.paths)
    if territory is not None:
        inside = inside & Node.objects.within_paths(territories.paths_of(territory.pk))
    lowest = inside.exclude(pk__in=Node.objects.current().filter(parent__isnull=False).values("parent_id"))
    nodes = lowest.select_related("territory__level").order_by("path")[: MOST_BOOTHS + 1]
    return list(dict.fromkeys(node.territory for node in nodes))


def counted_states(found: ApplicationQuerySet) -> list[tuple[str, Any, int]]:
    """Each state that occurs, its words, and how many are in it, in the order of a life."""
    by_state = counts(found)
    return [(state.value, state.label, by_state[state]) for state in State if state in by_state]


def own_day(scope: Scope, *, account_id: int, day: date) -> ApplicationQuerySet:
    """What one coordinator wrote down on a day (of the installation's time zone), the newest first."""
    return applications(scope).filter(enroller_id=account_id, captured_at__date=day).order_by("-captured_at", "-pk")


def counts(found: ApplicationQuerySet) -> dict[str, int]:
    """How many there are in each state that occurs."""
    return dict(found.order_by().values_list("state").annotate(Count("pk")))


def by_enroller(found: ApplicationQuerySet) -> list[dict[str, Any]]:
    """Who enrolled, ranked by members who confirmed, never by what was written down."""
    columns: dict[str, Any] = {state.value: Count("pk", filter=Q(state=state)) for state in State}
    rows = found.order_by().values("enroller_id", "enroller__display_name").annotate(**columns)
    return sorted(map(dict, rows), key=lambda row: (-row["confirmed"], row["enroller__display_name"]))


def devices(scope: Scope, *, account_id: int | None = None, territory: Territory | None = None) -> QuerySet[Device]:
    """Phones of the scope, and one's own."""
    found = Device.objects.within(scope)
    if account_id is not None:
        found = found | Device.objects.filter(account_id=account_id)
    if territory is not None:
        below = Device.objects.within(scope_of(list(territories.paths_of(territory.pk))))
        found = found.filter(pk__in=below.values("pk"))
    return found.select_related("account", "territory").order_by("-registered_at", "-pk")
