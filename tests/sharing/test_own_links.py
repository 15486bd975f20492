"""The organisation's own links in what programs post: counted for a place, for nobody in particular."""

import pytest

from tests import factories as make
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import scope_for
from toli.analytics import selectors as analytics
from toli.analytics import services as counting
from toli.content.models import Kit
from toli.sharing import selectors
from toli.sharing import services as sharing
from toli.sharing.models import OwnLinkOpen, ShareLink

PHONE = "Mozilla/5.0 (Linux; Android 14) Mobile"


@pytest.fixture
def kit(db):
    make.make_organisation()
    make.make_territories("IN/UP/07", "IN/KL")
    make.make_drive()
    return make.make_kit()


def link(kit, code="UP", platform="facebook"):
    place = make.Territory.objects.get(code=code)
    return sharing.own_link(kit=kit, territory_id=place.pk, platform=platform)


def visit(client, own, address="1.2.3.4", agent=PHONE, method="get"):
    return getattr(client, method)(f"/o/{own.code}", HTTP_USER_AGENT=agent, REMOTE_ADDR=address)


def test_it_is_always_the_same_one_for_place_and_platform(kit):
    assert link(kit) == link(kit)
    assert len({link(kit).code, link(kit, "KL").code, link(kit, platform="threads").code}) == 3


def test_each_visitor_of_a_day_counts_once_and_robots_never(kit, client):
    own = link(kit)
    for address, agent in (("1.2.3.4", PHONE), ("1.2.3.4", PHONE), ("1.2.3.5", PHONE), ("1.2.3.6", "Googlebot/2.1")):
        assert visit(client, own, address, agent).status_code == 200
    visit(client, own, "1.2.3.7", method="head")
    assert selectors.own_opens(EVERYWHERE, kit) == 2
    assert OwnLinkOpen.objects.count() == 2
    assert not ShareLink.objects.exists()


def test_opens_are_of_the_place_that_it_was_posted_for(kit, client):
    visit(client, link(kit, "07"))
    visit(client, link(kit, "KL"))
    assert selectors.own_opens(scope_for(make.make_actor({"kits.view": "UP"}), "kits.view"), kit) == 1
    assert selectors.own_opens(EVERYWHERE, kit) == 2


def test_who_joins_from_it_is_credited_to_it_once_and_to_no_member(kit, client):
    own = link(kit, "07")
    page = visit(client, own).content.decode()
    assert f'href="/join?s=o.{own.code}"' in page
    newcomer = make.make_member("UP")
    for _twice in range(2):
        sharing.record_conversion(member_id=newcomer.pk, code=f"o.{own.code}")
    assert sharing.record_conversion(member_id=newcomer.pk, code="o.nothing") is None
    own.refresh_from_db()
    assert (own.joined, ShareLink.objects.count()) == (1, 0)
    counting.refresh_funnel()
    places = [make.Territory.objects.get(code=code) for code in ("07", "KL")]
    assert [analytics.funnel(EVERYWHERE, place).converted for place in places] == [1, 0]


def test_the_page_says_who_published_it_names_no_member_and_leads_on(kit, client):
    own = link(kit)
    page = visit(client, own).content.decode()
    assert "shared by" not in page
    assert kit.act_url in page
    assert f'content="{selectors.own_url(own)}"' in page
    for way in (f"/join?s=o.{own.code}", f"/hear?s=o.{own.code}", "/complain"):
        assert f'href="{way}"' in page
        assert client.get(way, HTTP_USER_AGENT=PHONE).status_code == 200


def test_a_post_that_still_stands_leads_to_the_word_that_it_was_taken_back(kit, client):
    own = link(kit)
    Kit.objects.filter(pk=kit.pk).update(state="withdrawn")
    assert visit(client, own).status_code == 410
    assert selectors.own_opens(EVERYWHERE, kit) == 0


def test_a_code_that_is_none_leads_nowhere(kit, client):
    assert client.get("/o/0000000000", HTTP_USER_AGENT=PHONE).status_code == 404
    share = make.make_member("07")
    code = ShareLink.objects.create(
        code="0" * 10, kit=kit, member=share, channel="whatsapp", created_at=kit.created_at
    ).code  # fmt: skip
    assert client.get(f"/o/{code}", HTTP_USER_AGENT=PHONE).status_code == 404
