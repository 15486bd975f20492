"""Kits that reach members directly: who is written to, by which channel, with which words; and what hinders it."""

from dataclasses import dataclass, field
from datetime import time, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.utils import timezone

from tests import factories as make
from tests.messaging.conftest import begin_anew, whatsapp_settings
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM
from toli.compliance import services as compliance
from toli.compliance.errors import ChannelBarred
from toli.content.models import KitMedia
from toli.core import clock, events
from toli.distribution import direct, selectors, services
from toli.distribution.domain.beyond import Instead
from toli.distribution.domain.forecast import Load, Obstacle, Pictured, share_out, time_for
from toli.distribution.domain.wording import Wording
from toli.distribution.errors import INSTEAD, ChannelNotReady
from toli.distribution.models import PlanBatch
from toli.emulators.running import running
from toli.emulators.whatsapp_cloud import WhatsAppCloud
from toli.members.services import set_consent
from toli.messaging import providers
from toli.messaging.dispatcher import Dispatcher, Options
from toli.messaging.domain import prices
from toli.messaging.domain.kit_templates import PARTS, KitTemplate, parse
from toli.messaging.domain.slots import fill
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.errors import MessageRefused
from toli.messaging.events import RecipientMissed
from toli.messaging.models import Batch, Message, Sender
from toli.messaging.ports import Capabilities, SendReceipt
from toli.messaging.services import effects, senders
from toli.sharing.models import ShareLink

QUICK = Options(lanes=1, connections=8, lease=timedelta(seconds=90), call_seconds=30, idle=0.02)


class TestWords:
    wording = Wording("en", "Water", "Clean water\nfor all", ("By the Union", "Made with AI"), "To stop: {{stop}}")

    def test_free_text_holds_everything_that_must_be_said(self):
        text = fill(self.wording.free(), ["https://t.example/s/abc"], lambda: "https://t.example/c/x")
        assert text == (
            "Water\n\nClean water\nfor all\nhttps://t.example/s/abc\n\nBy the Union\nMade with AI\n"
            "To stop: https://t.example/c/x"
        )

    def test_a_template_gets_its_places_in_order_each_on_one_line(self):
        assert self.wording.params() == (
            "Water", "Clean water for all", "{{1}}", "By the Union · Made with AI", "{{stop}}"
        )  # fmt: skip

    def test_a_place_without_a_word_stays_as_it_is(self):
        assert fill("{{2}} {{1}} {{0}}", ["a"], lambda: "") == "{{2}} a {{0}}"

    def test_the_length_counts_with_its_links_filled_in(self):
        for parts in (None, PARTS):
            short = self.wording.read(link="x", stop="y", parts=parts)
            assert len(self.wording.read(link="x" * 11, stop="y", parts=parts)) == len(short) + 10

    def test_a_sender_says_which_template_with_which_places(self):
        assert parse(" ") is None
        assert parse("toli_kit") == KitTemplate("toli_kit", PARTS)
        own = parse("kit_{kit}: link, stop")
        assert own is not None
        assert (own.for_kit("water"), own.parts, own.of_one_kit) == ("kit_water", ("link", "stop"), True)
        assert self.wording.params(own.parts) == ("{{1}}", "{{stop}}")

    def test_a_template_can_have_a_picture_for_its_heading(self):
        own = parse("toli_kit: picture, title, link")
        assert own == KitTemplate("toli_kit", ("title", "link"), picture=True)

    @pytest.mark.parametrize("wrong", ["a b", "kit: sender", "{x}", ": link", "kit:"])
    def test_what_is_no_template_is_refused(self, wrong):
        with pytest.raises(ValueError):
            parse(wrong)


