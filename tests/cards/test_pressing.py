"""A list's new members have their cards in the transaction that makes them."""

import itertools
from datetime import date

import pytest

from tests.factories import make_card, make_drive, make_member, make_phone, make_territories
from toli.accounts.domain.actor import SYSTEM
from toli.audit.models import AuditEntry
from toli.cards import selectors
from toli.cards.domain import card_codec
from toli.cards.models import Card
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


def test_known_people_need_no_card(people, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(f"name,phone,territory\nSunita,{make_phone(900)},A1\n")
    import_members(actor=SYSTEM, drive_code="drive", path=path)
    import_members(actor=SYSTEM, drive_code="drive", path=path)
    assert Card.objects.count() == 1


def test_a_number_that_somebody_has_is_drawn_anew(people, monkeypatch):
    taken = make_card(Member.objects.get(pk=people[0])).number
    real = card_codec.new_number
    drawn = itertools.count()
    monkeypatch.setattr(card_codec, "new_number", lambda: taken if next(drawn) == 1 else real())
    with card_press() as write:
        write(people[1:], UNTIL)
    assert Card.objects.count() == 5
    assert selectors.check_signatures()[1] == 1  # the factory's own


def test_a_number_that_is_drawn_twice_is_given_once(people, monkeypatch):
    real = card_codec.new_number
    same, drawn = real(), itertools.count()
    monkeypatch.setattr(card_codec, "new_number", lambda: same if next(drawn) < 3 else real())
    with card_press() as write:
        write(people, UNTIL)
    assert Card.objects.count() == 5
    assert Card.objects.filter(number=same).count() == 1


def test_another_last_day_is_another_signature(people):
    with card_press() as write:
        write(people[:2], UNTIL)
        write(people[2:], date(2031, 5, 2))
    assert Card.objects.filter(valid_until=UNTIL).count() == 2
    assert selectors.check_signatures() == (5, 0)
