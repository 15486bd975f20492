"""The picture of a card: a whole PNG file, small, with nothing outside its place, and a QR code that others read."""

import csv
import io
import os
import zlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat, features

from tests.factories import make_member
from toli.accounts.domain.actor import SYSTEM
from toli.cards import pictures
from toli.cards.domain import card_codec
from toli.cards.domain.card_codec import CardFace
from toli.cards.domain.picture import CardFacts, Look, Words, draw_card, face, fonts, png
from toli.cards.domain.picture import plate as plates
from toli.cards.models import Card
from toli.cards.services import issue_cards

WORDS = Words("सदस्यता कार्ड · Membership card", "सदस्य संख्या", "कब तक मान्य", "जाँचने के लिए स्कैन करें", "नकली लगे?")
LOOK = Look("जन सेतु संघ", "#0e5566", "toli.example.org/verify", WORDS)
ADDRESS = "HTTPS://TOLI.EXAMPLE.ORG" + card_codec.encode(
    CardFace("7Q3K9M2XPA", date(2029, 1, 1), 1), card_codec.sign(CardFace("7Q3K9M2XPA", date(2029, 1, 1), 1), b"s" * 32)
)
FACTS = CardFacts("सुनीता देवी", (("बूथ", "142"), ("राज्य", "उत्तर प्रदेश")), "7Q3K-9M2X-PA", "31 दिसंबर 2028", ADDRESS)
LONG = (
    "लक्ष्मीनारायण सूर्यप्रकाश त्रिपाठी",
    "मोहम्मद अब्दुल रहमान इब्राहिम ख़ान बहादुर सिद्दीक़ी अंसारी लखनवी क़ुरैशी फ़िरोज़ाबादी ज़ुल्फ़िक़ार अली",
    "Venkatanarasimharajuvaripeta Satyanarayana Murthy Chandrasekharan Subramanian Balakrishnamurthy",
    "ज्ञानेश्वरीप्रसादनारायणसिंहक्षत्रियकुलभूषणश्रीवास्तव" * 2,
    "W" * 120,
    "M. " * 30 + "Rao",
)
SHARED = Path(os.environ.get("TOLI_TEST_SHARED_DATA", "../shared/data")) / "names" / "person_names.csv"


def opened(file: bytes) -> Image.Image:
    return Image.open(io.BytesIO(file)).convert("RGB")


def drawn_within(facts: CardFacts) -> tuple[int, int, int, int]:
    """The box of what the card has and the card without a name and places has not, QR code aside."""
    bare = replace(facts, name="", places=())
    return ImageChops.difference(opened(draw_card(LOOK, facts)), opened(draw_card(LOOK, bare))).getbbox()


def test_it_is_a_whole_png_of_a_thousand_by_six_hundred_and_thirty():
    file = draw_card(LOOK, FACTS)
    picture = Image.open(io.BytesIO(file))
    picture.verify()
    assert (picture.size, picture.mode, picture.format) == ((1000, 630), "P", "PNG")
    assert 290 < picture.info["dpi"][0] < 305
    assert len(file) <= 120_000


def test_letters_are_shaped_by_a_shaping_engine():
    assert features.check("raqm")
    together = fonts.ink("क्षि", fonts.Style(50, 700)).advance
    apart = sum(fonts.ink(letter, fonts.Style(50, 700)).advance for letter in ("क", "्", "ष", "ि"))
    assert together < 0.8 * apart
    before = fonts.ink("कि", fonts.Style(50, 400)).mask
    after = fonts.ink("की", fonts.Style(50, 400)).mask
    assert before.crop((0, 0, 8, before.height)).getbbox() != after.crop((0, 0, 8, after.height)).getbbox()


def test_the_font_comes_with_us():
    assert "fontpkg_noto_sans_devanagari" in fonts._font(fonts.Style(20, 400)).path


TAMIL = Path("/usr/share/fonts/truetype/noto/NotoSansTamil-Regular.ttf")
# A name in each script in which members of India write theirs, with letters that change shape and place.
NAMES = {
    "Devanagari": "श्रीलक्ष्मी देवी", "Latin": "Françoise D'Souza", "Bengali": "শ্রীমতী চন্দ্রিমা বন্দ্যোপাধ্যায়",
    "Gujarati": "હર્ષાબેન પટેલ", "Gurmukhi": "ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ", "Kannada": "ಸುಬ್ರಹ್ಮಣ್ಯ ಶೆಟ್ಟಿ", "Malayalam": "ലക്ഷ്മിക്കുട്ടി നായർ",
    "Odia": "ଲକ୍ଷ୍ମୀପ୍ରିୟା ସାହୁ", "Tamil": "முத்துலட்சுமி செல்வராஜ்", "Telugu": "శ్రీలక్ష్మి రెడ్డి",
    "Urdu": "محمد عمران خان ٹنڈن",
}  # fmt: skip
BIG = fonts.Style(60, 700)


