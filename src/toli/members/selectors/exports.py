"""Lists of members that somebody asked for."""

from django.db.models import QuerySet

from toli.access.domain.scope import Scope
from toli.accounts.domain.actor import Actor
from toli.core import clock
from toli.core.domain import base32
from toli.members.errors import ExportNotFound
from toli.members.models import (
    Export,
    ExportRow,
    ExportState,
    Member,
)
from toli.territories.models import Territory


def lists_with(member: Member, *, limit: int = 50) -> list[Export]:
    """Lists that the member stood in, the latest first."""
    rows = ExportRow.objects.filter(member=member)
    found = Export.objects.filter(pk__in=rows.values("export_id")).select_related("asked_by", "territory")
    return list(found.order_by("-made_at", "-pk")[:limit])


def exports_of(actor: Actor, *, limit: int = 50) -> list[Export]:
    """Lists that the actor asked for, the latest first."""
    return list(_exports().filter(asked_by_id=actor.id).order_by("-pk")[:limit]) if actor.id else []


def exports_to_decide(scope: Scope, actor: Actor, *, limit: int = 50) -> list[Export]:
    """Lists on territories of the scope that wait for somebody other than who asked, the oldest first."""
    waiting = _exports().filter(state=ExportState.WAITING).exclude(asked_by_id=actor.id)
    return list(_on_territories(waiting, scope).order_by("pk")[:limit])


def exports(*, limit: int = 200) -> list[Export]:
    """All lists, the latest first, for the operator."""
    return list(_exports().order_by("-pk")[:limit])


def get_export(scope: Scope, export_id: int, *, lock: bool = False) -> Export:
    """The list, if its territory lies in the scope. Raises ExportNotFound."""
    found = Export.objects.select_for_update() if lock else _exports()
    export = _on_territories(found, scope).filter(pk=export_id).first()
    if export is None:
        raise ExportNotFound
    return export


def is_over(export: Export) -> bool:
    """Whether the time for fetching the list has passed, or it was fetched often enough."""
    late = export.expires_at is not None and export.expires_at <= clock.now()
    return late or export.downloads >= Export.MOST_DOWNLOADS


def trace(ref: str) -> list[Export]:
    """The lists in which a row with this mark stood; hyphens, blanks and look-alike letters are forgiven."""
    rows = ExportRow.objects.filter(ref=base32.normalise(ref))
    return list(_exports().filter(pk__in=rows.values("export_id")).order_by("pk"))


def _exports() -> QuerySet[Export]:
    return Export.objects.select_related("territory", "asked_by", "decided_by")


def _on_territories(found: QuerySet[Export], scope: Scope) -> QuerySet[Export]:
    if scope.everywhere:
        return found
    return found.filter(territory_id__in=Territory.objects.current().within_paths(scope.paths).values("pk"))
