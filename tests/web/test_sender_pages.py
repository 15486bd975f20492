"""Senders at the desk: their health, keys that are written and never shown, a test to oneself."""

import pytest

from tests.factories import make_account, make_actor, make_headquarters, make_member, make_organisation
from tests.messaging.conftest import SECRET, TOKEN, whatsapp_settings
from toli.accounts.domain.actor import SYSTEM
from toli.core import clock, fetching
from toli.core.fetching import Network
from toli.emulators.running import running
from toli.emulators.smtp import MailServer
from toli.emulators.whatsapp_cloud import WhatsAppCloud
from toli.messaging.models import Attempt, Batch, Message, Sender
from toli.messaging.services import senders

URL = "https://graph.facebook.com"
OWN = {"code": "main", "name": "Office", "per_second": "80", "recipient_gap": "6", "kit_template": "toli_kit",
       "price_content": "86.31"}  # fmt: skip
KEYS = {f"setting-{name}": value for name, value in whatsapp_settings(URL, version="v23.0").items()}


@pytest.fixture
def desk(world, browser, monkeypatch):
    monkeypatch.setattr(fetching, "INTERNET", Network(resolve=lambda host, _port: _looked_up(host)))
    return browser(make_headquarters("IN"))


def _looked_up(host: str) -> list[str]:
    return ["10.0.0.7"] if host.endswith(".internal") else ["157.240.0.1"]


def set_up(**more):
    return senders.create_sender(
        actor=SYSTEM, code="main", name="Office", provider="whatsapp_cloud", settings=whatsapp_settings(URL), **more
    )


def test_one_is_set_up_and_its_keys_are_never_shown(desk):
    assert "no sender yet" in desk.get("/console/senders").content.decode()
    assert "Phone number ID" in desk.get("/console/senders/new/whatsapp_cloud").content.decode()
    wrong = desk.post("/console/senders/new/whatsapp_cloud", {**OWN, **KEYS, "price_content": "much"})
    assert wrong.status_code == 400
    for key in (TOKEN, SECRET):
        assert key not in wrong.content.decode()
    assert (
        desk.post("/console/senders/new/whatsapp_cloud", {**OWN, **KEYS}).headers["Location"] == "/console/senders/main"
    )
    made = Sender.objects.get()
    assert (made.kit_template, made.prices, made.per_second) == ("toli_kit", {"content": "86.31"}, 80)
    pages = desk.get("/console/senders").content.decode() + desk.get("/console/senders/main").content.decode()
    assert "106540352242922" in pages
    for key in (TOKEN, SECRET):
        assert key not in pages


def test_what_is_left_empty_stays_and_keys_do_not_follow_to_another_address(desk):
    set_up()
    more = {name: value for name, value in KEYS.items() if name in {"setting-phone_number_id", "setting-version"}}
    answer = desk.post("/console/senders/main", {**OWN, **more, "setting-base_url": URL, "name": "New name"})
    assert answer.status_code == 303
    assert senders.provider_of(Sender.objects.get(name="New name"))._settings.token == TOKEN
    lured = {**OWN, **more, "setting-base_url": "https://evil.example"}
    assert "give its keys again" in desk.post("/console/senders/main", lured).content.decode()
    inside = {**OWN, **KEYS, "setting-base_url": "https://metadata.internal"}
    assert desk.post("/console/senders/main", inside).status_code == 400
    assert Sender.objects.get().config["base_url"] == URL


def test_health_and_pausing_resuming_turning_off(desk):
    made = set_up()
    batch = Batch.objects.create(
        sender=made, territory_id=make_member("07").territory_id, purpose="membership", content={"text": "x"},
        created_at=clock.now(), expires_at=clock.now(),
    )  # fmt: skip
    usual = {"batch": batch, "sender": made, "created_at": clock.now(), "ready_at": clock.now()}
    failed = Message.objects.create(**usual, state="failed", reason="pause_sender")
    Message.objects.create(**usual, state="queued")
    Attempt.objects.create(message=failed, number=1, verdict="pause_sender", code="190", at=clock.now())
    page = desk.get("/console/senders/main").content.decode()
    assert "(190)" in page
    assert "1 waiting" in desk.get("/console/senders").content.decode()
    for verb, state in (("pause", "paused"), ("resume", "active"), ("off", "off")):
        assert desk.post(f"/console/senders/main/{verb}").status_code == 303
        assert Sender.objects.get().state == state
    assert desk.post("/console/senders/main/sing").status_code == 404
    assert desk.get("/console/senders/nobody").status_code == 404
    assert desk.get("/console/senders/new/pigeon").status_code == 404


