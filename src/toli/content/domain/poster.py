"""How posters are made from a kit's picture: where a member's name and photo stand on it, in which colour.

Places are in hundredths of the picture, so that they hold whatever the size in which it is drawn.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

LEAST_WIDTH, LEAST_HEIGHT = 30, 10  # hundredths: a name of thirty letters is still read on a phone
_COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle on the picture, in hundredths of its width and height."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PosterTemplate:
    """``area``: where name and photo stand; None: in a band below the picture. ``colour``: ``#rrggbb`` of the ground
    behind them; empty: the organisation's. ``qr``: whether a QR code stands beside the member's address."""

    area: Area | None = None
    colour: str = ""
    qr: bool = True


def faults_of(template: PosterTemplate) -> list[str]:
    """Codes of what is wrong: ``area_outside``, ``area_small``, ``colour``."""
    faults, area = [], template.area
    if area and (min(area.left, area.top) < 0 or area.left + area.width > 100 or area.top + area.height > 100):
        faults.append("area_outside")
    if area and (area.width < LEAST_WIDTH or area.height < LEAST_HEIGHT):
        faults.append("area_small")
    if template.colour and not _COLOUR.fullmatch(template.colour):
        faults.append("colour")
    return faults


def as_stored(template: PosterTemplate) -> dict[str, Any]:
    """The template as JSON."""
    return asdict(template)


def from_stored(stored: Mapping[str, Any]) -> PosterTemplate:
    """What :func:`as_stored` made; the standard template from nothing."""
    if not stored:
        return PosterTemplate()
    area = stored["area"]
    return PosterTemplate(Area(**area) if area else None, stored["colour"], stored["qr"])
