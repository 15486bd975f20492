"""What the Graph API's codes mean, what is left of a day, containers that take their time, the key out of sight."""

import dataclasses
import json

import pytest

from tests.pictures import picture as a_picture
from toli.emulators.graph import Graph
from toli.emulators.running import running
from toli.integrations.meta import containers
from toli.integrations.meta.facebook import FacebookPages
from toli.integrations.meta.graph import MetaAccount, read
from toli.integrations.meta.instagram import InstagramAccounts
from toli.posting.domain.states import Verdict
from toli.posting.ports import Begun, Outgoing, Picture

KEPT = Picture(a_picture(), "https://toli.example.org/m/abc.jpg", "A mark")


def _error(code, subcode=0, minutes=0):
    body = {"error": {"message": "no", "code": code, "error_subcode": subcode}}
    case = {"1": [{"type": "pages", "estimated_time_to_regain_access": minutes}]}
    return json.dumps(body).encode(), {"X-Business-Use-Case-Usage": json.dumps(case)}


@pytest.mark.parametrize(
    ("code", "verdict"),
    [(4, "later"), (17, "later"), (32, "later"), (613, "later"), (80007, "later"), (9, "later"), (190, "pause"),
     (368, "pause"), (200, "pause"), (10, "pause"), (100, "refused"), (506, "refused"), (1, "unknown"), (2, "unknown")],
)  # fmt: skip
def test_each_code_has_its_verdict(code, verdict):
    body, headers = _error(code)
    assert read(400, body, headers, Verdict.UNKNOWN).verdict == verdict


def test_the_wait_is_the_one_that_the_platform_names():
    body, headers = _error(32, minutes=19)
    assert read(403, body, headers, Verdict.UNKNOWN).retry_after == 19 * 60
    assert read(403, body, {}, Verdict.UNKNOWN).retry_after == 600
    assert read(403, body, {"X-Business-Use-Case-Usage": "[]"}, Verdict.UNKNOWN).retry_after == 600


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"error": "x"}', b'{"error": {}}'])
def test_what_cannot_be_read_is_never_told_as_posted(body):
    assert read(502, body, {}, Verdict.UNKNOWN).verdict is Verdict.UNKNOWN


@pytest.fixture
def instagram():
    emulator = Graph()
    account = emulator.add("instagram", "News", "QcanaryToken123")
    with running(emulator) as url:
        yield emulator, account, MetaAccount(account.id, account.token, url)


def _publish(settings, text="words"):
    """What becomes of a post after its two steps."""
    post = Outgoing(settings, text, "", KEPT)
    (receipt,) = InstagramAccounts().publish([post])
    if receipt.verdict is not Verdict.BEGUN:
        return receipt
    return InstagramAccounts().publish([dataclasses.replace(post, progress=receipt.progress)])[0]


def test_what_is_left_of_the_day_is_read_before_each_post(instagram):
    _emulator, account, settings = instagram
    account.total = 1
    assert _publish(settings).verdict is Verdict.DONE
    receipt = _publish(settings)
    assert (receipt.verdict, receipt.code, receipt.retry_after) == (Verdict.LATER, "quota", 3600)
    assert len(account.posts) == 1
    (health,) = InstagramAccounts().examine([settings])
    assert (health.quota.used, health.quota.total) == (1, 1)


def test_a_container_is_waited_for_and_one_that_is_too_slow_is_gone_on_with(instagram, monkeypatch):
    emulator, account, settings = instagram
    monkeypatch.setattr(containers, "PAUSE", 0.01)
    emulator.slow = 3
    assert _publish(settings).verdict is Verdict.DONE
    monkeypatch.setattr(containers, "PATIENCE", 0.0)
    emulator.slow = 100
    receipt = _publish(settings)
    assert (receipt.verdict, receipt.retry_after, len(account.posts)) == (Verdict.BEGUN, containers.SLOW, 1)
    assert receipt.progress in emulator.containers


@pytest.mark.parametrize("broken", ["ERROR", "EXPIRED"])
def test_a_container_that_the_platform_cannot_use_is_refused(instagram, broken):
    emulator, account, settings = instagram
    emulator.broken = broken
    receipt = _publish(settings)
    assert (receipt.verdict, receipt.code) == (Verdict.REFUSED, f"container_{broken.lower()}")
    (begun,) = emulator.containers
    (asked,) = InstagramAccounts().ask([Begun(settings, begun, "")])
    assert (asked.verdict, account.posts) == (Verdict.REFUSED, {})


def test_a_token_of_another_account_does_not_do(instagram):
    emulator, account, settings = instagram
    other = emulator.add("facebook", "Page", "other")
    stolen = MetaAccount(account.id, other.token, settings.base_url)
    assert _publish(stolen).verdict is Verdict.REFUSED
    nobody = MetaAccount(account.id, "nothing", settings.base_url)
    assert _publish(nobody).verdict is Verdict.PAUSE


def test_a_page_tells_its_share_of_calls(instagram):
    emulator, _account, settings = instagram
    page = emulator.add("facebook", "Page", "t2")
    (health,) = FacebookPages().examine([MetaAccount(page.id, page.token, settings.base_url)])
    assert (health.name, health.quota.used, health.quota.total) == ("Page", 1, 100)