class TestForecast:
    def test_senders_work_side_by_side_and_a_pool_shares_its_day(self):
        assert time_for([Load(100, 10), Load(50, 10)]) == timedelta(seconds=10)
        assert time_for([Load(60, 1, 100, "one"), Load(60, 1, 100, "one")]) == timedelta(days=1, seconds=10)
        assert time_for([]) == time_for([Load(0)]) == timedelta(0)

    def test_shares_are_even_and_complete(self):
        assert share_out(7, 3) == [3, 2, 2]

    def test_prices_are_fractions_of_a_paisa_and_costs_whole_paise(self):
        assert prices.cost(3, "86.31") == 259
        assert prices.cost(3, "12", parts=2) == 72
        assert prices.cost(3, None) is None
        assert prices.cost(0, None) == 0
        assert prices.price_of(" 0.1250 ") == Decimal("0.125")

    @pytest.mark.parametrize("wrong", ["", "x", "-1", "NaN", "Infinity", "1.00001", "100001"])
    def test_what_is_no_price_is_refused(self, wrong):
        with pytest.raises(ValueError):
            prices.price_of(wrong)


@dataclass(frozen=True, slots=True)
class NoSettings:
    """It needs none."""

    secret: str = field(default="", metadata={"secret": True})


class Pigeon:
    """A second channel, in memory: free text, and short."""

    key: ClassVar[str] = "pigeon"
    channel: ClassVar[str] = "sms"
    capabilities: ClassVar[Capabilities] = Capabilities(body_length=600)
    settings_schema: ClassVar[type] = NoSettings
    lingers: ClassVar[timedelta] = timedelta(0)
    carried: ClassVar[list[Any]] = []

    def __init__(self, settings: Any) -> None:
        pass

    def render(self, letter):
        if not letter.content.text:
            raise MessageRefused(reason="empty")
        self.carried.append(letter)
        return letter.content.text.encode()

    async def send(self, payloads, *, flight):
        return [SendReceipt(Verdict.ACCEPTED, "ref") for _ in payloads]


def gone_out(kit, provider, *states, place="B1", scope="UP"):
    """Messages about the kit by a sender of this provider, in these states."""
    number, now = Sender.objects.count(), clock.now()
    sender = Sender.objects.create(code=f"s{number}", name="S", provider=provider, created_at=now)
    batch = Batch.objects.create(
        sender=sender, territory=make.Territory.objects.get(code=scope), purpose="content", content={},
        subject=f"kit:{kit.pk}", created_at=now, expires_at=now + timedelta(hours=1),
    )  # fmt: skip
    for state in states:
        member = make.make_member(place)
        held = {"worker": "w", "lease_until": now + timedelta(minutes=1)} if state == "sending" else {}
        Message.objects.create(
            batch=batch, sender=sender, member=member, state=state, created_at=now, ready_at=now, **held
        )


@pytest.fixture
def campaign(db):
    make.make_organisation()
    make.make_territories("IN/UP/07/B1", "IN/UP/070/B2", "IN/KL")
    begin_anew()
    return make.make_campaign()


@pytest.fixture
def kit(campaign):
    return make.make_kit("IN", state="approved", made_with_ai=True)


@pytest.fixture
def pigeon(monkeypatch, campaign):
    Pigeon.carried.clear()
    monkeypatch.setattr(providers, "providers", lambda: {**known, "pigeon": Pigeon})
    monkeypatch.setattr(direct, "providers", lambda: {**known, "pigeon": Pigeon})
    return senders.create_sender(
        actor=SYSTEM, code="birds", name="Birds", provider="pigeon", settings={}, prices={"content": "10"}
    )


known = dict(providers.providers())


def whatsapp(**more: Any) -> Sender:
    fields = {"settings": whatsapp_settings("https://graph.facebook.com"), "kit_template": "toli_kit"}
    return senders.create_sender(
        actor=SYSTEM, code="main", name="Main", provider="whatsapp_cloud", **{**fields, **more}
    )


def agreeing(place: str, *channels: str, **fields: Any) -> int:
    member = make.make_member(place, **fields)
    set_consent(
        member_id=member.pk, purpose="content", given=True, language="hi", evidence={"page": "t"}, channels=channels
    )
    return member.pk


