"""What stands on a card: one address for each card, and no other text is taken for it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import segno
from hypothesis import assume, given
from hypothesis import strategies as st

from toli.cards.domain import card_codec
from toli.cards.domain.card_codec import EPOCH, CardFace, CardUnreadable
from toli.core.domain import base32

SEED, OTHER_SEED = b"s" * 32, b"t" * 32
KEY = card_codec.public_key(SEED)

numbers = st.text(base32.ALPHABET, min_size=8, max_size=8).map(base32.with_checksum)
facts = (numbers, st.dates(EPOCH, date(4000, 1, 1)), st.integers(0, 31))
places = st.text("0123456789ABCXYZ-", max_size=20)
faces = st.builds(CardFace, *facts) | st.builds(CardFace, *facts, st.sampled_from(["P", "A"]), places)
ADDRESS_CHARS = st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-/")


def address_of(face):
    return card_codec.encode(face, card_codec.sign(face, SEED))


@given(faces)
def test_a_card_reads_back_as_it_was_written(face):
    signature = card_codec.sign(face, SEED)
    assert card_codec.parse(card_codec.encode(face, signature)) == (face, signature)
    assert card_codec.is_signed(face, signature, KEY)


@given(faces)
def test_an_address_fits_the_compact_mode_of_qr_codes(face):
    assert set(address_of(face)) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


@given(faces, st.sampled_from(["", "HTTPS://TOLI.EXAMPLE.ORG", "https://toli.example.org"]), st.booleans())
def test_an_address_is_read_with_and_without_its_site_in_any_case(face, site, lower):
    address = site + address_of(face)
    assert card_codec.parse(f" {address.lower() if lower else address}/ ")[0] == face


@given(faces, st.data(), ADDRESS_CHARS)
def test_one_changed_character_makes_a_card_unreadable_or_forged(face, data, char):
    address = address_of(face)
    place = data.draw(st.integers(len("/V/"), len(address) - 1))
    assume(address[place] != char)
    try:
        found, signature = card_codec.parse(address[:place] + char + address[place + 1 :])
    except CardUnreadable:
        return
    assert not card_codec.is_signed(found, signature, KEY)


@given(faces)
def test_a_signature_is_written_in_one_way_only(face):
    """The last of 103 characters carries three bits that base 32 would let anyone choose."""
    address = address_of(face)
    for char in "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567":
        if char != address[-1]:
            try:
                found, signature = card_codec.parse(address[:-1] + char)
            except CardUnreadable:
                continue
            assert not card_codec.is_signed(found, signature, KEY)


@given(faces, faces)
def test_the_signature_of_one_card_is_no_signature_of_another(one, other):
    assume(one != other)
    assert not card_codec.is_signed(other, card_codec.sign(one, SEED), KEY)


@given(faces)
def test_a_later_day_is_not_signed(face):
    later = replace(face, valid_until=face.valid_until + timedelta(days=365))
    assert not card_codec.is_signed(later, card_codec.sign(face, SEED), KEY)


@given(faces, st.sampled_from(["", "P", "A"]), places)
def test_another_grade_or_place_is_not_signed(face, grade, place):
    other = replace(face, grade=grade, place=place if grade else "")
    assume(other != face)
    assert not card_codec.is_signed(other, card_codec.sign(face, SEED), KEY)


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("S24-AC034-B0142", "S24-AC034-B0142"),
        ("UP", "UP"),
        ("12A(W)", ""),
        ("up", ""),
        ("X" * 21, ""),
        ("A/B", ""),
        ("पू", ""),
    ],
)
def test_only_codes_that_a_qr_code_holds_compactly_stand_on_a_card(code, shown):
    assert card_codec.place_on_card(code) == shown


def test_the_longest_code_of_a_place_still_fits_version_seven():
    face = CardFace(card_codec.new_number(), date(2029, 1, 1), 1, "P", "S22-AC001-B0001A-W-2")
    code = segno.make_qr("HTTPS://TOLI.EXAMPLE.ORG" + address_of(face), error="m", boost_error=False)
    assert (code.mode, code.version) == ("alphanumeric", 7)


def test_another_organisation_signs_other_cards():
    face = CardFace(card_codec.new_number(), date(2029, 1, 1), 1)
    assert not card_codec.is_signed(face, card_codec.sign(face, OTHER_SEED), KEY)


@pytest.mark.parametrize("signature", [b"", b"\0" * 64, b"x" * 63, b"x" * 65])
def test_what_is_no_signature_signs_nothing(signature):
    assert not card_codec.is_signed(CardFace("0" * 10, date(2029, 1, 1), 1), signature, KEY)


@given(st.text(max_size=200))
def test_any_text_is_a_card_or_unreadable(text):
    try:
        card_codec.parse(text)
    except CardUnreadable:
        return
    raise AssertionError("hypothesis has invented a card")


@pytest.mark.parametrize(
    "text",
    ["", "/", "/V/", "/V/A/B", "/V/-/", "/V/A-B-C/D", "/V/7Q3K9M2XPA-0000-1", "/V/0000000000-0000-1/=", "नमस्ते/नमस्ते"],
)
def test_what_is_no_address_of_a_card_is_unreadable(text):
    with pytest.raises(CardUnreadable):
        card_codec.parse(text)


def test_new_numbers_are_ten_characters_that_check_themselves():
    drawn = {card_codec.new_number() for _ in range(500)}
    assert len(drawn) == 500
    assert all(card_codec.is_number(number) and len(number) == 10 for number in drawn)
    assert card_codec.shown("7Q3K9M2XPA") == "7Q3K-9M2X-PA"


def test_a_day_before_the_epoch_cannot_be_written():
    with pytest.raises(ValueError, match="does not fit"):
        card_codec.encode(CardFace("0" * 10, EPOCH - timedelta(days=1), 1), b"\0" * 64)
