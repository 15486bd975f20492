"""Whoever is led back to where they wanted to go stays on this site (T9). A browser judges in tests/e2e."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_account
from tests.security.redirects import corpus, short
from toli.accounts.domain.sessions import Method
from toli.members.services import open_account
from toli.web.page import safe_next

SIGNS = (
    st.text(st.sampled_from("/\\:@e."))
    | st.text(st.sampled_from("/\\:@.?#%;\t\n\r \x00\u202e\uff0f\u3002"))
    | st.text()
)
HOMES = {"/me", "/console/"}


def stays(target):
    """By the letter: one slash, then nothing that a browser takes for a second one or drops."""
    return target[:1] == "/" and target[1:2] not in {"/", "\\"} and target.isprintable() and "\\" not in target


def test_there_are_more_than_ten_thousand_ways():
    ways = list(corpus())
    assert len(ways) == len(set(ways)) > 10_000
    assert len(short()) > 120


def test_whatever_is_asked_for_begins_with_exactly_one_slash():
    assert [way for way in corpus() if not stays(safe_next(way, "/me"))] == []


@given(SIGNS)
def test_so_does_any_other_text(text):
    assert stays(safe_next(text, "/me"))
    assert stays(safe_next("/" + text, "/me"))


@given(st.text(alphabet="abc/-_~?=&%.0123456789\u0939\u093f", max_size=60))
def test_the_control_pages_of_ours_are_kept(rest):
    path = "/x" + rest
    assert safe_next(path, "/me") == path


class TestEveryRouteThatTakesIt:
    """The pages by which somebody signs in or confirms, with the last step made easy."""

    @staticmethod
    def easy(monkeypatch, account):
        from toli.web.public import sign_in, staff_sign_in

        monkeypatch.setattr(staff_sign_in.accounts, "sign_in_with_password", lambda **_told: (account, Method.PASSWORD))
        monkeypatch.setattr(sign_in.accounts, "verify_code", lambda **_told: None)
        monkeypatch.setattr(sign_in.accounts, "request_code", lambda **_told: None)

    @pytest.fixture
    def led(self, world, browser, monkeypatch, request):
        """``led("//evil.example")``: where the route sends somebody who asked for that."""
        staff, member = make_account(), open_account(member_id=world.member.pk)
        self.easy(monkeypatch, staff)
        monkeypatch.setattr("toli.web.limited.limits.hit", lambda *_told, **_more: 1)
        monkeypatch.setattr("toli.web.public.sign_in.members.find_all_by_phone", lambda _phone: [world.member])
        at_the_desk, at_home = browser(staff), browser(member)

        def staff_sign_in(way):
            fields = {"step": "password", "login": "x", "password": "x", "code": "x"}
            return browser().post(f"/sign-in/staff?next={quote(way)}", fields)

        def member_sign_in(way):
            client = browser()
            client.get(f"/sign-in?next={quote(way)}")
            client.post("/sign-in", {"step": "phone", "phone": "0123456789"})
            return client.post("/sign-in", {"step": "code", "code": "123456"})

        return {
            "/sign-in/staff": staff_sign_in,
            "/sign-in": member_sign_in,
            "/sign-in/confirm": lambda way: at_the_desk.get(f"/sign-in/confirm?next={quote(way)}"),
            "/me/confirm": lambda way: at_home.get(f"/me/confirm?next={quote(way)}"),
        }

    @pytest.mark.django_db
    @pytest.mark.parametrize("route", ["/sign-in/staff", "/sign-in", "/sign-in/confirm", "/me/confirm"])
    def test_leads_to_a_page_of_ours(self, led, route):
        wrong, home = [], 0
        for way in short():
            answer = led[route](way)
            target = answer.headers["Location"]
            home += target in HOMES
            if answer.status_code != 303 or not stays(target):
                wrong.append((way, answer.status_code, target))
        assert wrong == []
        assert home > 100  # most of these are no pages of ours, and lead to where one would go anyway

    @pytest.mark.django_db
    @pytest.mark.parametrize("route", ["/sign-in/staff", "/sign-in", "/sign-in/confirm", "/me/confirm"])
    def test_the_control_leads_on_to_a_page_of_ours(self, led, route):
        assert led[route]("/me/data?x=1").headers["Location"] == "/me/data?x=1"

    @pytest.mark.django_db
    @pytest.mark.parametrize("page", ["/sign-in/staff", "/sign-in/confirm", "/me/confirm"])
    def test_no_form_or_link_remembers_another_site(self, world, browser, page):
        account = open_account(member_id=world.member.pk) if page.startswith("/me") else make_account()
        client = browser(account, proved=False)
        for way in short():
            text = client.get(f"{page}?next={quote(way)}").content.decode()
            main = text.partition("<main")[2].partition("</main>")[0]
            assert "javascript:" not in main, way
            assert 'action="/' in main or "action=" not in main, way


@pytest.mark.django_db
class TestAddressesOfPagesThemselves:
    """Whoever is sent to sign in comes back to the address they had asked for, which they may have been given."""

    @pytest.mark.parametrize("way", ["//evil.example/me", "///evil.example", "/\\evil.example", "/%2f%2fevil.example"])
    def test_an_address_with_two_slashes_leads_nowhere_else(self, client, way):
        answer = client.get("/", PATH_INFO=way.replace("%2f", "/"))
        target = answer.headers.get("Location", "/")
        assert stays(target), target

    @pytest.mark.parametrize("page", ["/me", "/console/", "/console/kits"])
    def test_what_stands_behind_a_question_mark_is_kept_as_it_is(self, client, page):
        target = client.get(f"{page}?next=//evil.example&lang=en").headers["Location"]
        assert stays(target)
        assert target.startswith("/sign-in")
