"""A small organisation behind the pages, and browsers for the people in it."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from tests.factories import (
    make_campaign,
    make_coordinator,
    make_drive,
    make_group,
    make_headquarters,
    make_join_link,
    make_kit,
    make_member,
    make_organisation,
    make_territories,
    prove,
)
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.models import Account, AccountKind
from toli.accounts.ports import TextMessage, all_accepted
from toli.cards.services import issue_cards
from toli.members.services import open_account

BACKEND = "django.contrib.auth.backends.ModelBackend"
PHONE_BROWSER = (
    "Mozilla/5.0 (Linux; Android 12; RMX3231) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile"
)


@dataclass(frozen=True)
class World:
    """Everything on stage. ``UP/07`` and ``UP/070`` are neighbours whose codes begin alike."""

    places: dict[str, Any]
    campaign: Any
    group: Any
    far_group: Any
    kit: Any
    link: Any
    member: Any


@pytest.fixture
def world(db) -> World:
    make_organisation()
    places = make_territories("IN/UP/07/A1", "IN/UP/070/B1")
    make_drive(territory="IN")
    campaign = make_campaign()
    member = make_member("A1", name="Sunita Devi", language="en")
    issue_cards(actor=SYSTEM, member_ids=[member.pk])
    return World(
        places=places,
        campaign=campaign,
        group=make_group(campaign, "07"),
        far_group=make_group(campaign, "070"),
        kit=make_kit("IN"),
        link=make_join_link(campaign, "07"),
        member=member,
    )


@pytest.fixture
def browser():
    """``browser(account)``: signed in, and proved unless told otherwise; ``browser()``: nobody yet.

    Speaks English, as on a phone.
    """

    def make(account: Account | None = None, *, proved: bool = True, **options: Any) -> Client:
        client = Client(headers={"user-agent": PHONE_BROWSER}, **options)
        client.cookies["lang"] = "en"
        if account:
            client.force_login(account, backend=BACKEND)
            if proved:
                prove(client)
        return client

    return make


@pytest.fixture
def sunita(world, browser) -> Client:
    """The member's browser."""
    return browser(open_account(member_id=world.member.pk))


@pytest.fixture
def headquarters(world, browser) -> Client:
    return browser(make_headquarters())


@pytest.fixture
def coordinator(world, browser) -> Client:
    """Of 07."""
    return browser(make_coordinator("07"))


@pytest.fixture
def neighbour(world, browser) -> Client:
    """Coordinator of 070."""
    return browser(make_coordinator("070", name="Rekha Pal"))


@pytest.fixture
def sent(monkeypatch) -> list[TextMessage]:
    """Text messages that would have left."""
    messages: list[TextMessage] = []

    class Recorder:
        distant = False

        def send_many(self, batch):
            messages.extend(batch)
            return all_accepted("recorder", batch)

    monkeypatch.setattr("toli.accounts.services.codes.text_sender", Recorder)
    return messages


def code_in(sent: list[TextMessage]) -> str:
    """The six digits of the last message."""
    return sent[-1].text[:6]


__all__ = ["AccountKind", "World", "code_in"]
