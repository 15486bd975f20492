"""Finding members by name in any script and by the last four digits, within one's area."""

import importlib

import pytest
from django.apps import apps
from django.db import connection

from tests import factories as make
from toli.members import services
from toli.members.domain.seeking import Sought, sought
from toli.members.models import ContactPoint, Member


@pytest.fixture
def actor(country):
    return make.make_actor({"members.view": "07"})


@pytest.fixture
def sunita(country):
    return make.make_member("A1", name="सुनीता देवी", phone="+910123457788")


@pytest.fixture
def suneeta(country):
    return make.make_member("A1", name="Suneeta Kumari", phone="+910123451199")


def found(actor, text):
    return services.search_members(actor=actor, text=text)


@pytest.mark.parametrize("text", ["Sunita", "suneeta", "सुनिता", "Suni", "सुनी", "Smt. Sunita", "सुनीता"])
def test_a_name_in_either_script_or_its_beginning_finds_both(actor, sunita, suneeta, text):
    assert found(actor, text) == [sunita, suneeta]


@pytest.mark.parametrize("text", ["Devi Sunita", "sunita dev", "7788", "Sunita 7788", "७७८८", "7788 सुनी"])
def test_more_words_or_the_last_digits_tell_them_apart(actor, sunita, suneeta, text):
    assert found(actor, text) == [sunita]


@pytest.mark.parametrize(
    "text", ["Sunita 1111", "Sunita Gupta", "778", "77889", "7788 1199", "S", "S2", "", "%", "' | a:*"]
)
def test_nobody_else_is_found(actor, sunita, suneeta, text):
    assert found(actor, text) == []


def test_the_neighbour_finds_nobody(sunita, suneeta):
    neighbour = make.make_actor({"members.view": "070"})
    assert [found(neighbour, text) for text in ("Sunita", "7788", "Sunita 7788")] == [[], [], []]


def test_at_most_as_many_as_a_page_shows(actor, country):
    for number in range(4):
        make.make_member("A1", name=f"Mohan {'Lal' * number}")
    assert len(services.search_members(actor=actor, text="mohan", limit=3)) == 3


def test_a_corrected_name_is_found_by_what_it_is_now(actor, country):
    account = make.make_account(kind="member")
    member = make.make_member("A1", name="Sunita", account=account)
    from toli.accounts.selectors import actor_for

    services.correct_member(actor=actor_for(account), member_id=member.pk, name="मीना", language="hi")
    assert (found(actor, "Sunita"), found(actor, "Meena")) == ([], [member])


def test_members_from_before_are_found_after_the_migration(actor, sunita):
    Member.objects.update(name_keys="")
    ContactPoint.objects.update(tail_index=b"")
    assert found(actor, "Sunita") == found(actor, "7788") == []
    importlib.import_module("toli.members.migrations.0011_fill_name_keys").fill(apps, connection.schema_editor())
    assert found(actor, "Sunita") == found(actor, "7788") == [sunita]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("+910123457788", Sought(phone="+910123457788")),
        ("7788", Sought(tail="7788")),
        ("Sunita 7788", Sought(keys=("sunit",), tail="7788")),
        ("A2B4-C6D8", Sought()),
        ("12345", Sought()),
    ],
)
def test_one_field_is_read_as_what_was_meant(text, asked):
    assert sought(text) == asked


def test_members_of_a_list_are_found_like_others(actor, take, write_list):
    take(write_list("Suneeta Kumari,+910123451199,A1,hi", "Mohan Lal,+910123452288,A2,hi", "Ravi,+910123453377,B1,hi"))
    suneeta, mohan = Member.objects.filter(territory__code__in=("A1", "A2")).order_by("territory__code")
    assert (found(actor, "1199"), found(actor, "सुनीता"), found(actor, "Mohan 2288")) == ([suneeta], [suneeta], [mohan])
    assert found(actor, "3377") == found(actor, "Ravi") == []  # the neighbour's
    take(write_list("Sarita Kumari,+910123451199,A1,hi"))
    assert (found(actor, "सरिता 1199"), found(actor, "सुनीता")) == ([suneeta], [])
