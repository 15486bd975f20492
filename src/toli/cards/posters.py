"""Posters of a drive as PDF files: one page of A4 for each place, with a QR code that leads to joining there."""

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import Actor
from toli.cards.domain import paper
from toli.cards.domain.paper import Paper, PaperCard
from toli.cards.domain.picture.fonts import forget
from toli.cards.domain.picture.poster import PosterFacts, PosterLook, draw_poster
from toli.compliance.selectors import get_organisation
from toli.members import selectors as member_selectors
from toli.members import services as members
from toli.members.models import Drive, JoinCode

Advance = Callable[[int, int], None]
PER_FILE = 200  # posters: about 15 MB


def posters_pdf(codes: Sequence[JoinCode], *, drive: Drive, language: str) -> bytes:
    """A file of these posters, a page for each. Raises Unavailable: the organisation has not been set up."""
    out = io.BytesIO()
    _write(out, codes, drive, language)
    return out.getvalue()


def print_posters(
    *,
    actor: Actor,
    drive_code: str,
    territory_code: str,
    language: str,
    level: str,
    out: Path,
    advance: Advance | None = None,
) -> tuple[int, list[Path]]:
    """The posters of a territory, or of all of one level below it, as files. Returns how many, and the files.

    Above :data:`PER_FILE` there are several files: ``posters-2.pdf`` beside ``posters.pdf``. The codes are those of
    the desk: made on first use, the same ever after.

    Raises:
        DriveNotFound, DriveElsewhere. TerritoryNotFound: not in the actor's area.
    """
    codes = members.make_posters(
        actor=actor, drive_code=drive_code, territory_code=territory_code, language=language, level=level
    )
    drive, files = member_selectors.get_drive(drive_code), []
    for start in range(0, len(codes), PER_FILE):
        path = out if not start else out.with_stem(f"{out.stem}-{start // PER_FILE + 1}")
        path.parent.mkdir(parents=True, exist_ok=True)
        part = codes[start : start + PER_FILE]
        with path.open("wb") as file:
            _write(file, part, drive, language)
        files.append(path)
        forget()
        if advance:
            advance(start + len(part), len(codes))
    return len(codes), files


def _write(out: BinaryIO, codes: Sequence[JoinCode], drive: Drive, language: str) -> None:
    name = _named(drive, language)
    paper.write_pages(out, _drawn(codes, name, language), Paper(name, language))


def _drawn(codes: Sequence[JoinCode], drive: str, language: str) -> Iterator[PaperCard]:
    look, site = _look(drive, language), urlsplit(settings.BASE_URL).netloc
    for code in codes:
        link, place = f"{settings.BASE_URL}/j/{code.code}", code.territory.label(language)
        picture = draw_poster(look, PosterFacts(place, link, f"{site}/j/{code.code}"))
        yield PaperCard(picture, ". ".join((look.organisation, drive, place, look.how, link)))


def _look(drive: str, language: str) -> PosterLook:
    organisation = get_organisation()
    with translation.override(language):
        how = _("Point your phone's camera here and become a member. It takes a minute and costs nothing to scan.")
    imprint = organisation.imprint(language)
    return PosterLook(organisation.label(language), organisation.brand_colour, drive, how, imprint)


def _named(drive: Drive, language: str) -> str:
    return drive.name_hi if language == "hi" and drive.name_hi else drive.name_en
