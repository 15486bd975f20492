"""Copies of texts are forgotten with a person, also those of a sender that is not in use any more."""

from toli.accounts.ports import TextMessage
from toli.accounts.services import keepers
from toli.core.domain.phone import to_e164
from toli.integrations.email_file.provider import EmailFileSender
from toli.integrations.outbox.provider import OutboxSender

NUMBER = to_e164("0314159265")


def test_both_senders_that_write_files_are_asked_whatever_is_in_use(settings):
    settings.TEXT_SENDER_ORDER = ("sms", "telegram")
    assert {type(keeper) for keeper in keepers()} == {OutboxSender, EmailFileSender}


def test_a_number_inside_a_text_to_somebody_else_counts_too():
    other = TextMessage("+910000000002", f"Call {NUMBER[3:8]} {NUMBER[8:]}, नमस्ते", "welcome")
    EmailFileSender().send_many([other, TextMessage("+910000000003", "Hello", "welcome")])
    assert EmailFileSender().count_texts([NUMBER]) == 1
    assert EmailFileSender().forget_texts([NUMBER]) == 1
    assert EmailFileSender().count_texts(["+910000000003"]) == 1


def test_files_of_mail_are_private_and_their_address_leads_nowhere(settings):
    EmailFileSender().send_many([TextMessage(NUMBER, "कोड", "code")])
    (file,) = settings.MAIL_DIR.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert settings.MAIL_DIR.stat().st_mode & 0o777 == 0o700
    assert f"To: {NUMBER[1:]}@phone.invalid" in file.read_text()
