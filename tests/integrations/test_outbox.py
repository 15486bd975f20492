"""The outbox file: every message a line, readable by the owner only, whole under concurrency."""

import json
import stat

import pytest

from tests.together import at_once
from toli.accounts.ports import TextMessage
from toli.accounts.services import text_sender
from toli.integrations.outbox.provider import OutboxSender


def sent(settings):
    (file,) = settings.OUTBOX_DIR.glob("*.jsonl")
    return file, [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_each_message_is_a_line_in_its_own_script(settings):
    OutboxSender().send_many([TextMessage("+910000000001", "नमस्ते\n@host #123456", "code")])
    OutboxSender().send_many([TextMessage("+910000000002", "Hello", "welcome")])
    file, lines = sent(settings)
    assert [(line["to"], line["kind"], line["text"]) for line in lines] == [
        ("+910000000001", "code", "नमस्ते\n@host #123456"),
        ("+910000000002", "welcome", "Hello"),
    ]
    assert set(lines[0]) == {"at", "to", "kind", "text"}
    assert "नमस्ते" in file.read_text(encoding="utf-8")


def test_nobody_else_can_read_it(settings):
    OutboxSender().send_many([TextMessage("+910000000001", "text", "code")])
    file, _lines = sent(settings)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.django_db
def test_writers_do_not_tear_each_others_lines(settings):
    def write():
        OutboxSender().send_many([TextMessage("+910000000001", "x" * 500, "code")] * 200)

    assert at_once(*[write] * 4) == [None] * 4
    _file, lines = sent(settings)
    assert len(lines) == 800


def test_it_is_the_sender_unless_another_is_named():
    assert [type(sender) for sender in text_sender().senders] == [OutboxSender]
