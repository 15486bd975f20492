"""A photo on the card: cropped, stripped, small, sealed, and the member's to show or to take back."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.cards.test_picture import FACTS, LOOK, opened
from tests.factories import make_member
from toli.accounts.domain.actor import SYSTEM
from toli.cards import handlers, photos, pictures, selectors
from toli.cards.domain.picture import draw_card, photo
from toli.cards.models import Photo
from toli.cards.services import issue_cards, read_photo, remove_photo, set_photo, show_photo
from toli.core import personal_data
from toli.core.errors import PictureKindUnknown
from toli.members import services as members
from toli.members.events import MemberLeft
from toli.rights.services import erase_member


def jpeg(width, height, *, noise=False, **options):
    plain = Image.new("RGB", (width, height), "#a1643c")
    image = Image.effect_noise((width, height), 90).convert("RGB") if noise else plain
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95, **options)
    return out.getvalue()


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 900), st.integers(1, 900))
def test_a_photo_of_any_shape_becomes_one_of_the_cards_shape(width, height):
    found = Image.open(io.BytesIO(photo.cropped(jpeg(width, height))))
    assert (found.size, found.format) == ((392, 472), "JPEG")


def test_even_noise_is_small():
    assert len(photo.cropped(jpeg(1200, 1600, noise=True))) <= photo.MOST_BYTES


def test_more_is_cut_off_below_than_above():
    left, top, right, bottom = photo._part(196, 1000)
    assert (left, right, bottom - top) == (0, 196, 236)
    assert top < 1000 - bottom
    assert photo._part(1000, 236) == (402, 0, 598, 236)


def test_a_card_with_a_photo_shows_it_is_small_and_loses_no_colour():
    from dataclasses import replace

    file = draw_card(LOOK, replace(FACTS, photo=photo.cropped(jpeg(400, 500, noise=True))))
    assert len(file) <= 120_000
    plain = draw_card(LOOK, replace(FACTS, photo=photo.cropped(jpeg(400, 500))))
    red, green, blue = opened(plain).getpixel((140, 290))
    assert max(abs(red - 0xA1), abs(green - 0x64), abs(blue - 0x3C)) < 12
    assert opened(plain).getpixel((980, 20)) == opened(draw_card(LOOK, FACTS)).getpixel((980, 20))


@pytest.mark.usefixtures("country")
class TestOfAMember:
    @pytest.fixture
    def member(self):
        member = make_member("A1")
        issue_cards(actor=SYSTEM)
        return member

    @pytest.fixture
    def given_photo(self, member):
        exif = Image.Exif()
        exif[0x010F] = "Secretphone"
        picture = read_photo(actor=SYSTEM, data=jpeg(600, 800, exif=exif))
        set_photo(actor=SYSTEM, member=member, picture=picture, shown=False)
        return picture

    def test_it_is_stored_sealed_and_nothing_of_the_file_but_pixels(self, member, given_photo):
        stored = bytes(Photo.objects.get().picture_sealed)
        assert b"Secretphone" not in given_photo
        assert given_photo not in stored
        assert stored[:1] != b"\xff"
        assert photos.picture_of(photos.photo_of(member.pk)) == given_photo

    def test_it_is_on_the_card(self, member, given_photo):
        card = selectors.card_of(member.pk)
        with_photo = pictures.card_png(card)
        remove_photo(actor=SYSTEM, member=member)
        assert with_photo != pictures.card_png(card)

    def test_a_second_one_takes_the_place_of_the_first(self, member, given_photo):
        set_photo(actor=SYSTEM, member=member, picture=given_photo, shown=True)
        assert Photo.objects.get().shown_when_checked

    def test_whoever_checks_sees_it_only_if_the_member_wants(self, member, given_photo):
        address = selectors.card_path(selectors.card_of(member.pk))
        assert selectors.verify_card(address).photo == b""
        show_photo(actor=SYSTEM, member=member, shown=True)
        assert selectors.verify_card(address).photo == given_photo
        show_photo(actor=SYSTEM, member=member, shown=False)
        assert selectors.verify_card(address).photo == b""

    def test_of_a_card_that_does_not_count_no_photo_is_shown(self, member, given_photo):
        from toli.cards.services import end_card

        show_photo(actor=SYSTEM, member=member, shown=True)
        address = selectors.card_path(selectors.card_of(member.pk))
        end_card(actor=SYSTEM, member_id=member.pk, reason="reported lost")
        assert selectors.verify_card(address).photo == b""

    def test_it_goes_with_the_membership_and_with_an_erasure(self, member, given_photo):
        members.leave_organisation(actor=SYSTEM, member_id=member.pk)
        handlers.on_left(MemberLeft(member_id=member.pk))
        assert not Photo.objects.exists()
        set_photo(actor=SYSTEM, member=member, picture=given_photo, shown=True)
        erase_member(actor=SYSTEM, member_id=member.pk, because="asked")
        assert not Photo.objects.exists()

    def test_it_stands_in_the_copy_of_ones_data(self, member, given_photo):
        holding = next(item for item in personal_data.holdings() if item.key == "cards.photo")
        person = members.person(member.pk)
        assert holding.count(person) == 1
        assert [row["shown_when_checked"] for row in holding.export(person)] == [False]

    @pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg/>"])
    def test_what_is_no_picture_is_refused(self, member, data):
        with pytest.raises(PictureKindUnknown):
            read_photo(actor=SYSTEM, data=data)
