"""A sender that keeps what it is given, and a clock that can be set."""

from datetime import timedelta

import pytest

from toli.core import clock


class KeptTexts:
    """A text sender whose messages a test can read."""

    def __init__(self):
        self.messages = []

    def send_many(self, messages):
        self.messages += messages

    @property
    def code(self):
        """The code of the last message."""
        return self.messages[-1].text[:6]


@pytest.fixture
def texts(monkeypatch):
    sender = KeptTexts()
    monkeypatch.setattr("toli.accounts.services.codes.text_sender", lambda: sender)
    return sender


@pytest.fixture
def wait(monkeypatch):
    """``wait(minutes=11)``: so much later."""
    real = clock.now
    passed = timedelta()
    monkeypatch.setattr(clock, "now", lambda: real() + passed)

    def later(**amount):
        nonlocal passed
        passed += timedelta(**amount)

    return later