def begin(kit, campaign, *channels: str, **fields: Any):
    usual: dict[str, Any] = {"territory_codes": ["UP"], "channels": channels, "starts_at": clock.now()}
    plan = services.make_plan(actor=SYSTEM, kit_id=kit.pk, campaign_code=campaign.code, **{**usual, **fields})
    services.schedule_plan(actor=SYSTEM, plan_id=plan.pk)
    services.start_due_plans()
    services.queue_started_plans()
    plan.refresh_from_db()
    return plan


class TestQueueing:
    def test_each_gets_their_language_variant_and_own_link_once_by_the_first_channel(self, kit, campaign, pigeon):
        whatsapp()
        both, texts = agreeing("B1", "whatsapp", "sms", language="en"), agreeing("B2", "sms")
        agreeing("KL", "whatsapp")  # not where the plan goes
        make.make_member("B1")  # never asked about material
        plan = begin(kit, campaign, "whatsapp_cloud", "pigeon")
        by_member = {
            item.member_id: item for item in Message.objects.select_related("batch__sender", "batch__territory")
        }
        assert {member: item.batch.sender.code for member, item in by_member.items()} == {both: "main", texts: "birds"}
        batch = by_member[both].batch
        assert (batch.subject, batch.purpose, batch.territory.code) == (f"kit:{kit.pk}", "content", "UP")
        assert batch.expires_at == kit.valid_until
        assert batch.content["template"] == "toli_kit"
        assert batch.content["language"] == "en"
        link = ShareLink.objects.get(member_id=both)
        assert (link.channel, by_member[both].params) == ("whatsapp", [f"{settings.BASE_URL}/s/{link.code}"])
        assert by_member[texts].batch.content["language"] == "hi"
        assert plan.queued_at is not None
        assert services.queue_started_plans() == 0

    def test_what_is_read_holds_imprint_label_of_ai_and_the_way_out(self, kit, campaign, pigeon):
        member = agreeing("B1", "sms")
        begin(kit, campaign, "pigeon", languages=["en"])
        assert Dispatcher(QUICK).run_until_idle() == 1
        (letter,) = Pigeon.carried
        link = ShareLink.objects.get(member_id=member)
        for part in (f"/s/{link.code}", "Published by Jan Setu Union", "Made with the help of AI", "/c/"):
            assert part in letter.content.text
        assert "{{" not in letter.content.text
        assert letter.content.notes[1:] == ("Made with the help of AI",)
        assert letter.content.notes[0].startswith("Published by Jan Setu Union")

    def test_a_template_is_filled_by_the_provider(self, kit, campaign, pigeon):
        emulator = WhatsAppCloud(tokens=("QcanaryToken123",))
        with running(emulator) as url:
            whatsapp(settings=whatsapp_settings(url))
            agreeing("B1", "whatsapp")
            begin(kit, campaign, "whatsapp_cloud")
            assert Dispatcher(QUICK).run_until_idle() == 1
        assert emulator.requests == 1

    def test_a_second_plan_and_overlapping_places_write_to_nobody_twice(self, kit, campaign, pigeon):
        agreeing("B1", "sms")
        begin(kit, campaign, "pigeon", territory_codes=["IN", "UP", "07"])
        begin(kit, campaign, "pigeon")
        assert Message.objects.count() == 1
        assert Batch.objects.filter(pk=Message.objects.get().batch_id, territory__code="07").exists()

    def test_steps_go_on_where_the_last_one_ended(self, kit, campaign, pigeon, monkeypatch):
        from toli.distribution.services import queueing

        monkeypatch.setattr(queueing, "AT_ONCE", 2)
        found = {agreeing("B1", "sms") for _ in range(3)}
        for _ in range(4):  # two whole steps of people who never agreed
            make.make_member("B1")
        found |= {agreeing("B1", "sms") for _ in range(2)}
        plan = begin(kit, campaign, "pigeon")
        assert set(Message.objects.values_list("member_id", flat=True)) == found
        assert plan.queued_to == max(found)

    def test_several_senders_share_the_work(self, kit, campaign, pigeon):
        senders.create_sender(actor=SYSTEM, code="more", name="More", provider="pigeon", settings={})
        for _ in range(8):
            agreeing("B1", "sms")
        begin(kit, campaign, "pigeon")
        assert set(Message.objects.values_list("sender__code", flat=True)) == {"birds", "more"}

    def test_who_cannot_be_reached_is_written_to_by_the_next_channel_with_their_own_link(self, kit, campaign, pigeon):
        whatsapp()
        member, only = agreeing("B1", "whatsapp", "sms"), agreeing("B1", "whatsapp")
        begin(kit, campaign, "whatsapp_cloud", "pigeon")
        for missed in Message.objects.filter(sender__code="main").select_related("batch"):
            effects.try_otherwise(RecipientMissed(missed.member_id, missed.batch_id, missed.batch.otherwise_id))
        second = Message.objects.get(sender__code="birds")  # ``only`` did not agree to it
        assert second.member_id == member
        assert second.params == Message.objects.get(sender__code="main", member_id=member).params
        assert not Message.objects.filter(sender__code="birds", member_id=only).exists()

    def test_a_withdrawal_recalls_what_was_not_sent_and_ends_what_is_being_made(self, kit, campaign, pigeon):
        agreeing("B1", "sms")
        begin(kit, campaign, "pigeon")
        recall = services.recall_kit(actor=SYSTEM, kit_id=kit.pk, reason="A wrong figure")
        assert recall.unsent == 1
        assert Message.objects.get().state == "cancelled"
        assert Dispatcher(QUICK).run_until_idle() == 0

    def test_a_recall_says_what_had_gone_out_and_cannot_be_taken_back(self, kit, campaign, pigeon):
        for _ in range(4):
            agreeing("B1", "sms")
        begin(kit, campaign, "pigeon")
        ids = list(Message.objects.order_by("pk").values_list("pk", flat=True))
        Message.objects.filter(pk__in=ids[:2]).update(state="delivered")
        Message.objects.filter(pk=ids[2]).update(state="unknown")
        assert services.recall_kit(actor=SYSTEM, kit_id=kit.pk, reason="A wrong figure").unsent == 1
        kit.refresh_from_db()
        report = selectors.recall_of(EVERYWHERE, kit)
        assert (report.out, report.uncertain) == (2, 1)
        elsewhere = selectors.recall_of(scope_for(make.make_actor({"kits.view": "KL"}), "kits.view"), kit)
        assert (elsewhere.out, elsewhere.uncertain) == (0, 0)
        assert elsewhere.beyond == ()

    def test_a_recall_names_what_stays_by_channel_and_what_is_done_instead(self, kit, campaign, pigeon):
        for provider, channel in (("whatsapp_cloud", "whatsapp"), ("web_push", "push"), ("email_smtp", "email")):
            gone_out(kit, provider, "delivered", "sent", "sent", "unknown", "failed")
            assert direct.channel_of(provider) == channel
        gone_out(kit, "pigeon", "read", "sending", "cancelled")
        gone_out(kit, "no_more_there", "failed", "expired")
        services.recall_kit(actor=SYSTEM, kit_id=kit.pk, reason="A wrong figure")
        kit.refresh_from_db()
        report = selectors.recall_of(EVERYWHERE, kit)
        told = {item.channel: (item.delivered, item.accepted, item.uncertain, item.instead) for item in report.beyond}
        assert told == {
            "email": (1, 2, 1, Instead.PAGE_REPLACED),
            "push": (1, 2, 1, Instead.LEFT_TODAY),
            "whatsapp": (1, 2, 1, Instead.PAGE_REPLACED),
            "sms": (1, 0, 1, Instead.PAGE_REPLACED),
        }
        assert [item.channel for item in report.beyond] == ["email", "push", "whatsapp", "sms"]
        assert (report.out, report.uncertain) == (10, 4)
        assert len(INSTEAD) == len(Instead)

    def test_two_senders_of_one_channel_are_counted_together(self, kit, campaign, pigeon):
        for provider in ("pigeon", "pigeon", "sms"):
            gone_out(kit, provider, "sent")
        services.recall_kit(actor=SYSTEM, kit_id=kit.pk, reason="A wrong figure")
        (item,) = selectors.recall_of(EVERYWHERE, kit).beyond
        assert (item.channel, item.out) == ("sms", 3)

    def test_a_consent_that_is_taken_back_meanwhile_counts(self, kit, campaign, pigeon):
        member = agreeing("B1", "sms")
        begin(kit, campaign, "pigeon")
        set_consent(member_id=member, purpose="content", given=False, language="hi", evidence={}, channels=("sms",))
        assert Dispatcher(QUICK).run_until_idle() == 0
        assert (Message.objects.get().state, Message.objects.get().reason) == ("failed", "no_consent")

    def test_a_silence_that_begins_meanwhile_holds_it_back_and_quiet_hours_put_it_off(self, kit, campaign, pigeon):
        silent, calm = agreeing("B1", "sms"), agreeing("B2", "sms")
        begin(kit, campaign, "pigeon")
        compliance.add_election(
            actor=SYSTEM, code="by", name_en="By-election", name_hi="उपचुनाव", announced_at=clock.now(),
            polls=[compliance.PollDraft(1, clock.now() + timedelta(hours=3), ["07"])],
        )  # fmt: skip
        hour = timezone.localtime(clock.now()).replace(minute=0)
        quiet = ((hour - timedelta(hours=1)).time(), (hour + timedelta(hours=2)).time())  # also at midnight
        compliance.set_rules(actor=SYSTEM, quiet_from=quiet[0], quiet_until=quiet[1])
        assert Dispatcher(QUICK).run_until_idle() == 0
        states = {item.member_id: (item.state, item.reason) for item in Message.objects.all()}
        assert states == {silent: ("expired", "silence_window"), calm: ("queued", "quiet_hours")}
        compliance.set_rules(actor=SYSTEM, quiet_from=time(0), quiet_until=time(0))
        Message.objects.update(ready_at=clock.now())
        assert Dispatcher(QUICK).run_until_idle() == 1

    def test_a_sender_that_is_turned_off_before_it_begins_is_left_out_and_said(self, kit, campaign, pigeon):
        agreeing("B1", "sms")
        plan = services.make_plan(
            actor=SYSTEM, kit_id=kit.pk, campaign_code=campaign.code, territory_codes=["UP"], channels=["pigeon"],
            starts_at=clock.now(),
        )  # fmt: skip
        services.schedule_plan(actor=SYSTEM, plan_id=plan.pk)
        Sender.objects.update(state="off")
        services.start_due_plans()
        events.deliver()
        services.queue_started_plans()
        plan.refresh_from_db()
        assert (plan.obstacles, PlanBatch.objects.count()) == ({"pigeon": "no_sender"}, 0)
        assert plan.queued_at is not None


