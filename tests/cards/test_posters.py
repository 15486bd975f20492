"""Posters as files: a page of A4 each, whose code another reader finds, with words that fit, in both scripts."""

import io
from functools import partial

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.factories import make_drive, make_organisation, make_territories
from toli.accounts.domain.actor import SYSTEM
from toli.cards import posters
from toli.cards.domain.paper import MM
from toli.cards.domain.picture.poster import HEIGHT, WIDTH, PosterFacts, PosterLook, draw_poster
from toli.core.errors import Unavailable
from toli.members import services
from toli.members.models import JoinCode

read_codes = partial(zxingcpp.read_barcodes, formats=zxingcpp.BarcodeFormat.QRCode)  # no bars of shops

LINK = "https://toli.example.org/j/ab3d5fgh2k"
LOOK = PosterLook("संगठन", "#0e5566", "सदस्यता अभियान", "कैमरा यहाँ दिखाएँ", "प्रकाशक")


def picture(place, look=LOOK):
    return Image.open(io.BytesIO(draw_poster(look, PosterFacts(place, LINK, LINK[8:]))))


def codes(page):
    return [code.text for code in read_codes(page.render(scale=150 / 72).to_pil())]


words = st.lists(st.sampled_from(["प्राथमिक", "विद्यालय", "Rampur", "बूथ", "142", "Sardar-Vallabhbhai"]), max_size=14)


@settings(max_examples=6, deadline=None)
@given(words, words)
def test_no_word_reaches_into_the_code_or_over_the_edge(place, drive):
    drawn = picture(" ".join(place) or "x", PosterLook("संगठन", "#0e5566", " ".join(drive) or "x", "कैमरा", "प्रकाशक"))
    assert drawn.size == (WIDTH, HEIGHT)
    assert [code.text for code in read_codes(drawn.convert("L"))] == [LINK]
    grey = drawn.convert("L")
    for edge in ((0, 300, 40, HEIGHT), (WIDTH - 40, 300, WIDTH, HEIGHT)):
        assert grey.crop(edge).getextrema() == (255, 255)


def test_the_same_place_gives_the_same_picture():
    assert draw_poster(LOOK, PosterFacts("बूथ", LINK, "x")) == draw_poster(LOOK, PosterFacts("बूथ", LINK, "x"))


@pytest.fixture
def drive(db):
    make_territories("IN/UP/07/A1", "IN/UP/07/A2")
    return make_drive(territory="IN")


def print_posters(tmp_path, **more):
    wanted = {"territory_code": "07", "language": "hi", "level": "ac", "out": tmp_path / "p.pdf", **more}
    return posters.print_posters(actor=SYSTEM, drive_code="drive", **wanted)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["hi", "en"])
def test_a_page_of_a4_for_each_place_with_its_own_code(drive, tmp_path, settings, language):
    make_organisation()
    count, (path,) = print_posters(tmp_path, language=language)
    file = pypdfium2.PdfDocument(path)
    assert count == len(file) == 2
    made = [
        f"{settings.BASE_URL}/j/{code}"
        for code in JoinCode.objects.order_by("territory__code").values_list("code", flat=True)
    ]
    assert [codes(page) for page in file] == [[link] for link in made]
    assert [round(side / MM) for side in file[0].get_size()] == [210, 297]
    assert language.encode() in path.read_bytes()


@pytest.mark.django_db
def test_many_posters_are_several_files_and_codes_stay(drive, tmp_path, monkeypatch):
    make_organisation()
    monkeypatch.setattr(posters, "PER_FILE", 1)
    seen = []
    count, files = print_posters(tmp_path, advance=lambda *now: seen.append(now))
    assert (count, [path.name for path in files]) == (2, ["p.pdf", "p-2.pdf"])
    assert seen == [(1, 2), (2, 2)]
    before = set(JoinCode.objects.values_list("code", flat=True))
    print_posters(tmp_path)
    assert set(JoinCode.objects.values_list("code", flat=True)) == before


@pytest.mark.django_db
def test_without_an_organisation_there_is_no_poster(drive):
    made = services.make_posters(actor=SYSTEM, drive_code="drive", territory_code="07", language="en")
    with pytest.raises(Unavailable):
        posters.posters_pdf(made, drive=drive, language="en")
