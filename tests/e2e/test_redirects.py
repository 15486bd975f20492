"""A real browser says where ten thousand addresses would lead, and follows some of them (T9)."""

import random
from datetime import timedelta
from urllib.parse import quote

import pytest

from tests import factories as make
from tests.security.redirects import corpus, short
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.models import Session
from toli.core import clock
from toli.web.page import safe_next

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LEADS = "ways => ways.map(way => { try { return new URL(way, location.href).origin } catch { return 'none' } })"
SIGNS = "/\\:@.?#%;\t\n\r \x0b\x00evil0\u202e\uff0f\u3002\u00a0"


@pytest.fixture
def page(open_page):
    make.make_organisation()
    return open_page("/help")


def test_the_control_the_browser_would_be_led_away_by_thousands(page, site):
    found = page.evaluate(LEADS, list(corpus()))
    assert sum(origin not in {site, "none"} for origin in found) > 3000


def test_what_is_let_through_leads_to_this_site_as_the_browser_reads_it(page, site):
    kept = [safe_next(way, "/me") for way in corpus()]
    assert set(page.evaluate(LEADS, kept)) == {site}
    assert len(set(kept)) > 100  # not everything is thrown away


def test_so_does_any_text_of_awkward_signs(page, site):
    dice = random.Random(3)
    texts = ["/" + "".join(dice.choices(SIGNS, k=dice.randint(0, 12))) for _ in range(20_000)]
    away = [text for text, origin in zip(texts, page.evaluate(LEADS, texts), strict=True) if origin != site]
    assert len(away) > 500
    assert [text for text in away if safe_next(text, "") == text] == []


def test_a_browser_that_follows_them_stays_here(open_page, site):
    make.make_organisation()
    make.make_territories("IN/UP/Z1/A1")
    coordinator = make.make_coordinator("Z1")
    token = accounts.create_sign_in_link(actor=SYSTEM, account_id=coordinator.pk, lifetime=timedelta(hours=1))
    page = open_page(f"/a/{token}")
    page.click("main button")
    page.wait_for_load_state()
    Session.objects.update(proved_at=clock.now())
    for way in short()[::4]:
        page.goto(f"/sign-in/confirm?next={quote(way)}")
        assert page.evaluate("location.origin") == site, way
    assert page.elsewhere == []
