"""A member is asked about notifications once, after they have shared something, and turns them off when they like."""

import json
from contextlib import contextmanager

import pytest

from tests.enclosed import enclosed
from tests.factories import make_member
from toli.accounts.domain.actor import SYSTEM
from toli.emulators.push_service import PushService
from toli.emulators.running import running
from toli.members import selectors as members
from toli.messaging.models import PushDevice
from toli.messaging.services import devices, senders

QUESTION = "Shall we tell you when there is something new?"
PAGE = "/me/notifications"


@contextmanager
def a_sender():
    service = PushService()
    with running(service) as url:
        settings = {"title": "Toli", "contact": "mailto:a@b.example", "services": "127.0.0.1"}
        senders.create_sender(actor=SYSTEM, code="push", name="Push", provider="web_push", settings=settings)
        yield lambda: json.dumps(service.subscribe(url, devices.public_key()))


@pytest.fixture
def allowed(world):
    """What a browser hands over when somebody allows notifications."""
    with a_sender() as allowed:
        yield allowed


@pytest.fixture
def shared(sunita, world):
    """Sunita has shared something."""
    sunita.post(f"/me/share/{world.kit.code}/whatsapp", {"queued": "yes"})


def is_asked(client):
    return QUESTION in client.get("/me").content.decode()


class TestAsking:
    def test_never_before_the_first_share(self, sunita, allowed):
        assert not is_asked(sunita)

    def test_after_it_until_there_is_an_answer(self, sunita, allowed, shared):
        assert is_asked(sunita)
        assert sunita.post(PAGE, {"act": "on", "subscription": allowed()}).status_code == 204
        assert not is_asked(sunita)

    def test_not_now_is_remembered(self, sunita, allowed, shared, world):
        assert sunita.post(PAGE, {"act": "later"}).headers["Location"] == "/me"
        assert not is_asked(sunita)
        assert members.words(world.member.pk)["content", "push"] is False

    def test_not_where_nobody_sends_them(self, sunita, shared):
        assert not is_asked(sunita)
        assert "not set up" in sunita.get(PAGE).content.decode()


class TestThePage:
    def test_it_shows_where_they_are_on_and_turns_them_off(self, sunita, allowed, world):
        sunita.post(PAGE, {"act": "on", "subscription": allowed()})
        assert "Chrome" in sunita.get(PAGE).content.decode()
        assert sunita.post(PAGE, {"act": "off"}).headers["Location"] == PAGE
        assert not PushDevice.objects.exists()
        assert "Turn them off everywhere" not in sunita.get(PAGE).content.decode()

    @pytest.mark.parametrize("subscription", ["", "{", "[]", '{"endpoint": "https://x.example", "keys": {}}'])
    def test_what_is_no_subscription_is_refused(self, sunita, allowed, subscription):
        assert sunita.post(PAGE, {"act": "on", "subscription": subscription}).status_code == 400
        assert not PushDevice.objects.exists()

    def test_nobody_can_say_it_for_somebody_else(self, browser, allowed):
        assert browser().post(PAGE, {"act": "on", "subscription": allowed()}).status_code == 303
        assert not PushDevice.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_works_in_a_process_that_sees_nothing_by_itself(browser, world, sunita, shared, allowed):
    """Real servers stand behind the wall with every query; a browser that another member used before is taken over."""
    other, made = make_member("B1"), allowed()
    devices.allow_notifications(
        actor=SYSTEM, member_id=other.pk, subscription=json.loads(made), name="Chrome", language="hi"
    )
    with enclosed():
        assert is_asked(sunita)
        assert sunita.post(PAGE, {"act": "on", "subscription": made}).status_code == 204
        assert "Turn them off everywhere" in sunita.get(PAGE).content.decode()
    assert [device.member_id for device in PushDevice.objects.all()] == [world.member.pk]
    with enclosed():
        sunita.post(PAGE, {"act": "off"})
    assert not PushDevice.objects.exists()