class TestObstacles:
    def refused(self, kit, campaign, *channels: str) -> str:
        with pytest.raises(ChannelNotReady) as caught:
            begin(kit, campaign, *channels)
        return str(caught.value)

    def test_without_a_sender(self, kit, campaign):
        assert direct.offered() == ("assisted",)
        assert "No sender" in self.refused(kit, campaign, "whatsapp_cloud")

    def test_a_paused_one_does_not_do(self, kit, campaign, pigeon):
        Sender.objects.update(state="paused")
        assert "No sender" in self.refused(kit, campaign, "pigeon")

    def test_without_a_template_where_one_is_needed(self, kit, campaign):
        whatsapp(kit_template="")
        assert "template" in self.refused(kit, campaign, "whatsapp_cloud")

    def test_without_a_place_for_the_label_of_ai(self, kit, campaign):
        whatsapp(kit_template="toli_kit: title, link")
        assert "label of AI" in self.refused(kit, campaign, "whatsapp_cloud")

    def test_when_the_text_is_too_long(self, kit, campaign, pigeon):
        kit.renditions.filter(language="hi").update(texts=["x" * 600])
        assert "too long" in self.refused(kit, campaign, "pigeon")

    def test_when_the_organisation_became_political(self, kit, campaign):
        whatsapp()
        plan = services.make_plan(
            actor=SYSTEM, kit_id=kit.pk, campaign_code=campaign.code, territory_codes=["UP"],
            channels=["whatsapp_cloud"], starts_at=clock.now(),
        )  # fmt: skip
        make.make_organisation("political")
        with pytest.raises(ChannelBarred):
            services.schedule_plan(actor=SYSTEM, plan_id=plan.pk)
        assert direct.offered() == ("assisted",)


