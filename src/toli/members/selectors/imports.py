"""Lists that are or were imported."""

from django.db.models import QuerySet

from toli.accounts.domain.actor import Actor
from toli.members.errors import ImportNotFound
from toli.members.models import (
    ImportChunk,
    ImportRun,
)


def get_import(actor: Actor, run_id: int, *, lock: bool = False) -> ImportRun:
    """One's own import; the system's view: any. Raises ImportNotFound."""
    found = _imports(actor)
    run = (found.select_for_update(of=("self",)) if lock else found).filter(pk=run_id).first()
    if run is None:
        raise ImportNotFound
    return run


def imports(actor: Actor, *, limit: int = 50) -> list[ImportRun]:
    """One's own imports (the system's view: all), the latest first."""
    return list(_imports(actor).order_by("-pk")[:limit])


def made_by_import(run_id: int) -> list[tuple[int, int]]:
    """Whom an import made: pairs of first and last member id. Nobody, after it was undone."""
    pieces = ImportChunk.objects.filter(run_id=run_id).order_by("number").values_list("made", flat=True)
    return [(first, last) for made in pieces for first, last in made]


def _imports(actor: Actor) -> QuerySet[ImportRun]:
    found = ImportRun.objects.select_related("drive", "asked_by")
    return found if actor.is_system else found.filter(asked_by_id=actor.id, asked_by__isnull=False)
