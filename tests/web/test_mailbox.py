"""A member gives an e-mail address on their own page; it is used once they have opened the link that was sent there."""

import re
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine

from tests.enclosed import enclosed
from tests.factories import make_member
from toli.accounts.domain.actor import SYSTEM
from toli.core import clock
from toli.emulators.running import running
from toli.emulators.smtp import MailServer
from toli.members import selectors as members
from toli.members.services import withdrawal_path
from toli.messaging.mail_book import MailBook
from toli.messaging.models import MailAddress
from toli.messaging.services import mailboxes, senders

PAGE = "/me/email"
ADDRESS = "sunita@mail.example"


@contextmanager
def a_mail_server():
    server = MailServer()
    with running(server) as url:
        settings = {"server": url.replace("http", "smtp"), "address": "news@toli.example", "name": "Toli"}
        senders.create_sender(actor=SYSTEM, code="mail", name="Mail", provider="email_smtp", settings=settings)
        yield server


@pytest.fixture
def server(world):
    with a_mail_server() as server:
        yield server


def give(client, address=ADDRESS):
    return client.post(PAGE, {"act": "give", "address": address})


def link_in(server):
    """The path of the link in the last message."""
    text = server.messages[-1].mail.get_body(("plain",)).get_content()
    return re.search(r"(/me/email/\S+)", text)[1]


def shown(client):
    return client.get(PAGE).content.decode()


def reachable(member):
    return dict(MailBook().addresses(MailBook().holders(), few=True)).get(member.pk)


class TestGiving:
    def test_nothing_is_used_before_the_link_is_opened_and_its_button_pressed(self, sunita, server, world):
        assert give(sunita).headers["Location"] == PAGE
        assert "s•••@mail.example" in shown(sunita)
        assert ADDRESS not in shown(sunita)
        assert sunita.get(link_in(server)).status_code == 200
        assert reachable(world.member) is None
        assert sunita.post(link_in(server), {"daily": "no"}).headers["Location"] == PAGE
        assert reachable(world.member).endswith(f":{ADDRESS}")
        assert members.words(world.member.pk).get(("content", "email")) is None

    def test_daily_material_comes_there_only_after_a_yes_of_its_own(self, sunita, server, world):
        give(sunita)
        sunita.post(link_in(server), {"daily": "yes"})
        assert members.words(world.member.pk)["content", "email"] is True
        sunita.post(PAGE, {"act": "no_daily"})
        assert members.words(world.member.pk)["content", "email"] is False

    def test_the_link_works_once_and_for_two_days(self, sunita, server):
        give(sunita)
        first = link_in(server)
        sunita.post(PAGE, {"act": "again"})
        assert sunita.get(first).status_code == 404  # the later one took its place
        sunita.post(link_in(server), {"daily": "no"})
        assert sunita.post(link_in(server), {"daily": "no"}).status_code == 404
        give(sunita)
        with time_machine.travel(clock.now() + timedelta(hours=49)), pytest.raises(mailboxes.MailLinkSpent):
            mailboxes.waiting_for(
                member_id=MailAddress.objects.get().member_id, token=link_in(server).rpartition("/")[2]
            )

    def test_nobody_else_can_confirm_it(self, sunita, server, browser):
        give(sunita)
        assert "/sign-in" in browser().get(link_in(server)).headers["Location"]
        other = make_member("B1")
        with pytest.raises(mailboxes.MailLinkSpent):
            mailboxes.waiting_for(member_id=other.pk, token=link_in(server).rpartition("/")[2])

    @pytest.mark.parametrize(
        "wrong",
        ["", "x", "a@b", "a b@mail.example", "a@mail.example\nBcc: x@mail.example", "<a@mail.example>",
         "a..b@mail.example", "a@[127.0.0.1]", "a@10.0.0.1"],
    )  # fmt: skip
    def test_what_is_no_address_is_said_at_the_field(self, sunita, server, wrong):
        answer = give(sunita, wrong)
        assert answer.status_code == 400
        assert "address-error" in answer.content.decode()
        assert server.messages == []

    def test_a_mailbox_that_does_not_exist_is_said_at_once(self, sunita, server, world):
        give(sunita, "gone@mail.example")
        assert "nobody is there" in shown(sunita)

    def test_a_mail_server_that_is_away_is_said_and_asked_again(self, sunita, server):
        server.replies[ADDRESS] = "451 4.3.0 later"
        assert "could not be sent" in give(sunita).content.decode()
        server.replies.clear()
        assert sunita.post(PAGE, {"act": "again"}).status_code == 303
        assert len(server.messages) == 1

    def test_no_mailbox_is_filled_with_links(self, sunita, server):
        for _ in range(5):
            give(sunita)
        assert give(sunita).status_code == 429
        assert len(server.messages) == 5

    def test_where_nobody_sends_mail_no_address_is_asked_for(self, sunita):
        assert "not set up" in shown(sunita)
        assert 'name="address"' not in shown(sunita)


