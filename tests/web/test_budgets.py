"""What pages weigh on their way to a cheap phone. ``make budgets`` prints the table."""

import os
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from tests.web.test_access import CONSOLE_PAGES, MEMBER_PAGES
from toli.sharing import services as sharing
from tools.budgets import BUDGET, Weight, table, weigh

PUBLIC_PAGES = ("/", "/help", "/verify", "/sign-in", "/sign-in/staff", "/join", "/join?t=A1", "/nowhere")


def _reader(client):
    def read(address):
        if address.startswith("/static/"):
            return Path(str(finders.find(address.removeprefix("/static/")))).read_bytes()
        return client.get(address).content

    return read


@pytest.fixture
def weights(world, browser, sunita, coordinator, headquarters):
    """The weight of every page that a person can look at, in both languages."""
    link = sharing.share_link(member_id=world.member.pk, kit_id=world.kit.pk, channel="whatsapp")
    faces = (
        (browser(), (*PUBLIC_PAGES, f"/s/{link.code}")),
        (sunita, MEMBER_PAGES),
        (coordinator, CONSOLE_PAGES),
        (headquarters, CONSOLE_PAGES),
    )
    found = {}
    for client, paths in faces:
        for path in paths:
            for language in ("hi", "en"):
                client.cookies["lang"] = language
                answer = client.get(path)
                if answer.status_code == 200 or path == "/nowhere":  # others lead on or refuse
                    name = path.replace(link.code, "<code>")
                    found[f"{name} ({language})"] = weigh(answer.content, _reader(client))
    return found


def test_every_page_is_within_its_budget_and_loads_nothing_from_elsewhere(weights):
    if "BUDGETS_FILE" in os.environ:
        Path(os.environ["BUDGETS_FILE"]).write_text(table(weights) + "\n")
    assert len(weights) > 40
    assert {path: weight.over() for path, weight in weights.items() if weight.over()} == {}
    assert {path: weight.elsewhere for path, weight in weights.items() if weight.elsewhere} == {}


def test_a_page_that_is_too_heavy_or_asks_elsewhere_is_found():
    files = {
        "/static/a.js": os.urandom(BUDGET["js"] + 1),
        "/static/a.css": b"a{}" * 20_000,
        "/m/x.jpg": os.urandom(500),
    }
    page = b"""<link rel="manifest" href="/manifest.webmanifest"><link rel="stylesheet" href="/static/a.css">
      <img src="/m/x.jpg"><script src="/static/a.js"></script><script src="https://cdn.example/x.js"></script>
      <img src="//evil.example/p.gif">"""
    weight = weigh(page, files.__getitem__)
    assert weight.elsewhere == ("//evil.example/p.gif", "https://cdn.example/x.js")
    assert [fault.split(":")[0] for fault in weight.over()] == ["js"]
    assert weight.css < 1000  # repeats cost nothing
    assert Weight(1, 2, 3, 4, ()).first_load == 10
