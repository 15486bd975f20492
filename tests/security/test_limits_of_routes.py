"""Every form that a stranger can send is counted: a public page without a declared limit takes none."""

import re

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from tests.matrix.cells import routes
from toli.core.domain.limits import LIMITS, Limit
from toli.web.limited import counted, limited
from toli.web.page import public_page

pytestmark = pytest.mark.django_db
PUBLIC = [pattern for pattern in routes() if pattern.callback.access == "public"]
TAKING = [pattern for pattern in PUBLIC if getattr(pattern.callback, "limits", ())]
FEW = 2
# What is sent where an empty form is not worth counting.
FIELDS = {"sign-in/staff": {"step": "password", "login": "nobody", "password": "x", "code": "000000"}}


@pytest.fixture
def few(monkeypatch):
    """All limits allow two tries."""
    for name, limit in LIMITS.items():
        monkeypatch.setitem(LIMITS, name, Limit(name, FEW, limit.per, limit.keyed_by, limit.why))


def address_of(pattern):
    """An address of the route, for a thing that is not there."""
    return "/" + re.sub(r"<\w+:\w+>", "unknown", str(pattern.pattern))


@pytest.mark.parametrize("pattern", TAKING, ids=lambda pattern: "/" + str(pattern.pattern))
def test_a_form_sent_again_and_again_is_refused(pattern, world, browser, few):
    client, fields = browser(), FIELDS.get(str(pattern.pattern), {})
    answers = [client.post(address_of(pattern), fields) for _ in range(FEW + 1)]
    assert [answer.status_code == 429 for answer in answers] == [False, False, True]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert browser(REMOTE_ADDR="192.0.2.9").post(address_of(pattern), {}).status_code != 429


def test_a_passkey_that_is_sent_again_and_again_is_refused(world, browser, few):
    client = browser()
    answers = [client.post("/sign-in/staff", {"step": "passkey", "credential": "{}"}) for _ in range(FEW + 1)]
    assert [answer.status_code for answer in answers] == [400, 400, 429]


@pytest.mark.parametrize(
    "pattern", [p for p in PUBLIC if p not in TAKING], ids=lambda pattern: "/" + str(pattern.pattern)
)
def test_a_public_page_without_a_limit_takes_no_form(pattern, client):
    assert client.post(address_of(pattern)).status_code == 405


def test_which_pages_of_strangers_take_forms():
    """A new one has to be thought about."""
    assert {str(pattern.pattern) for pattern in TAKING} == {
        "verify", "V/<str:face>/<str:signature>", "sign-in", "sign-in/staff", "sign-in/passkey", "sign-out",
        "a/<str:token>", "w/<str:token>", "c/<str:token>", "c/<str:token>/now", "d/<str:token>", "e/<str:token>",
        "hear", "complain", "not-me", "join", "j/<str:code>", "hooks/groups/<slug:provider>",
    }  # fmt: skip


class TestTheDeclaration:
    @staticmethod
    def post(view):
        return view(RequestFactory().post("/x")).status_code

    def test_without_a_limit_the_form_is_refused_before_the_view_runs(self):
        assert self.post(public_page(lambda request: HttpResponse("ran"))) == 405

    def test_with_one_it_is_taken(self):
        view = public_page(limited("verify.address")(lambda request: HttpResponse("ran")))
        assert self.post(view) == 200
        assert view.limits == ("verify.address",)

    def test_a_limit_that_does_not_exist_is_a_mistake(self):
        with pytest.raises(KeyError):
            counted("no.such_limit")(lambda request: HttpResponse("ran"))