def boxes(word, family):
    """At how many places the word as it is drawn looks like the box that stands for what a font lacks.

    Nearly: a box may stand between two pixels.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fonts, "_family_for", lambda _word: family)
        fonts.forget()
        drawn, box = fonts.ink(word, BIG), fonts.ink("\U0010ffff", BIG)
    fonts.forget()
    top = box.top - drawn.top
    width, height = box.mask.size
    parts = (drawn.mask.crop((left, top, left + width, top + height)) for left in range(drawn.mask.width - width + 1))
    return sum(ImageStat.Stat(ImageChops.difference(part, box.mask)).mean[0] < 15 for part in parts)


def test_boxes_are_seen_where_a_font_lacks_a_script():
    assert boxes("செல்வராஜ்", fonts.FAMILY) > 1
    assert boxes("क中", fonts.FAMILY) >= 1
    assert boxes("श्रीलक्ष्मी", fonts.FAMILY) == 0


@pytest.mark.parametrize("script", fonts.SCRIPTS)
def test_a_name_in_each_script_is_drawn_without_boxes(script):
    if script in fonts.undrawable():
        assert script in {"Odia", *fonts.OF_THE_MACHINE}, "a package brings the font of this script"
        pytest.skip("this machine has no fonts-noto-core")
    assert fonts.can_draw(NAMES[script])
    assert [boxes(word, fonts._family_for(word)) for word in NAMES[script].split()] == [0] * len(NAMES[script].split())


def test_a_name_that_no_font_can_draw_is_left_out_of_the_picture(country):
    """What the picture lacks stands on the page and in what is read aloud."""
    make_member("A1", name="中 Rao", language="en")
    issue_cards(actor=SYSTEM)
    card = Card.objects.get()
    assert pictures.facts_of(card, ()).name == ""
    assert "中 Rao" in pictures.spoken_of(card)
    assert Image.open(io.BytesIO(draw_card(LOOK, replace(FACTS, name="")))).size == (1000, 630)


def test_what_the_font_has_is_known():
    assert all(fonts._has(fonts.FAMILY, character) for character in "कAz9-\u0301\u094d₹")
    assert not any(fonts._has(fonts.FAMILY, character) for character in "அ中\U0001f600")


@pytest.mark.skipif(not TAMIL.exists(), reason="there is no Tamil font here")
def test_a_word_in_another_script_is_drawn_with_a_family_that_has_it(monkeypatch):
    real = fonts.fontpkg.path
    monkeypatch.setattr(fonts, "families", lambda: (fonts.FAMILY, "Tamil"))
    monkeypatch.setattr(
        fonts.fontpkg, "path", lambda name, **options: TAMIL if name == "Tamil" else real(name, **options)
    )
    assert [fonts._family_for(word) for word in ("தமிழ்", "सुनीता", "Rao", "தமிழ்中")] == [
        "Tamil", fonts.FAMILY, fonts.FAMILY, fonts.FAMILY,
    ]  # fmt: skip
    assert fonts.ink("தமிழ்", fonts.Style(31, 700)).mask


def inside(box):
    left, top, right, bottom = box
    return left >= 40 and top >= plates.HEAD and right <= face.RIGHT + 4 and bottom <= plates.FOOT


@pytest.mark.parametrize("name", LONG)
def test_a_long_name_stays_within_its_box(name):
    places = (("विधानसभा निर्वाचन क्षेत्र", "राजकीय प्राथमिक विद्यालय रामपुर कक्ष संख्या तीन पूर्वी भाग"),) * 4
    assert inside(drawn_within(replace(FACTS, name=name[:120].strip(), places=places)))


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.exists(), reason="the shared data are not here")
def test_the_longest_real_names_stay_within_their_box():
    with SHARED.open() as file:
        found = [row["name"] for row in csv.DictReader(file) if row["script"] in {"Latn", "Deva"}]
    longest = sorted(found, key=len)[-12:]
    for first, last in zip(longest[::2], longest[1::2], strict=True):
        for name in (f"{first} {last}", " ".join(longest)[:120]):
            assert inside(drawn_within(replace(FACTS, name=name)))


def test_empty_facts_make_a_card_as_well():
    assert opened(draw_card(LOOK, CardFacts("", (), "", "", ADDRESS))).size == (1000, 630)


@pytest.mark.parametrize(
    "site", ["HTTP://A.IN", "HTTPS://TOLI.EXAMPLE.ORG", "HTTPS://MEMBERS.A-VERY-LONG-NAME.EXAMPLE.ORG:8443"]
)
def test_another_reader_reads_the_code_from_a_jpeg_of_quality_40(site):
    address = site + ADDRESS.removeprefix("HTTPS://TOLI.EXAMPLE.ORG")
    squeezed = io.BytesIO()
    opened(draw_card(LOOK, replace(FACTS, address=address))).save(squeezed, "JPEG", quality=40)
    assert zxingcpp.read_barcode(Image.open(squeezed)).text == address


def test_the_colours_of_the_organisation_are_used():
    red = opened(draw_card(replace(LOOK, colour="#7a1f3d"), FACTS)).getpixel((4, 4))
    assert red[0] > 2 * red[1]


# -- the file ------------------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5))
def test_bands_that_were_compressed_apart_are_one_stream(parts):
    bands = [png.compress(part, level=6) for part in parts]
    assert zlib.decompress(png.stream(bands)) == b"".join(parts)


@given(st.binary(max_size=500), st.binary(max_size=500))
def test_checksums_of_two_parts_give_that_of_the_whole(first, second):
    joined = png.joined_adler(zlib.adler32(first), zlib.adler32(second), len(second))
    assert joined == zlib.adler32(first + second)


@settings(max_examples=15, deadline=None)
@given(st.text(min_size=1, max_size=120))
def test_any_name_makes_a_card(name):
    assert draw_card(LOOK, replace(FACTS, name=name)).startswith(b"\x89PNG")


# -- of a member ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["hi", "en"])
def test_the_card_of_a_member_bears_what_is_signed(country, language):
    member = make_member("A1", name="सुनीता देवी", language=language)
    issue_cards(actor=SYSTEM)
    card = Card.objects.get()
    squeezed = opened(pictures.card_png(card))
    from toli.cards import selectors

    check = selectors.verify_card(zxingcpp.read_barcode(squeezed).text)
    assert (check.state, check.number) == ("valid", card_codec.shown(card.number))
    facts = pictures.facts_of(card, pictures.places_of(member.territory, language))
    assert facts.name == "सुनीता देवी"
    assert facts.places[0][1] == ("स्थान A1" if language == "hi" else "Place A1")
