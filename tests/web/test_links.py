"""Personal links, cards, shared links: what leads people here from elsewhere."""

from datetime import timedelta

import pytest

from tests.factories import make_account, make_campaign, make_join_link, make_kit
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.services import create_sign_in_link
from toli.cards.selectors import card_of, card_path
from toli.cards.services import welcome_path
from toli.members.models import Member
from toli.sharing.models import LinkOpen
from toli.sharing.services import share_link


@pytest.fixture
def staff_link(world):
    account = make_account(name="Imran Khan")
    return "/a/" + create_sign_in_link(actor=SYSTEM, account_id=account.pk, lifetime=timedelta(days=1))


def test_a_sign_in_link_works_once_and_only_on_a_press(staff_link, browser):
    client = browser()
    assert client.get(staff_link).status_code == 200
    assert client.get("/console/").headers["Location"].startswith("/sign-in")
    assert client.post(staff_link).headers["Location"] == "/console/security"  # to add a factor while it is fresh
    assert browser().post(staff_link).status_code >= 400


def test_a_made_up_sign_in_link_is_refused(world, browser):
    assert browser().post("/a/made-up").status_code >= 400


def test_the_welcome_signs_in_once_then_points_to_the_code(world, browser):
    address = welcome_path(card_of(world.member.pk))
    client = browser()
    assert client.get(address).status_code == 200
    assert client.post(address).headers["Location"] == "/me"
    assert client.get("/me").status_code == 200
    assert browser().post(address).status_code == 400


def test_this_is_not_me_ends_the_membership(world, browser):
    browser().post(welcome_path(card_of(world.member.pk)), {"answer": "not-me"})
    assert not Member.objects.active().filter(pk=world.member.pk).exists()


def test_a_session_speaks_the_language_of_its_account(world):
    from django.test import Client

    client = Client()
    client.post(welcome_path(card_of(world.member.pk)))
    assert '<html lang="en">' in client.get("/me").content.decode()


# -- cards ------------------------------------------------------------------------------------------


def test_a_genuine_card_shows_the_least_that_is_needed(world, browser):
    page = browser().get(card_path(card_of(world.member.pk))).content.decode()
    assert "genuine and valid" in page
    assert "Sunita D." in page
    assert "Sunita Devi" not in page


def test_a_forged_card_is_told_from_a_genuine_one(world, browser):
    address = card_path(card_of(world.member.pk))
    last = address[-1]
    forged = address[:-8] + ("A" if last != "A" else "Q") * 8  # both end in the spare bits of base 32
    page = browser().get(forged).content.decode()
    assert "genuine and valid" not in page
    assert "not genuine" in page
    assert "Sunita" not in page


def test_what_is_no_card_is_not_found(world, browser):
    assert browser().get("/V/nonsense/nothing").status_code == 404


def test_a_card_can_be_checked_by_hand(world, browser):
    address = "http://127.0.0.1:8000" + card_path(card_of(world.member.pk))
    assert "genuine and valid" in browser().post("/verify", {"code": address}).content.decode()
    assert "genuine and valid" not in browser().post("/verify", {"code": "hello"}).content.decode()
    assert 'id="code-error"' in browser().post("/verify", {"code": ""}).content.decode()


# -- shared links -----------------------------------------------------------------------------------


@pytest.fixture
def link(world):
    return share_link(member_id=world.member.pk, kit_id=world.kit.pk, channel="whatsapp")


def test_a_shared_page_says_who_speaks_and_what_one_can_do(link, browser):
    page = browser().get(f"/s/{link.code}").content.decode()
    assert "Jan Setu Union" in page
    assert "Trade union" in page
    assert "shared by Sunita D." in page
    assert "https://example.org/act" in page
    assert f"/join?s={link.code}" in page
    assert 'property="og:title"' in page
    assert "Sunita Devi" not in page


def test_a_person_is_counted_once_a_day_a_robot_never(link, browser):
    client = browser()
    client.get(f"/s/{link.code}")
    client.get(f"/s/{link.code}?lang=hi")
    client.head(f"/s/{link.code}")
    for robot in ("WhatsApp/2.23.20.0", "facebookexternalhit/1.1", "TelegramBot (like TwitterBot)", ""):
        client.get(f"/s/{link.code}", headers={"user-agent": robot})
    assert LinkOpen.objects.count() == 1
    browser().get(f"/s/{link.code}", REMOTE_ADDR="10.0.0.9")
    assert LinkOpen.objects.count() == 2


def test_a_shared_page_sets_no_cookie_for_strangers(link, world):
    from django.test import Client

    assert not Client().get(f"/s/{link.code}").cookies


def test_a_withdrawn_kit_is_gone(world, link, browser):
    world.kit.state = "withdrawn"
    world.kit.save()
    answer = browser().get(f"/s/{link.code}")
    assert answer.status_code == 410
    assert "https://example.org/act" not in answer.content.decode()


@pytest.mark.parametrize("address", ["/s/unknown1", "/s/x", "/j/unknown1", "/nothing", "/console/t/ZZ"])
def test_unknown_addresses_are_not_found(world, headquarters, address):
    answer = headquarters.get(address)
    assert answer.status_code == 404
    assert "Jan Setu Union" in answer.content.decode()


# -- group links ------------------------------------------------------------------------------------


def test_a_card_holder_is_led_from_the_join_link_to_their_own_group(world, sunita):
    assert "Join the group" in sunita.get(f"/j/{world.link.code}").content.decode()
    assert sunita.post(f"/j/{world.link.code}").headers["Location"] == world.group.join_address
    world.group.refresh_from_db()
    assert world.group.taken == 1


def test_looking_at_a_join_link_takes_no_seat(world, sunita):
    sunita.get(f"/j/{world.link.code}")
    world.group.refresh_from_db()
    assert world.group.taken == 0


def test_where_no_group_is_open_yet_the_member_is_told_to_wait(world, sunita):
    link = make_join_link(make_campaign(), "07")
    answer = sunita.post(f"/j/{link.code}")
    assert answer.headers["Location"] == "/me/group"
    assert "You are the next one" in sunita.get("/me/group").content.decode()


def test_a_kit_of_a_neighbour_cannot_be_shared_by_guessing_its_code(world, sunita):
    kit = make_kit("IN", state="draft")
    assert sunita.post(f"/me/share/{kit.code}/whatsapp").status_code >= 400
