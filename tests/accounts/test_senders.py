"""Several senders as one: the order, what the next one gets, and who is left alone."""

import threading
import time
from datetime import timedelta

import pytest

from tests.factories import make_phone
from tests.together import at_once
from toli.accounts import services
from toli.accounts.domain.sending import Outcome
from toli.accounts.errors import TextNotSent
from toli.accounts.models import OneTimeCode
from toli.accounts.ports import Receipt, TextMessage
from toli.accounts.services import codes, sending
from toli.accounts.services.sending import Senders
from toli.core import clock

CODE = TextMessage("+910000000001", "123456 is your code", "code", "en", "123456")
WELCOME = TextMessage("+910000000002", "Welcome", "welcome", "en")


class Fake:
    """A sender that ends each text as it is told to."""

    distant = True

    def __init__(self, key, outcome=Outcome.ACCEPTED, objects_to=()):
        self.key, self.outcome, self.objects_to = key, outcome, objects_to
        self.got = []

    def objection(self, message):
        return "codes_only" if message.kind in self.objects_to else ""

    def send_many(self, messages):
        self.got += messages
        return [Receipt(self.outcome, self.key, "" if self.outcome is Outcome.ACCEPTED else "told") for _ in messages]


@pytest.fixture(autouse=True)
def _trusted():
    sending.forget_health()
    yield
    sending.forget_health()


@pytest.mark.parametrize("outcome", [Outcome.BUSY, Outcome.DOWN, Outcome.OFF, Outcome.REFUSED])
def test_the_next_sender_gets_what_the_first_surely_did_not_send(outcome):
    first, second = Fake("first", outcome), Fake("second")
    receipts = Senders([first, second]).send_many([CODE, WELCOME])
    assert second.got == [CODE, WELCOME]
    assert [(receipt.outcome, receipt.sender) for receipt in receipts] == [(Outcome.ACCEPTED, "second")] * 2


def test_the_next_sender_gets_nothing_that_the_first_accepted():
    first, second = Fake("first"), Fake("second")
    Senders([first, second]).send_many([CODE, WELCOME])
    assert second.got == []


def test_of_what_may_have_been_sent_the_next_sender_gets_codes_only():
    first, second = Fake("first", Outcome.UNKNOWN), Fake("second")
    code, welcome = Senders([first, second]).send_many([CODE, WELCOME])
    assert second.got == [CODE]
    assert (code.outcome, welcome.outcome) == (Outcome.ACCEPTED, Outcome.UNKNOWN)


def test_what_may_have_been_sent_stays_so_when_the_next_sender_fails():
    (receipt,) = Senders([Fake("first", Outcome.UNKNOWN), Fake("second", Outcome.DOWN)]).send_many([CODE])
    assert (receipt.outcome, receipt.sender) == (Outcome.UNKNOWN, "first")


def test_a_sender_for_codes_only_leaves_the_others_to_the_next():
    first, second = Fake("first", objects_to={"welcome"}), Fake("second")
    Senders([first, second]).send_many([WELCOME, CODE])
    assert (first.got, second.got) == ([CODE], [WELCOME])


def test_a_sender_that_failed_three_times_is_not_asked_for_thirty_seconds(monkeypatch):
    first, second = Fake("first", Outcome.DOWN), Fake("second")
    both, now = Senders([first, second]), clock.now()
    for _ in range(5):
        assert both.send_many([CODE])[0].sender == "second"
    assert len(first.got) == 3
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=31))
    first.outcome = Outcome.ACCEPTED
    assert both.send_many([CODE])[0].sender == "first"
    assert both.send_many([CODE])[0].sender == "first"


def test_refusals_do_not_count_as_failures():
    first = Fake("first", Outcome.REFUSED)
    for _ in range(9):
        Senders([first]).send_many([CODE])
    assert len(first.got) == 9


def test_the_log_names_the_sender_and_nothing_of_the_message(caplog):
    Senders([Fake("first", Outcome.DOWN)]).send_many([CODE])
    assert "sender first: down (told)" in caplog.text
    assert "0000000001" not in caplog.text
    assert "123456" not in caplog.text


@pytest.fixture
def only(monkeypatch):
    """``only(sender)``: codes go by this one."""

    def use(sender):
        monkeypatch.setattr(codes, "text_sender", lambda: Senders([sender]))
        return sender

    return use


def ask(phone=None):
    services.request_code(phone=phone or make_phone(1), purpose="sign_in", language="hi")


@pytest.mark.django_db
class TestCodes:
    @pytest.mark.parametrize("outcome", [Outcome.BUSY, Outcome.DOWN, Outcome.OFF, Outcome.REFUSED])
    def test_a_code_that_surely_did_not_leave_is_told_and_does_not_count(self, only, outcome):
        only(Fake("first", outcome))
        for _ in range(12):
            with pytest.raises(TextNotSent, match="try again in a minute"):
                ask()
        assert not OneTimeCode.objects.exists()

    def test_an_older_code_stays_good_when_the_next_one_could_not_leave(self, only):
        sender = only(Fake("first"))
        ask()
        sender.outcome = Outcome.DOWN
        with pytest.raises(TextNotSent):
            ask()
        services.verify_code(phone=make_phone(1), purpose="sign_in", code=sender.got[0].code)

    def test_a_code_that_may_have_left_works(self, only):
        sender = only(Fake("first", Outcome.UNKNOWN))
        ask()
        services.verify_code(phone=make_phone(1), purpose="sign_in", code=sender.got[0].code)

    def test_the_digits_and_the_language_go_along(self, only):
        sender = only(Fake("first"))
        ask()
        (message,) = sender.got
        assert message.text.startswith(message.code)
        assert (message.kind, message.language) == ("code", "hi")
        assert message.text == services.code_text(message.code, "hi")


@pytest.mark.django_db(transaction=True)
def test_who_writes_into_files_never_stands_in_line(only):
    sender = only(Fake("file"))
    sender.distant = False
    assert at_once(*[lambda number=number: ask(make_phone(number)) for number in range(12)]) == [None] * 12


@pytest.mark.django_db(transaction=True)
def test_a_provider_that_does_not_answer_holds_up_four_pages_and_no_more(only, monkeypatch):
    monkeypatch.setattr(sending, "WAIT_SECONDS", 2)  # so long that a busy machine is not taken for it
    answer = threading.Event()

    class Silent(Fake):
        def send_many(self, messages):
            answer.wait(60)
            return super().send_many(messages)

    sender, took = only(Silent("silent")), []

    def visit(number):
        began = time.monotonic()
        try:
            ask(make_phone(number))
        except TextNotSent:
            took.append(time.monotonic() - began)
            if len(took) == 3:
                answer.set()
            raise

    answers = at_once(*[lambda number=number: visit(number) for number in range(7)])
    assert sum(isinstance(found, TextNotSent) for found in answers) == 3
    assert len(sender.got) == 4
    assert sorted(took)[1] < 2 <= max(took) < 60
