"""Members who wait for a card, and a sender that keeps what it is given."""

import pytest

from tests.factories import make_organisation, make_territories
from toli.accounts.ports import all_accepted
from toli.members.services import sending


class KeptTexts(list):
    """All messages handed over so far."""

    def send_many(self, messages):
        self.extend(messages)
        return all_accepted("kept", messages)


@pytest.fixture
def country(db):
    make_organisation()
    return make_territories("IN/UP/07/A1", "IN/UP/070/B1")


@pytest.fixture
def texts(monkeypatch):
    sender = KeptTexts()
    monkeypatch.setattr(sending, "text_sender", lambda: sender)
    return sender
