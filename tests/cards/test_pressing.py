"""A list's new members have their cards in the transaction that makes them."""

from datetime import date
from io import BytesIO

import polars as pl
import pytest
import zxingcpp
from PIL import Image

from tests.cards.test_ending import Ring
from tests.factories import make_card, make_drive, make_member, make_organisation, make_phone, make_territories
from toli.accounts.domain.actor import SYSTEM
from toli.audit.models import AuditEntry
from toli.cards import pictures, selectors, tasks
from toli.cards.domain import card_codec
from toli.cards.models import Card
from toli.cards.services import pressing, retire_key
from toli.cards.services.pressing import card_press
from toli.members.models import Member
from toli.members.services import import_members

UNTIL = date(2031, 5, 1)


@pytest.fixture
def people(db):
    make_territories("IN/UP/A1")
    make_drive()
    return [make_member("A1", name=f"Member {number}").pk for number in range(5)]


def test_an_imported_member_holds_a_card_that_verifies(people, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(f"name,phone,territory\nSunita,{make_phone(900)},A1\nRavi,{make_phone(901)},A1\n")
    assert import_members(actor=SYSTEM, drive_code="drive", path=path).created == 2
    for member in Member.objects.filter(name__in=["Sunita", "Ravi"]):
        card = selectors.card_of(member.pk)
        assert card.valid_until == member.member_until
        assert selectors.verify_card(selectors.card_path(card)).state == "valid"
    assert AuditEntry.objects.get(action="cards.issue").details["count"] == 2


def frame(people: list[int]) -> pl.DataFrame:
    return pl.DataFrame({"member_id": people, "code": ["A1"] * len(people)})


def test_an_imported_card_names_class_and_place_like_any_other(people):
    with card_press() as write:
        write(frame(people), UNTIL)
    face, _signature = card_codec.parse(selectors.card_path(Card.objects.first()))
    assert (face.grade, face.place) == ("P", "A1")


def test_known_people_need_no_card(people, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(f"name,phone,territory\nSunita,{make_phone(900)},A1\n")
    import_members(actor=SYSTEM, drive_code="drive", path=path)
    import_members(actor=SYSTEM, drive_code="drive", path=path)
    assert Card.objects.count() == 1


def test_an_imported_card_is_signed_on_sight_and_stored_signed_by_a_job(people, monkeypatch):
    monkeypatch.setattr(pressing, "BATCH", 2)
    with card_press() as write:
        write(frame(people), UNTIL)
    cards = list(Card.objects.order_by("pk"))
    before = [selectors.card_path(card) for card in cards]
    assert {bytes(card.signature) for card in cards} == {b""}
    assert all(selectors.verify_card(path).state == "valid" for path in before)
    assert selectors.check_signatures() == (0, 0)
    assert pressing.sign_cards() == 5
    assert selectors.check_signatures() == (5, 0)
    assert [selectors.card_path(card) for card in Card.objects.order_by("pk")] == before
    assert pressing.sign_cards() == 0


def test_a_picture_of_a_card_that_is_not_signed_yet_has_a_code_that_verifies(people):
    with card_press() as write:
        write(frame(people[:1]), UNTIL)
    card = Card.objects.get()
    make_organisation()
    picture = Image.open(BytesIO(pictures.card_png(card)))
    assert selectors.verify_card(zxingcpp.read_barcode(picture).text).state == "valid"
    assert bytes(Card.objects.get().signature) == b""


def test_the_job_signs_the_cards_of_its_own_import(people, tmp_path):
    with card_press() as write:
        write(frame(people), UNTIL)
    path = tmp_path / "list.csv"
    path.write_text(f"name,phone,territory\nSunita,{make_phone(900)},A1\n")
    run_id = import_members(actor=SYSTEM, drive_code="drive", path=path).run_id
    tasks.sign(run_id)
    assert list(Card.objects.exclude(signature=b"").values_list("member__name", flat=True)) == ["Sunita"]
    assert pressing.sign_cards(run_id=run_id) == 0


def test_a_key_is_retired_after_all_cards_under_it_are_signed(people, settings):
    """Whoever holds an ended card still sees it."""
    with card_press() as write:
        write(frame(people[:1]), date(2020, 5, 1))
    before = selectors.card_path(Card.objects.get())
    settings.TOLI_CARD_KEYS = Ring({1: settings.TOLI_CARD_KEYS[1], 2: b"2" * 32})
    retire_key(actor=SYSTEM, version=1)
    assert 1 not in settings.TOLI_CARD_KEYS
    assert selectors.card_path(Card.objects.get()) == before


def test_many_numbers_are_numbers():
    numbers = card_codec.new_numbers(500)
    assert len(set(numbers)) == 500
    assert all(card_codec.is_number(number) for number in numbers)


def test_a_number_that_somebody_has_is_drawn_anew(people, monkeypatch):
    taken = make_card(Member.objects.get(pk=people[0])).number
    real = card_codec.new_numbers
    monkeypatch.setattr(card_codec, "new_numbers", lambda count: [taken, *real(count - 1)])
    with card_press() as write:
        write(frame(people[1:]), UNTIL)
    assert Card.objects.count() == 5


def test_a_number_that_is_drawn_twice_is_given_once(people, monkeypatch):
    same = card_codec.new_number()
    real = card_codec.new_numbers
    monkeypatch.setattr(card_codec, "new_numbers", lambda count: [same, same, *real(count - 2)])
    with card_press() as write:
        write(frame(people), UNTIL)
    assert Card.objects.count() == 5
    assert Card.objects.filter(number=same).count() == 1
