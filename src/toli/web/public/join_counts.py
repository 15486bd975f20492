"""How many people came how far in joining: numbers by drive, day and place, nothing of a person."""

from typing import Any

from toli.access.domain.scope import EVERYWHERE
from toli.core.errors import NotFound
from toli.members import selectors as members
from toli.members import services
from toli.members.services import Source, Step
from toli.territories import selectors as territories


def count(state: dict[str, Any], step: Step) -> None:
    """One more person has taken the step, in the place that is known by now, else in the whole area of the drive."""
    place = None
    if state.get("t"):
        try:
            place = territories.get_territory(EVERYWHERE, state["t"])
        except NotFound:
            place = territories.nearest_current(state["t"])
    drive = (members.open_drive_for(place) if place else None) or members.current_drive()
    if state.get("d"):
        drive = members.get_drive(state["d"])
    if drive is not None:
        services.count_step(
            drive=drive, territory=place or drive.territory, step=step, source=_source(state), code=state.get("c", "")
        )


def _source(state: dict[str, Any]) -> Source:
    if state.get("by"):
        return Source(state["by"])
    return Source.SHARED if state.get("s") else Source.OWN
