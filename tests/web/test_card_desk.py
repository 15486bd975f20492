"""The desk ends and replaces cards; everybody may fetch what checks them without a network."""

import pytest

from tests.factories import make_headquarters
from toli.cards import selectors
from toli.cards.domain import key_file, revocation
from toli.cards.models import Card
from toli.cards.services import publish_revoked


@pytest.fixture
def chief(world, browser):
    return browser(make_headquarters("07"))


@pytest.fixture
def address(world):
    return f"/console/members/{world.member.pk}/card"


def test_a_card_is_ended_and_given_anew(world, chief, address, browser):
    old = selectors.card_of(world.member.pk)
    assert address in chief.get(f"/console/members/{world.member.pk}").content.decode()
    answer = chief.post(address, {"act": "end", "reason": "reported lost"}, follow=True)
    shown = answer.content.decode()
    assert "no longer counts" in shown
    assert "reported lost" in shown
    assert "no card that counts" in shown
    assert "has been revoked" in browser().get(selectors.card_path(old)).content.decode()
    chief.post(address, {"act": "replace", "reason": "it was found"})
    new = selectors.card_of(world.member.pk)
    assert new.number != old.number
    assert "genuine and valid" in browser().get(selectors.card_path(new)).content.decode()


def test_without_a_reason_nothing_changes(world, chief, address):
    for reason in ("", "x"):
        answer = chief.post(address, {"act": "end", "reason": reason})
        assert answer.status_code == 400
        assert "few words why" in answer.content.decode()
    assert chief.post(address, {"act": "dance", "reason": "long enough"}).status_code == 400
    assert Card.objects.filter(revoked_at__isnull=True).count() == 1


def test_it_needs_a_fresh_proof_and_the_permission(world, browser, coordinator, address):
    away = browser(make_headquarters("07"), proved=False).get(address)
    assert (away.status_code, away.headers["Location"][:16]) == (303, "/sign-in/confirm")
    assert coordinator.get(address).status_code == 403
    assert f'href="{address}"' not in coordinator.get(f"/console/members/{world.member.pk}").content.decode()


def test_apps_fetch_keys_and_list(world, browser, chief, address):
    chief.post(address, {"act": "end", "reason": "reported lost"})
    publish_revoked()
    keys = browser().get("/.well-known/toli-card-keys.json")
    listed = browser().get("/v/revoked")
    assert keys["Cache-Control"] == listed["Cache-Control"] == "public, max-age=300"
    trusted = key_file.read(keys.content.decode()).trusted()
    assert revocation.open_sealed(listed.content, trusted).holds(Card.objects.get().number)


def test_the_list_is_there_before_it_was_ever_made(world, browser):
    assert browser().get("/v/revoked").status_code == 200


def test_sheets_are_asked_for_like_a_list(world, chief):
    assert 'href="/console/t/07/print"' in chief.get("/console/t/07/members").content.decode()
    assert "ten cards each" in chief.get("/console/t/07/print").content.decode()
    assert chief.post("/console/t/07/print", {"purpose": ""}).status_code == 400
    answer = chief.post("/console/t/07/print", {"purpose": "for the camp on Sunday"}, follow=True)
    assert "Cards on sheets, for printing" in answer.content.decode()
