"""Who may add to the trail, and whom it shows what."""

import pytest
from django.db import DatabaseError, connection

from tests.factories import make_account, make_territories
from toli.audit.models import AuditEntry
from toli.audit.services import record
from toli.core import wall
from toli.territories import selectors as territories


@pytest.fixture
def places(db):
    return make_territories("IN/UP/07/A1", "IN/UP/070/B1", "IN/KL/01")


def path(places, code):
    return territories.path_of(places[code].pk)


def seen(**outlook):
    with wall.behind(**outlook):
        return set(AuditEntry.objects.values_list("target", flat=True))


@pytest.fixture
def trail(places):
    """One entry per place, one of no place, and one that account 7 made."""
    for code in ("A1", "B1", "UP", "IN"):
        record(actor_kind="staff", actor_id=1, action="test.do", target=code, territory_id=places[code].pk)
    record(actor_kind="system", actor_id=None, action="test.do", target="nowhere")
    record(actor_kind="staff", actor_id=7, action="test.do", target="own")
    return places


def test_the_trail_of_a_place_is_seen_by_those_who_act_there(trail):
    assert seen(paths=[path(trail, "07")]) == {"A1"}
    assert seen(paths=[path(trail, "070")]) == {"B1"}
    assert seen(paths=[path(trail, "UP")]) == {"A1", "B1", "UP"}
    assert seen(paths=[path(trail, "UP"), path(trail, "KL")]) == {"A1", "B1", "UP"}


def test_what_is_of_no_place_is_seen_from_the_root_only(trail):
    assert seen(paths=[path(trail, "IN")]) == {"A1", "B1", "UP", "IN", "nowhere", "own"}


def test_everybody_sees_their_own_acts(trail):
    assert seen(account=7) == {"own"}
    assert seen() == set()


@pytest.mark.parametrize("place", ["A1", "B1", None])
def test_anybody_can_add_what_they_may_not_read(places, place):
    with wall.behind(paths=[path(places, "07")], account=make_account().pk):
        territory_id = places[place].pk if place else None
        record(actor_kind="anonymous", actor_id=None, action="test.do", target="x", territory_id=territory_id)
    assert AuditEntry.objects.get().details == {}


def test_the_application_cannot_give_an_entry_its_place_in_the_chain(places):
    record(actor_kind="system", actor_id=None, action="test.do", target="x")
    forged = "INSERT INTO audit_auditentry (at, actor_kind, address, action, target, details, position, seal)"
    for statement in (
        f"{forged} VALUES (now(), 'staff', '', 'test.do', 'x', '{{}}', 1, '\\x00')",
        "UPDATE audit_auditentry SET position = 1, seal = '\\x00'",
        "DELETE FROM audit_auditentry",
    ):
        with pytest.raises(DatabaseError), wall.behind(paths=[path(places, "IN")]), connection.cursor() as cursor:
            cursor.execute(statement)


def test_details_come_back_as_they_were_given(places):
    given = {"count": 3, "codes": ["a", "हिन्दी"], "until": None}
    record(actor_kind="staff", actor_id=1, address="192.0.2.1", action="test.do", target="x", details=given)
    entry = AuditEntry.objects.get()
    assert entry.details == given
    assert (entry.actor_kind, entry.actor_id, entry.address) == ("staff", 1, "192.0.2.1")