class TestChanging:
    @pytest.fixture
    def confirmed(self, sunita, server):
        give(sunita)
        sunita.post(link_in(server), {"daily": "yes"})

    def test_another_address_has_to_be_confirmed_as_well(self, sunita, server, world, confirmed):
        assert 'name="address"' in sunita.get(f"{PAGE}?change=1").content.decode()
        give(sunita, "other@mail.example")
        assert reachable(world.member) is None
        sunita.post(link_in(server), {"daily": "no"})
        assert reachable(world.member).endswith(":other@mail.example")
        assert MailAddress.objects.count() == 1

    def test_removed_it_is_gone_and_so_is_the_yes(self, sunita, world, confirmed):
        sunita.post(PAGE, {"act": "remove"})
        assert not MailAddress.objects.exists()
        assert members.words(world.member.pk)["content", "email"] is False

    def test_it_does_not_lie_open_in_the_database(self, confirmed):
        row = MailAddress.objects.get()
        assert b"sunita" not in bytes(row.address_sealed) + bytes(row.token_hash)


class TestOneClick:
    def path(self, world):
        return withdrawal_path(member_id=world.member.pk, purpose="content", channel="email") + "/now"

    def test_a_mail_program_ends_it_with_one_post(self, browser, world):
        strict = browser(enforce_csrf_checks=True)
        assert strict.post(self.path(world), {"List-Unsubscribe": "One-Click"}).status_code == 200
        assert members.words(world.member.pk) == {("content", "email"): False}

    def test_opening_it_ends_nothing_and_shows_the_page(self, browser, world):
        answer = browser().get(self.path(world))
        assert (answer.status_code, answer.headers["Location"] + "/now") == (303, self.path(world))
        page = browser().get(answer.headers["Location"]).content.decode()
        assert "These come by e-mail." in page
        assert members.words(world.member.pk).get(("content", "email")) is None

    def test_without_the_words_of_the_standard_nothing_ends(self, browser, world):
        assert browser().post(self.path(world), {}).status_code == 400
        assert browser().post("/c/abc/now", {"List-Unsubscribe": "One-Click"}).status_code == 404
        assert members.words(world.member.pk).get(("content", "email")) is None


@pytest.mark.django_db(transaction=True)
def test_it_works_in_a_process_that_sees_nothing_by_itself(sunita, world, browser):
    """Real servers stand behind the wall with every query."""
    with a_mail_server() as server:
        with enclosed():
            give(sunita)
            sunita.post(link_in(server), {"daily": "yes"})
            assert "s•••@mail.example" in shown(sunita)
        assert reachable(world.member)
        with enclosed():
            stop = withdrawal_path(member_id=world.member.pk, purpose="content", channel="email")
            browser().post(f"{stop}/now", {"List-Unsubscribe": "One-Click"})
            sunita.post(PAGE, {"act": "remove"})
        assert members.words(world.member.pk)["content", "email"] is False
        assert not MailAddress.objects.exists()
