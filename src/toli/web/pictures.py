"""Pictures of kits: what a page needs to show one, and the address that everybody may read."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse

from toli.content import selectors as content
from toli.core.images import CONTENT_TYPE
from toli.web.page import public_page

if TYPE_CHECKING:
    from toli.content.models import Kit

YEAR = 31_536_000  # seconds; what caches take for "for ever"


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture on a page. ``alt``: what it shows, in the reader's language."""

    address: str
    alt: str
    width: int
    height: int


def shown(kit: "Kit", language: str, address: str = "") -> Shown | None:
    """The kit's picture, if it has one; at its public address unless told another."""
    found = content.picture_of(kit)
    if found is None:
        return None
    alt = found.alt.get(language) or next(iter(found.alt.values()), "")
    return Shown(address or f"/m/{found.digest}.jpg", alt, found.width, found.height)


@public_page
def public(request: HttpRequest, digest: str) -> HttpResponse:
    """A picture by the name that its content gives it, while its kit is live. The name cannot be guessed."""
    return as_file(content.public_picture(digest))


def as_file(found: content.PictureFile, kind: str = CONTENT_TYPE, name: str = "picture.jpg") -> HttpResponse:
    """The bytes, as a picture and nothing else."""
    answer = HttpResponse(found.data, content_type=kind)
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    keep(answer, found.fresh_for)
    return answer


def keep(answer: HttpResponse, fresh_for: timedelta | None) -> None:
    """Let caches keep what is public for as long as it is."""
    if fresh_for is not None:
        seconds = min(YEAR, int(fresh_for.total_seconds()))
        answer["Cache-Control"] = f"public, max-age={seconds}, immutable"
