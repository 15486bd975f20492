"""The guided tour shows every page there is. `make tour` has it taken anew: TOUR is the folder where it goes."""

import io
import os
import re
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.test_every_page import OF_THE_ASKER, OPENED_BY, _signed_in
from tests.e2e.tour_stage import build
from tests.matrix import cells
from tools import tour

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "tour"
ROUTES = {str(pattern.pattern): pattern.callback.access for pattern in cells.routes()}
TALLEST = {360: 1500, 1280: 1000}
DRAWN = """() => [...document.images].every((one) => one.complete || one.getBoundingClientRect().top > innerHeight)"""
COORDINATOR = ("coordinator", "own")


def test_the_tour_leaves_no_page_out():
    """A new page? Give it a place and a sentence in tools/tour.toml, and run `make tour`."""
    assert tour.missing(ROUTES) == []
    assert tour.superfluous(ROUTES) == []


@pytest.mark.parametrize("language", tour.LANGUAGES)
def test_what_is_shown_is_what_was_planned(language):
    for role in tour.roles():
        page = (FOLDER / language / f"{role.name}.md").read_text(encoding="utf-8")
        pictures = re.findall(r"!\[([^\]]+)\]\(([^)]+\.webp)\)", page)
        assert [alt.strip() == "" for alt, _file in pictures] == [False] * len(pictures)
        assert [stop.said[language] in page for stop in role.stops].count(False) == 0
        assert len(pictures) == len(role.stops)
        for _alt, file in pictures:
            with Image.open(FOLDER / language / file) as picture:
                assert (picture.format, picture.width) == ("WEBP", tour.WIDTH[role.width])


def test_the_tour_is_small_enough_to_be_carried_along():
    assert sum(file.stat().st_size for file in FOLDER.rglob("*.webp")) <= tour.MOST_BYTES


def test_a_picture_is_made_as_small_as_is_asked_for():
    noise = Image.effect_noise((720, 900), 80)
    png = io.BytesIO()
    noise.save(png, "PNG")
    sizes = [len(tour.small(png.getvalue(), screen=360, most=most)) for most in (10**6, 20_000)]
    assert sizes[0] > sizes[1]
    assert Image.open(io.BytesIO(tour.small(png.getvalue(), screen=360, most=20_000))).width == 360


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("TOUR" not in os.environ, reason="taken by `make tour`")
def test_take_the_tour(open_page, site, settings):
    settings.BASE_URL = "https://toli.example"  # what posters and links say; pages are asked for at ``site``
    folder, built, taken = Path(os.environ["TOUR"]), build(), []
    for language in tour.LANGUAGES:
        (folder / language).mkdir(parents=True, exist_ok=True)
        for old in (folder / language).glob("*.webp"):
            old.unlink()
        phones = {name: _signed_in(open_page, person, site, language) for name, person in built.roles.items()}
        for role in tour.roles():
            pictures = [_take(phones, built, role, stop, number, folder / language)
                        for number, stop in enumerate(role.stops, start=1)]  # fmt: skip
            taken.append((language, role, pictures))
    tour.write(folder, taken)


def _take(phones, built, role, stop, number, folder):
    who, place = _opened_by(built, role, stop)
    page, path = phones[who], _address(stop, built.of(place))
    page.set_viewport_size({"width": role.width, "height": 740})
    answer = page.goto(path)
    assert answer.status == 200, f"{path} as {who}: {answer.status}"
    page.evaluate(
        "document.querySelectorAll('details').forEach((one) => { if (!one.closest('nav')) one.open = false; })"
    )
    page.wait_for_timeout(50)
    whole = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": role.width, "height": min(max(whole, 640), TALLEST[role.width])})
    page.wait_for_function(DRAWN)
    file = f"{role.name}-{number:02}.webp"
    (folder / file).write_bytes(tour.small(page.screenshot(), screen=role.width, most=tour.share_of_a_picture()))
    heading = page.inner_text("h1").strip() or page.title()
    return tour.Picture(stop, file, heading.replace("\n", " "))


def _opened_by(built, role, stop):
    """Coordinators open what they may; everything else is opened by whoever opens every page."""
    if role.name == "coordinators" and ROUTES[stop.route] in built.roles["coordinator"].permissions:
        return COORDINATOR
    subjects = cells.SUBJECTS.get(stop.route)
    if subjects and subjects[0].reach == "asker":
        return OF_THE_ASKER
    return OPENED_BY.get(ROUTES[stop.route], ("headquarters", "own"))


def _address(stop, things):
    """Where the first of the things is shown that the page may be about."""
    return cells.address(stop.route, cells.SUBJECTS.get(stop.route, (None,))[0], things)