PUSH = {"title": "Toli", "contact": "mailto:office@toli.example"}
BOT = {"token": "1234567:Qcanary", "base_url": "http://127.0.0.1:1"}


def telegram() -> Sender:
    return senders.create_sender(actor=SYSTEM, code="bot", name="Bot", provider="telegram", settings=BOT)


def notifying() -> Sender:
    return senders.create_sender(actor=SYSTEM, code="push", name="Push", provider="web_push", settings=PUSH)


class TestPictures:
    """The kit's picture goes along where channel and template have room for it; the dry run says where it does not."""

    @pytest.fixture
    def picture(self, kit):
        return make.make_picture(kit)

    def content(self, kit, sender):
        (wording, *_), *_ = direct.wordings(kit, direct.way_of(sender.provider)).values()
        return direct.content_of(kit, wording, sender)

    @pytest.mark.parametrize("sender", [telegram, notifying, lambda: whatsapp(kit_template="toli_kit: picture, link")])
    def test_it_goes_along_from_our_own_address(self, kit, picture, sender):
        made = sender()
        found = self.content(kit, made)
        assert (found.media, found.media_link) == ("image", f"{settings.BASE_URL}/m/{picture.digest}.jpg")
        if made.provider != "whatsapp_cloud":
            assert direct.pictured(kit, direct.way_of(made.provider)) == Pictured.GOES

    def test_it_has_the_size_of_the_channel(self, kit, picture):
        digest = "a" * 64
        KitMedia.objects.create(
            kit=kit, platform="telegram", source=picture.digest, digest=digest, width=16, height=9, data=b"x"
        )
        assert self.content(kit, telegram()).media_link == f"{settings.BASE_URL}/m/{digest}.jpg"

    def test_a_template_without_a_place_for_it_says_so(self, kit, picture):
        sender = whatsapp()
        assert self.content(kit, sender).media == ""
        assert direct.pictured(kit, direct.way_of("whatsapp_cloud")) == Pictured.NO_PLACE

    def test_a_channel_without_pictures_says_so(self, kit, picture, pigeon):
        assert self.content(kit, pigeon).media == ""
        assert direct.pictured(kit, direct.way_of("pigeon")) == Pictured.NO_PICTURES

    def test_a_text_that_is_too_long_to_stand_below_one_is_foreseen(self, kit, picture):
        telegram()
        kit.renditions.filter(language="hi").update(texts=["x" * 1100])
        assert direct.pictured(kit, direct.way_of("telegram")) == Pictured.SHORT_TEXTS

    @pytest.mark.parametrize(("text", "expected"), [
        ("🙂" * 400, Pictured.GOES), ("🙂" * 500, Pictured.SHORT_TEXTS),
        ("न" * 800, Pictured.GOES), ("न" * 1000, Pictured.SHORT_TEXTS),
    ])  # fmt: skip
    def test_an_emoji_takes_two_of_telegrams_places(self, kit, picture, text, expected):
        telegram()
        kit.renditions.update(texts=[text])
        assert direct.pictured(kit, direct.way_of("telegram")) == expected

    def test_what_telegram_would_refuse_is_foreseen_as_it_counts(self, kit):
        telegram()
        kit.renditions.filter(language="hi").update(texts=["🙂" * 1900])
        assert direct.obstacle_of(kit, direct.way_of("telegram")) is None
        kit.renditions.filter(language="hi").update(texts=["🙂" * 2040])  # 4080, and the rest of the message
        assert direct.obstacle_of(kit, direct.way_of("telegram")) == Obstacle.TOO_LONG

    def test_without_a_picture_nothing_is_said_and_nothing_goes_along(self, kit):
        assert self.content(kit, telegram()).media == ""
        assert direct.pictured(kit, direct.way_of("telegram")) is None

    def test_a_template_that_has_one_for_its_heading_cannot_go_without(self, kit):
        whatsapp(kit_template="toli_kit: picture, title, text, link, publisher, stop")
        assert direct.obstacle_of(kit, direct.way_of("whatsapp_cloud")) == Obstacle.NO_PICTURE

    def test_the_dry_run_tells(self, kit, campaign, picture, pigeon):
        telegram()
        plan = services.make_plan(
            actor=SYSTEM, kit_id=kit.pk, campaign_code=campaign.code, territory_codes=["UP"],
            channels=["telegram", "pigeon", "assisted"], starts_at=clock.now(),
        )  # fmt: skip
        assert [item.pictured for item in selectors.dry_run(plan)] == [Pictured.GOES, Pictured.NO_PICTURES, None]

    def test_meta_gets_it_as_the_heading_of_the_template(self, kit, campaign, picture):
        emulator = WhatsAppCloud(tokens=("QcanaryToken123",))
        with running(emulator) as url:
            template = "toli_kit: picture, title, text, link, publisher, stop"
            whatsapp(settings=whatsapp_settings(url), kit_template=template)
            agreeing("B1", "whatsapp")
            begin(kit, campaign, "whatsapp_cloud")
            assert Dispatcher(QUICK).run_until_idle() == 1
        header, body = emulator.messages[0]["body"]["template"]["components"]
        assert header["parameters"] == [
            {"type": "image", "image": {"link": f"{settings.BASE_URL}/m/{picture.digest}.jpg"}}
        ]
        assert len(body["parameters"]) == 5


