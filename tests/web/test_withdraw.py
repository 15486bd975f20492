"""The page behind the link in every message: one tap to open it, one to end what comes by it."""

import re

import pytest
from django.test import Client

from tests import factories as make
from toli.core.domain.limits import LIMITS
from toli.members import selectors, services

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    make.make_organisation()
    make.make_territories("IN/UP/07/A1")
    member = make.make_member("A1", name="Sunita Devi", phone="+910123456789")
    services.set_consent(member_id=member.pk, purpose="content", given=True, language="hi", evidence={})
    return member


@pytest.fixture
def visitor():
    client = Client()
    client.cookies["lang"] = "en"
    return client


def path_of(member, purpose="content", channel="sms"):
    return services.withdrawal_path(member_id=member.pk, purpose=purpose, channel=channel)


def standing(member):
    return {pair for pair, given in selectors.words(member.pk).items() if given}


def test_two_taps_end_the_daily_material(member, visitor):
    page = visitor.get(path_of(member)).content.decode()
    assert 'name="what" value="content"' in page
    answer = visitor.post(path_of(member), {"what": "content"}, follow=True)
    assert "Done. It holds from this moment." in answer.content.decode()
    assert 'value="content"' not in answer.content.decode()
    assert standing(member) == {("content", "whatsapp")}


def test_looking_at_the_link_changes_nothing(member, visitor):
    """Phones and chat apps fetch links by themselves, to show a preview."""
    before = standing(member)
    visitor.get(path_of(member))
    visitor.head(path_of(member))
    assert standing(member) == before


def test_everything_ends_on_every_way(member, visitor):
    visitor.post(path_of(member), {"what": "all"})
    assert not standing(member)
    assert "Nothing more comes to you this way." in visitor.get(path_of(member)).content.decode()


def test_the_page_shows_two_digits_and_nothing_else_of_the_person(member, visitor):
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", visitor.get(path_of(member)).content.decode())
    assert "89" in page
    for secret in ("Sunita", "0123456789", "789", "A1"):
        assert secret not in page


def test_it_signs_nobody_in_and_leads_to_signing_in_for_undoing_it(member, visitor):
    visitor.post(path_of(member), {"what": "all"})
    assert "/sign-in?next=/me/data" in visitor.get(path_of(member)).content.decode()
    assert visitor.get("/me/data").status_code == 303


def test_a_form_of_another_site_withdraws_nothing(member):
    assert Client(enforce_csrf_checks=True).post(path_of(member), {"what": "all"}).status_code == 403
    assert standing(member)


def test_nonsense_is_refused(member, visitor):
    assert visitor.post(path_of(member), {"what": "religion"}).status_code == 400
    assert visitor.get("/c/made-up").status_code == 404


def test_whoever_looks_for_links_by_trying_is_stopped(member, visitor):
    for number in range(LIMITS["withdraw.unknown_address"].times):
        assert visitor.get(f"/c/AAAA{number}").status_code == 404
    assert visitor.get("/c/AAAAAAAA").status_code == 429
    assert visitor.get(path_of(member)).status_code == 429
    assert visitor.get(path_of(member), REMOTE_ADDR="192.0.2.9").status_code == 200
