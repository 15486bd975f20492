"""Pages that can be tried too often: 429, and when to come back."""

import pytest

from toli.core.domain.limits import LIMITS, Limit
from toli.sharing.services import share_link

pytestmark = pytest.mark.django_db
UNKNOWN = "00000000aa"


@pytest.fixture
def few(monkeypatch):
    """``few("verify.address")``: three tries instead of the declared ones."""

    def lower(name):
        declared = LIMITS[name]
        monkeypatch.setitem(LIMITS, name, Limit(name, 3, declared.per, declared.keyed_by, declared.why))

    return lower


@pytest.mark.parametrize(
    ("name", "path", "fields"),
    [
        ("verify.address", "/verify", {"code": "x"}),
        ("join.address", "/join", {"step": "number"}),
        ("sign_in.address", "/sign-in", {"step": "phone"}),
    ],
)
def test_a_form_sent_too_often_is_refused_until_the_window_ends(few, world, browser, name, path, fields):
    few(name)
    visitor = browser()
    assert [visitor.post(path, fields).status_code for _ in range(3)] != [429] * 3
    answer = visitor.post(path, fields)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert "Too many tries" in answer.content.decode()
    assert visitor.get(path).status_code == 200


def test_cards_are_not_checked_by_the_thousand(few, world, browser):
    few("verify.address")
    visitor = browser()
    assert [visitor.get("/V/A/B").status_code for _ in range(4)][-1] == 429


def test_another_address_is_not_held_up(few, world, browser):
    few("verify.address")
    first, other = browser(), browser(REMOTE_ADDR="192.0.2.7")
    for _ in range(4):
        first.get("/V/A/B")
    assert other.get("/V/A/B").status_code != 429


def test_an_ipv6_subscriber_counts_as_one(few, world, browser):
    few("verify.address")
    answers = [browser(REMOTE_ADDR=f"2001:db8:1:2::{n}").get("/V/A/B").status_code for n in range(1, 5)]
    assert answers[-1] == 429
    assert browser(REMOTE_ADDR="2001:db8:1:3::1").get("/V/A/B").status_code != 429


def test_whoever_searches_for_share_links_is_stopped_for_known_ones_too(few, world, browser):
    few("share.unknown_address")
    link = share_link(member_id=world.member.pk, kit_id=world.kit.pk, channel="whatsapp")
    visitor = browser()
    assert visitor.get(f"/s/{link.code}").status_code == 200
    assert [visitor.get(f"/s/{UNKNOWN}").status_code for _ in range(4)] == [404, 404, 404, 429]
    assert visitor.get(f"/s/{link.code}").status_code == 429
    assert browser(REMOTE_ADDR="192.0.2.7").get(f"/s/{link.code}").status_code == 200