class TestDryRun:
    def test_people_costs_and_time_by_channel(self, kit, campaign, pigeon):
        whatsapp(per_second=1)
        for _ in range(3):
            agreeing("B1", "whatsapp", "sms")
        agreeing("B1", "sms")
        plan = services.make_plan(
            actor=SYSTEM, kit_id=kit.pk, campaign_code=campaign.code, territory_codes=["UP"],
            channels=["whatsapp_cloud", "pigeon"], starts_at=clock.now(),
        )  # fmt: skip
        first, second = selectors.dry_run(plan)
        assert (first.channel, first.sendable, first.cost, first.duration) == (
            "whatsapp_cloud", 3, None, timedelta(seconds=3)
        )  # fmt: skip
        assert (second.channel, second.sendable, second.obstacle) == ("pigeon", 1, None)
        assert second.cost is not None
        assert second.cost % 10 == 0  # 10 paise for each part of the SMS
        assert not Batch.objects.exists()
        begin(kit, campaign, "whatsapp_cloud", "pigeon")
        assert [item.sendable for item in selectors.dry_run(plan)] == [0, 0]  # they have it already
        assert [(way.channel, way.all, way.out) for way in selectors.progress(plan)] == [
            ("whatsapp_cloud", 0, 0), ("pigeon", 0, 0)
        ]  # fmt: skip
