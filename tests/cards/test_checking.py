"""Anybody may check a card, and learns the least that is needed."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
import segno
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.factories import make_member
from toli.accounts.domain.actor import SYSTEM
from toli.cards import selectors
from toli.cards.domain import card_codec
from toli.cards.domain.card_codec import CardFace
from toli.cards.models import Card
from toli.cards.selectors import CardCheck, shortened
from toli.cards.services import issue_cards, revoke_card
from toli.core import clock
from toli.members.services import leave_organisation

pytestmark = pytest.mark.usefixtures("country")


@pytest.fixture
def card(country):
    make_member("A1", name="Sunita Kumari Devi", phone="+910123456789", member_until=clock.today())
    issue_cards(actor=SYSTEM)
    return Card.objects.get()


def resigned(card, seed=None, **changes):
    """The address of a card with other facts, signed by our own key or another."""
    version = changes.pop("key_version", card.key_version)
    number, until = changes.pop("number", card.number), changes.pop("valid_until", card.valid_until)
    face = CardFace(number, until, version, card.grade, card.place)
    from django.conf import settings

    return card_codec.encode(face, card_codec.sign(face, seed or settings.TOLI_CARD_KEYS[card.key_version]))


def test_a_valid_card_tells_number_last_day_and_short_name(card):
    assert selectors.verify_card(selectors.qr_url(card)) == CardCheck(
        selectors.CardState.VALID, card_codec.shown(card.number), card.valid_until, "Sunita D."
    )


def test_a_check_tells_neither_number_of_the_phone_nor_place_nor_full_name(card):
    told = str(selectors.verify_card(selectors.card_path(card)))
    for secret in ("123456789", "Kumari", "Devi", "Place"):
        assert secret not in told


def test_a_card_is_valid_on_its_last_day_and_expired_on_the_next(card, monkeypatch):
    address, today = selectors.card_path(card), clock.today()
    assert selectors.verify_card(address).state == "valid"
    monkeypatch.setattr(clock, "today", lambda: today + timedelta(days=1))
    assert selectors.verify_card(address).state == "expired"


def test_a_revoked_card_says_so_even_when_it_has_expired(card, monkeypatch):
    revoke_card(actor=SYSTEM, number=card.number, reason="lost")
    assert selectors.verify_card(selectors.card_path(card)).state == "revoked"
    tomorrow = clock.today() + timedelta(days=1)
    monkeypatch.setattr(clock, "today", lambda: tomorrow)
    assert selectors.verify_card(selectors.card_path(card)).state == "revoked"


def test_the_card_of_a_member_who_left_is_revoked(card):
    leave_organisation(actor=SYSTEM, member_id=card.member_id)
    assert selectors.verify_card(selectors.card_path(card)).state == "revoked"


def test_a_later_last_day_or_another_number_under_an_old_signature_is_forged(card):
    for changes in ({"valid_until": card.valid_until + timedelta(days=365)}, {"number": card_codec.new_number()}):
        face = replace(selectors.face_of(card), **changes)
        check = selectors.verify_card(card_codec.encode(face, bytes(card.signature)))
        assert check == CardCheck(selectors.CardState.FORGED)


def test_a_card_signed_by_a_stranger_or_under_an_unknown_key_is_forged(card):
    assert selectors.verify_card(resigned(card, seed=b"x" * 32)).state == "forged"
    assert selectors.verify_card(resigned(card, key_version=card.key_version + 1)).state == "forged"


def test_a_card_that_was_signed_with_our_key_but_never_issued_so_is_forged(card):
    longer = resigned(card, valid_until=card.valid_until + timedelta(days=365))
    assert selectors.verify_card(longer) == CardCheck(selectors.CardState.FORGED)


def test_a_card_of_the_first_form_stays_good(card):
    from django.conf import settings

    Card.objects.update(grade="", place="")
    card.refresh_from_db()
    face = selectors.face_of(card)
    Card.objects.update(signature=card_codec.sign(face, settings.TOLI_CARD_KEYS[card.key_version]))
    card.refresh_from_db()
    assert selectors.verify_card(selectors.card_path(card)).state == "valid"
    assert selectors.card_path(card).count("-") == 2


def test_a_card_that_we_signed_but_do_not_know_is_unknown(card):
    check = selectors.verify_card(resigned(card, number=card_codec.new_number()))
    assert check.state == "unknown"
    assert check.holder == ""


@pytest.mark.parametrize("address", ["", "nonsense", "/V/a/b", "\x00", "/V/" + "A" * 5000])
def test_what_cannot_be_read_is_unknown_and_accuses_nobody(address):
    assert selectors.verify_card(address) == CardCheck(selectors.CardState.UNKNOWN)


def test_the_qr_code_is_compact_and_another_reader_reads_it(card, settings):
    settings.BASE_URL = "https://toli.example.org"
    address = selectors.qr_url(card)
    assert address == address.upper()
    assert address.startswith("HTTPS://TOLI.EXAMPLE.ORG/V/")
    code = segno.make_qr(address, error="m")
    assert code.mode == "alphanumeric"
    assert code.version <= 7
    image = BytesIO()
    code.save(image, kind="png", scale=4)
    assert zxingcpp.read_barcode(Image.open(image)).text == address
    assert selectors.verify_card(address).state == "valid"


def test_the_picture_of_the_qr_code_brings_no_styles_and_no_scripts(card):
    svg = selectors.qr_svg(card)
    assert svg.startswith("<svg")
    assert "style" not in svg
    assert "script" not in svg
    assert "#16252c" in svg


def test_stored_cards_that_were_tampered_with_are_counted(card):
    assert selectors.check_signatures() == (1, 0)
    Card.objects.update(valid_until=card.valid_until + timedelta(days=1))
    assert selectors.check_signatures() == (1, 1)
    assert selectors.check_signatures(limit=1) == (1, 1)


@pytest.mark.parametrize(
    ("name", "short"),
    [("Sunita", "Sunita"), ("Sunita Devi", "Sunita D."), ("M. K. Rao", "M. R."), ("सुनीता देवी", "सुनीता द.")],
)
def test_a_name_is_shortened_to_the_first_and_an_initial(name, short):
    assert shortened(name) == short


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=8), min_size=1, max_size=4))
def test_no_more_of_a_name_than_that_is_told(words):
    assert len(shortened(" ".join(words))) <= len(words[0]) + 3
