"""An organisation whose groups are kept by a bot, in front of the emulator of the Bot API."""

from dataclasses import dataclass, field

import pytest

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM, Actor, ActorKind
from toli.botgroups import services
from toli.botgroups.models import Chat, Order, Presence, Update
from toli.botgroups.services import sealing
from toli.cards.services import issue_cards
from toli.chatgroups import services as groups
from toli.chatgroups.models import Seat
from toli.core import events
from toli.emulators.running import running
from toli.emulators.telegram_bot import Flood, TelegramBot
from toli.integrations.telegram_groups.provider import SECRET_HEADER, TelegramGroupProvider

PROVIDER = "telegram_bot"


@dataclass
class Stage:
    """Members, groups, and Telegram. ``post``: sends one update as Telegram would."""

    emulator: TelegramBot
    client: object
    coordinator: Actor
    campaign: object = None
    accounts: dict[int, int] = field(default_factory=dict)

    @property
    def world(self):
        return self.emulator.world

    def post(self, update, secret=None):
        secret = TelegramGroupProvider()._hook_secret if secret is None else secret
        return self.client.post(
            f"/hooks/groups/{PROVIDER}", update, content_type="application/json", headers={SECRET_HEADER: secret}
        )

    def deliver(self, shuffle=None):
        """Everything that Telegram has to tell, and all that follows from it."""
        waiting = self.emulator.courier.waiting
        while waiting or Update.objects.filter(done_at=None, tries__lt=5) or self.due():
            batch = [waiting.popleft() for _ in range(len(waiting))]
            if shuffle:
                shuffle(batch)
            for update in batch:
                assert self.post(update).status_code == 200
            services.read_updates()
            services.carry_out()
            events.deliver()

    def due(self):
        return Order.objects.filter(state="waiting").exists()

    def open_group(self, territory):
        """Asked for, made by the coordinator on Telegram, connected by the prepared address; the bot did the rest."""
        (group,) = groups.open_state_groups(actor=SYSTEM, campaign_code="connect", territory_code=territory)
        chat = self.make_chat(group)
        self.deliver()
        group.refresh_from_db()
        return group, chat

    def make_chat(self, group, **options):
        owner = self.world.new_person("Owner")
        chat = self.world.new_group(owner, "New group")
        self.world.add_bot(chat, owner, code=code_of(group), **options)
        return chat

    def member(self, territory="A1", *, card=True, connected=True, **fields):
        """A member, with their Telegram account: (member, person)."""
        member, person = make.make_member(territory, **fields), self.world.new_person()
        if card:
            issue_cards(actor=SYSTEM, member_ids=[member.pk])
        if connected:
            address = services.start_address(actor=SYSTEM, member_id=member.pk)
            self.world.start(person, address.partition("start=")[2])
            self.deliver()
        self.accounts[member.pk] = person
        return member, person

    def seat(self, member):
        return Seat.objects.filter(member=member).order_by("pk").last()

    def roster(self, chat):
        """Hashes of who is in the group: by our rows, and in truth."""
        row = Chat.objects.get(number=chat)
        ours = {bytes(p.person_hash) for p in Presence.objects.filter(chat=row, inside=True)}
        return ours, {sealing.person_hash(person) for person in self.world.truth()[chat]}


def code_of(group):
    """The code in the address that the named person was given."""
    from toli.assignments.models import Assignment

    task = Assignment.objects.filter(subject=f"chatgroup:{group.pk}", state="open").get()
    return task.details["bot_address"].partition("startgroup=")[2].partition("&")[0]


@pytest.fixture
def telegram(settings):
    """The emulator, and the secret of its bot in our settings."""
    emulator = TelegramBot(flood=Flood(0, 0, 0))
    with running(emulator) as url:
        settings.TOLI_TELEGRAM_BOT_SECRET = emulator.token
        settings.TOLI_TELEGRAM_BOT_URL = url
        yield emulator


@pytest.fixture
def stage(db, telegram, client, settings):
    make.make_organisation(kind="political")
    make.make_territories("IN/UP/A1", "IN/UP/A2")
    make.make_drive()
    account = make.make_coordinator("UP")
    settings.BASE_URL = "http://127.0.0.1:1"
    services.connect_bot(actor=SYSTEM, provider_key=PROVIDER)
    telegram.courier.hook.url = ""  # updates wait until the test posts them
    found = Stage(telegram, client, Actor(ActorKind.STAFF, account.pk))
    found.campaign = groups.create_campaign(
        actor=SYSTEM, code="connect", name_en="Connect", name_hi="जुड़ाव", platform="telegram", provider=PROVIDER,
        territory_code="IN", capacity=1000, target_size=900,
    )  # fmt: skip
    return found
