"""A political organisation reaches the WhatsApp Cloud API by no way: every face and every service is tried.

Meta bars parties, candidates and campaigns from its Business Platform (compliance/domain/channels.py).
"""

from datetime import time, timedelta

import pytest
from django.test import Client
from typer.testing import CliRunner

from tests.factories import (
    make_account,
    make_campaign,
    make_headquarters,
    make_kit,
    make_member,
    make_organisation,
    make_territories,
    prove,
)
from tests.messaging.conftest import a_desk, agree, begin_anew, people, whatsapp_settings
from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM, Actor, ActorKind
from toli.cli.main import build
from toli.compliance.errors import ChannelBarred
from toli.compliance.services import set_rules
from toli.core import clock
from toli.core.errors import DomainError, Forbidden
from toli.distribution import direct
from toli.distribution import services as distribution
from toli.messaging.dispatcher import Dispatcher
from toli.messaging.models import Batch, Message, Sender
from toli.messaging.ports import Content
from toli.messaging.services import callbacks, outbox, senders, trying
from toli.territories.models import Territory


@pytest.fixture
def party(db):
    """An organisation that has a sender from before it became political."""
    make_territories("IN/UP/Z/07")
    make_organisation(kind="union")
    set_rules(actor=SYSTEM, quiet_from=time(0), quiet_until=time(0))
    begin_anew()
    with a_desk() as desk:
        batch = desk.batch()
        desk.queue(batch, people(2))
        make_organisation(kind="political")
        yield desk, batch


SETTINGS = whatsapp_settings("https://graph.facebook.com")


class TestServices:
    def test_no_sender_can_be_set_up(self, party):
        with pytest.raises(ChannelBarred):
            senders.create_sender(actor=SYSTEM, code="x", name="x", provider="whatsapp_cloud", settings=SETTINGS)
        assert Sender.objects.count() == 1

    def test_an_old_one_cannot_be_changed_or_woken(self, party):
        senders.set_sender_state(actor=SYSTEM, code="main", state="paused")
        with pytest.raises(ChannelBarred):
            senders.change_sender(actor=SYSTEM, code="main", settings={"token": "t"})
        with pytest.raises(ChannelBarred):
            senders.set_sender_state(actor=SYSTEM, code="main", state="active")

    def test_nothing_can_be_queued(self, party):
        _desk, batch = party
        with pytest.raises(ChannelBarred):
            outbox.create_batch(
                actor=SYSTEM, sender="main", territory=Territory.objects.get(code="IN"), purpose="membership",
                content=Content(text="x"), expires_at=clock.now() + timedelta(hours=1),
            )  # fmt: skip
        with pytest.raises(ChannelBarred):
            outbox.enqueue(scope=EVERYWHERE, batch=batch, members=people(1))
        assert (Batch.objects.count(), Message.objects.count()) == (1, 2)

    def test_what_was_queued_before_does_not_leave(self, party):
        desk, _batch = party
        assert desk.dispatch() == 0
        assert desk.emulator.requests == 0
        assert Sender.objects.get().reason == "channel_barred"

    def test_nor_does_it_when_the_row_is_woken_behind_the_services(self, party):
        """As an import, a restored backup or a hand in the database would do it."""
        desk, _batch = party
        for _ in range(3):
            Sender.objects.update(state="active", reason="")
            Message.objects.update(state="queued", ready_at=clock.now())
            assert Dispatcher(desk.options).run_until_idle() == 0
        assert desk.emulator.requests == 0

    def test_its_callbacks_are_not_answered(self, party):
        with pytest.raises(DomainError):
            callbacks.line("main")

    def test_no_test_leaves_by_an_old_one(self, party):
        desk, _batch = party
        with pytest.raises(ChannelBarred):
            trying.try_sender(actor=SYSTEM, code="main", to="+919000000000", sample=trying.Sample("Hello"))
        assert desk.emulator.requests == 0

    def test_no_plan_can_use_it(self, party):
        campaign, kit = make_campaign(), make_kit("IN", state="approved")
        assert direct.offered() == ("assisted",)
        with pytest.raises(ChannelBarred):
            distribution.make_plan(
                actor=SYSTEM, kit_id=kit.pk, campaign_code=campaign.code, territory_codes=["IN"],
                channels=["whatsapp_cloud"], starts_at=clock.now(),
            )  # fmt: skip

    def test_a_plan_from_before_makes_no_message(self, party):
        """Begun while the organisation was none, and gone on afterwards."""
        desk, _batch = party
        make_organisation(kind="union")
        senders.change_sender(actor=SYSTEM, code="main", settings={}, kit_template="toli_kit")
        campaign, kit, member = make_campaign(), make_kit("IN", state="approved"), make_member("07")
        agree(member.pk, "content")
        plan = distribution.make_plan(
            actor=SYSTEM, kit_id=kit.pk, campaign_code=campaign.code, territory_codes=["IN"],
            channels=["whatsapp_cloud"], starts_at=clock.now(),
        )  # fmt: skip
        distribution.schedule_plan(actor=SYSTEM, plan_id=plan.pk)
        distribution.start_due_plans()
        make_organisation(kind="political")
        assert distribution.queue_started_plans() == 0
        plan.refresh_from_db()
        assert plan.obstacles == {"whatsapp_cloud": "barred"}
        assert not Message.objects.filter(member=member).exists()
        assert desk.dispatch() == 0

    def test_nobody_sets_up_senders_but_who_may_everywhere(self, db):
        make_territories("IN/UP")
        make_organisation(kind="union")
        for account in (make_headquarters("UP"), make_account()):
            with pytest.raises(Forbidden):
                senders.create_sender(
                    actor=Actor(ActorKind.STAFF, account.pk, "en"), code="x", name="x", provider="whatsapp_cloud",
                    settings=SETTINGS,
                )  # fmt: skip


