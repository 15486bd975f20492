"""An organisation with groups that its bot keeps, a channel, and Telegram's emulator in front of it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.core import clock, events
from toli.distribution import services as distribution
from toli.emulators.running import running
from toli.emulators.telegram_bot import Flood, TelegramBot
from toli.emulators.telegram_world import IN_CHANNELS
from toli.messaging.services import control
from toli.posting import services


@dataclass
class Stage:
    emulator: TelegramBot
    campaign: Any
    owner: int = 0
    chats: dict[int, int] = field(default_factory=dict)

    @property
    def world(self):
        return self.emulator.world

    def group(self, territory):
        """A group of the registry that the bot is in."""
        group = make.make_group(self.campaign, territory, kind="telegram_group")
        number = self.world.new_group(self.owner, group.name)
        self.world.add_bot(number, self.owner)
        make.make_kept_group(group, number=number)
        self.chats[group.pk] = number
        return group

    def channel(self, territory="IN", name="toli_news", **fields):
        """A channel of the organisation, kept as a place."""
        chat = self.world.new_channel(self.owner, "News", name)
        self.world.add_bot(chat, self.owner, rights=IN_CHANNELS)
        person = make.make_headquarters()
        usual = {"name": "News", "territory_code": territory, "person_login": person.login}
        place = services.add_place(
            actor=SYSTEM, provider="telegram_posts", settings={"chat_id": f"@{name}"}, **{**usual, **fields}
        )
        self.chats[-place.pk] = chat
        return place

    def plan(self, kit, *territories, channels=("telegram_posts",), **fields):
        """A plan that begins now."""
        plan = distribution.make_plan(
            actor=SYSTEM, kit_id=kit.pk, campaign_code=self.campaign.code, territory_codes=territories or ("IN",),
            channels=channels, starts_at=clock.now(), **fields,
        )  # fmt: skip
        distribution.schedule_plan(actor=SYSTEM, plan_id=plan.pk)
        return plan

    def begin(self, kit, *territories, **fields):
        plan = self.plan(kit, *territories, **fields)
        distribution.start_due_plans()
        events.deliver()
        return plan

    def texts(self, key):
        """What stands in a group (its own number) or channel (the place's, negative)."""
        found = self.world.chats[self.chats[key]].messages.values()
        return [message.get("caption") or message["text"] for message in found]


@pytest.fixture
def telegram(settings):
    emulator = TelegramBot(flood=Flood(0, 0, 0))
    with running(emulator) as url:
        settings.TOLI_TELEGRAM_BOT_SECRET = emulator.token
        settings.TOLI_TELEGRAM_BOT_URL = url
        yield emulator


@pytest.fixture
def stage(db, telegram, settings, tmp_path):
    settings.MESSAGING_DIR = tmp_path / "messaging"
    control.forget_identity()
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER SEQUENCE {control.SEQUENCE} RESTART")
    make.make_organisation(kind="political")
    make.make_territories("IN/UP/07/B1", "IN/UP/070/B2", "IN/KL")
    found = Stage(telegram, make.make_campaign(platform="telegram", provider="telegram_bot"))
    found.owner = found.world.new_person("Owner")
    return found


@pytest.fixture
def kit(stage):
    return make.make_kit("IN", state="approved", certificate_number="MCMC/1")


@pytest.fixture
def later(monkeypatch):
    def move(**delta):
        now = timezone.now() + timedelta(**delta)
        monkeypatch.setattr(clock, "now", lambda: now)

    return move
