"""Members take all their data out only after a fresh code to their own number."""

import pytest

from tests.enclosed import enclosed
from tests.web.conftest import code_in
from toli.accounts.domain import codes
from toli.accounts.models import OneTimeCode, Session
from toli.audit.models import AuditEntry
from toli.core.domain.limits import LIMITS
from toli.members.models import ContactPoint
from toli.members.selectors import plain_phones
from toli.members.services import open_account

pytestmark = pytest.mark.django_db(transaction=True)  # a wrong guess must stay written down when the page is undone
HERE = "/me/confirm?next=/me/data/copy"
WRONG = "000000"


@pytest.fixture
def her(world, browser, sent, monkeypatch):
    """Sunita's browser, in which she signed in long ago; the right code is never 000000."""
    monkeypatch.setattr(codes, "new_code", lambda: "123456")
    return browser(open_account(member_id=world.member.pk), proved=False)


def page_of(answer):
    return answer.content.decode()


def test_the_way_to_the_copy_leads_through_a_code_to_her_own_number(her, sent):
    assert her.post("/me/data/copy").headers["Location"] == "/me/confirm?next=/me/data/copy"
    assert "Send me the code" in page_of(her.get(HERE))
    assert not sent
    assert her.post(HERE, {"step": "send"}).headers["Location"] == HERE
    assert [message.to for message in sent] == [phone_of_sunita()]
    assert her.post(HERE, {"step": "code", "code": code_in(sent)}).headers["Location"] == "/me/data/copy"
    assert "Get the file" in page_of(her.get("/me/data/copy"))
    assert her.post("/me/data/copy")["Content-Disposition"].startswith("attachment")
    assert AuditEntry.objects.get(action="accounts.confirm").details == {"method": "code"}


def test_the_page_shows_three_digits_of_the_number_and_no_more(her, sent):
    her.post(HERE, {"step": "send"})
    text = page_of(her.get(HERE))
    assert sent[0].to[-3:] in text
    assert sent[0].to[-5:] not in text


def test_a_guess_that_is_wrong_counts_and_opens_nothing(her, sent):
    her.post(HERE, {"step": "send"})
    for left in (4, 3, 2, 1, 0):
        answer = her.post(HERE, {"step": "code", "code": WRONG})
        assert answer.status_code == 400
        assert f"Tries left: {left}." in page_of(answer)
    assert OneTimeCode.objects.get().tries == codes.TRIES
    assert her.post(HERE, {"step": "code", "code": code_in(sent)}).status_code == 400
    assert her.post("/me/data/copy").status_code == 303


def test_a_code_for_signing_in_does_not_confirm(her, browser, sent):
    stranger = browser()
    stranger.post("/sign-in", {"step": "phone", "phone": phone_of_sunita()})
    assert her.post(HERE, {"step": "code", "code": code_in(sent)}).status_code == 400


def phone_of_sunita():
    point = ContactPoint.objects.get()
    return plain_phones([point.member_id])[point.member_id]


def test_codes_to_confirm_share_the_limit_of_the_number(her, sent):
    answers = [her.post(HERE, {"step": "send"}).status_code for _ in range(LIMITS["codes.number"].times + 1)]
    assert answers == [303] * LIMITS["codes.number"].times + [429]


def test_who_signed_in_with_a_code_a_moment_ago_is_not_asked_again(world, browser, sent, monkeypatch):
    client = browser()
    client.post("/sign-in", {"step": "phone", "phone": phone_of_sunita()})
    client.post("/sign-in", {"step": "code", "code": code_in(sent)})
    assert client.get("/me/data/copy").status_code == 200
    Session.objects.update(proved_at=None)
    assert client.get("/me/data/copy").status_code == 303


def test_a_proof_in_her_other_browser_is_none_here(her, world, browser):
    browser(open_account(member_id=world.member.pk), proved=True)
    assert her.get("/me/data/copy").status_code == 303


@pytest.mark.parametrize("evil", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_confirming_leads_nowhere_else(world, sunita, evil):
    assert sunita.get("/me/confirm", {"next": evil}).headers["Location"] == "/me"


def test_it_works_in_a_process_that_sees_nothing_by_itself(her, sent):
    """Real servers stand behind the wall with every query; the code is checked outside of a page's area."""
    with enclosed():
        her.post(HERE, {"step": "send"})
        assert her.post(HERE, {"step": "code", "code": WRONG}).status_code == 400
        answer = her.post(HERE, {"step": "code", "code": code_in(sent)})
        assert answer.headers["Location"] == "/me/data/copy"
        assert her.post("/me/data/copy")["Content-Disposition"].startswith("attachment")