def test_a_test_to_oneself_shows_the_verdict(desk):
    emulator = WhatsAppCloud(tokens=(TOKEN,))
    with running(emulator) as url:
        made = set_up()
        senders.change_sender(
            actor=SYSTEM, code="main", settings={"base_url": url}, kit_template="toli_kit"
        )  # fmt: skip
        page = desk.post("/console/senders/main/test", {"to": "+91 90000 00001"}).content.decode()
        assert "the provider took it" in page
        assert "9000000001" not in page
        senders.change_sender(actor=SYSTEM, code="main", settings={"token": "wrong"})
        assert "(190)" in desk.post("/console/senders/main/test", {"to": "+919000000001"}).content.decode()
        assert desk.post("/console/senders/main/test", {"to": "what"}).status_code == 400
        for _ in range(3):
            last = desk.post("/console/senders/main/test", {"to": "+919000000001"})
        assert last.status_code == 200
        assert desk.post("/console/senders/main/test", {"to": "+919000000001"}).status_code == 429
    assert emulator.requests == 1  # it counts what it took
    assert made.state == "active"


def test_who_may_only_in_a_part_sees_nothing_of_it(world, browser):
    make_organisation()
    set_up()
    account = make_account()
    make_actor({"senders.manage": "07", "delivery.view": "07"}, account=account)
    client = browser(account)
    for path in ("", "/main", "/new/whatsapp_cloud"):
        assert client.get(f"/console/senders{path}").status_code == 403
    assert "/console/senders" not in client.get("/console/delivery").content.decode()


MAIL = {
    "code": "mail", "name": "E-mail", "per_second": "10", "recipient_gap": "60", "setting-address": "a@toli.example",
    "setting-name": "Toli", "setting-user": "toli", "setting-password": SECRET, "setting-bounces": "",
}  # fmt: skip


@pytest.mark.parametrize("server", ["smtps://mail.internal:465", "smtp://mail.internal:25", "http://mail.example"])
def test_nobody_at_the_desk_reaches_a_mail_server_inside(desk, server):
    answer = desk.post("/console/senders/new/email_smtp", {**MAIL, "setting-server": server})
    assert answer.status_code == 400
    assert SECRET not in answer.content.decode()
    assert not Sender.objects.exists()


def test_a_mail_server_outside_is_set_up_and_its_password_never_shown(desk):
    answer = desk.post("/console/senders/new/email_smtp", {**MAIL, "setting-server": "smtps://mail.example:465"})
    assert answer.headers["Location"] == "/console/senders/mail"
    page = desk.get("/console/senders/mail").content.decode()
    assert "smtps://mail.example:465" in page
    assert SECRET not in page


def test_a_test_goes_to_ones_own_mailbox(desk):
    with running(MailServer()) as url:
        settings = {"server": url.replace("http", "smtp"), "address": "a@toli.example", "name": "Toli"}
        senders.create_sender(actor=SYSTEM, code="mail", name="E-mail", provider="email_smtp", settings=settings)
        for to, word in (("me@mail.example", "note good"), ("gone@mail.example", "smtp_550"), ("me", "no_address")):
            page = desk.post("/console/senders/mail/test", {"to": to}, follow=True).content.decode()
            assert word in page


def test_a_price_left_empty_is_nothing_where_messages_are_free(desk):
    mail, other = (desk.get(f"/console/senders/new/{key}").content.decode() for key in ("email_smtp", "whatsapp_cloud"))
    assert "Empty: free." in mail
    assert "Empty: not known." not in mail
    assert "Empty: not known." in other