class TestFaces:
    def command(self, *words):
        return CliRunner().invoke(build(), list(words))

    def browser(self):
        client = Client(headers={"user-agent": "Chrome/126 Mobile"})
        client.cookies["lang"] = "en"
        client.force_login(make_headquarters("IN"), backend="django.contrib.auth.backends.ModelBackend")
        prove(client)
        return client

    def test_the_desk_has_no_form_for_it_and_takes_no_keys(self, party):
        desk, _batch = party
        client = self.browser()
        listed = client.get("/console/senders").content.decode()
        assert "Meta bars" in listed
        assert "/console/senders/new/whatsapp_cloud" not in listed
        assert "/console/senders/new/sms" in listed
        given = {"code": "wa", "name": "WA", "per_second": "1", "recipient_gap": "1"}
        keys = {f"setting-{name}": value for name, value in SETTINGS.items()}
        new = "/console/senders/new/whatsapp_cloud"
        assert client.get(new).status_code == client.post(new, {**given, **keys}).status_code == 403
        assert client.post("/console/senders/main", {**given, **keys}).status_code == 403
        client.post("/console/senders/main/pause")
        assert client.post("/console/senders/main/resume").status_code == 403
        assert client.post("/console/senders/main/test", {"to": "+919000000000"}).status_code == 403
        assert (Sender.objects.count(), Sender.objects.get().state) == (1, "paused")
        assert desk.emulator.requests == 0

    def test_the_command_line_refuses_with_the_reason(self, party):
        pairs = [f"--set={name}={value}" for name, value in SETTINGS.items()]
        done = self.command("channel", "add", "wa", "--name", "WA", "--provider", "whatsapp_cloud", *pairs)
        assert isinstance(done.exception, ChannelBarred)
        assert "Meta" in str(done.exception)
        assert isinstance(self.command("channel", "change", "main", "--set=token=t").exception, ChannelBarred)
        self.command("channel", "pause", "main")
        assert isinstance(self.command("channel", "resume", "main").exception, ChannelBarred)
        tried = self.command("channel", "test", "main", "--to", "+919000000000", "--yes")
        assert isinstance(tried.exception, ChannelBarred)

    def test_running_the_dispatcher_by_command_sends_nothing(self, party, settings):
        desk, _batch = party
        settings.EMBEDDED_POSTGRES = None
        assert self.command("delivery", "run", "--until-idle").exit_code == 0
        assert desk.emulator.requests == 0

    def test_neither_do_settings_name_the_provider_for_texts(self, party):
        from toli.config.senders import TEXT_SENDERS

        assert "whatsapp_cloud" not in TEXT_SENDERS

    def test_another_kind_may(self, db):
        make_organisation(kind="ngo")
        made = senders.create_sender(actor=SYSTEM, code="x", name="x", provider="whatsapp_cloud", settings=SETTINGS)
        assert made.state == "active"
