"""What does harm in the wrong hands opens only within ten minutes of a proof of who sits there."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from tests.factories import make_actor, make_territory, prove
from toli.access.models import RoleAssignment
from toli.accounts.models import Account, Session
from toli.accounts.sessions import SessionStore
from toli.core.errors import Forbidden
from toli.web import page
from toli.web.urls import urlpatterns

pytestmark = pytest.mark.django_db
PERMISSION = "members.export"
GUARDED = [pattern for pattern in urlpatterns if getattr(pattern.callback, "step_up", False)]


@page.page(PERMISSION, step_up=True)
def harmful(request, scope):
    return HttpResponse("opened")


@pytest.fixture
def ask(browser):
    """``ask("POST", "/x?y")``: the guarded view, asked by somebody who holds the permission."""
    make_territory("IN")
    account = Account.objects.get(pk=make_actor({PERMISSION: "IN"}).id)
    client = browser(account, proved=False)

    def asked(method="GET", path="/console/harm?page=2"):
        request = RequestFactory().generic(method, path)
        request.session = SessionStore(client.session.session_key)
        request.user, request.LANGUAGE_CODE = account, "en"
        return harmful(request)

    asked.client = client
    return asked


def test_without_a_proof_the_way_leads_to_confirm_and_back(ask):
    answer = ask()
    assert (answer.status_code, answer.headers["Location"]) == (
        303, "/sign-in/confirm?next=/console/harm%3Fpage%3D2",
    )  # fmt: skip


def test_of_a_form_sent_without_a_proof_nothing_is_kept(ask):
    assert ask("POST").headers["Location"] == "/sign-in/confirm?next=/console/harm"


def test_with_a_proof_it_opens(ask):
    prove(ask.client)
    assert ask().content == b"opened"


def test_a_proof_of_eleven_minutes_ago_is_none(ask):
    Session.objects.update(proved_at=timezone.now() - timedelta(minutes=11))
    assert ask().status_code == 303


def test_a_proof_in_another_session_of_the_same_person_is_none(ask, browser):
    other = browser(Account.objects.get(), proved=True)
    assert other.session.session_key != ask.client.session.session_key
    assert ask().status_code == 303


def test_who_lacks_the_permission_is_refused_not_led_on(ask):
    RoleAssignment.objects.all().delete()
    with pytest.raises(Forbidden):
        ask()


def test_what_takes_data_out_or_hands_power_on_is_guarded():
    wanted = {
        "console/t/<str:code>/staff/new",
        "console/staff/<int:assignment_id>/end",
        "console/members/<int:member_id>/reveal",
        "console/t/<str:code>/export",
        "console/exports/waiting",
        "console/exports/<int:export_id>/approve",
        "console/exports/<int:export_id>/refuse",
        "console/exports/<int:export_id>/link",
        "x/<str:token>",
        "me/data/copy",
    }
    assert wanted <= {str(pattern.pattern) for pattern in GUARDED}


@pytest.mark.parametrize("evil", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_confirming_leads_nowhere_else(world, headquarters, evil):
    assert headquarters.get("/sign-in/confirm", {"next": evil}).headers["Location"] == "/console/"


def test_who_has_proved_already_goes_straight_on(world, headquarters):
    assert headquarters.get("/sign-in/confirm?next=/console/kits").headers["Location"] == "/console/kits"
