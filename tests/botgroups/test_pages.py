"""Pages and commands about the bot: for whom they are, and that they do what they say."""

import json

import pytest
from django.test import Client
from typer.testing import CliRunner

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.models import Account
from toli.botgroups import services
from toli.botgroups.models import Chat, PlatformAccount
from toli.chatgroups import services as groups
from toli.cli.main import build
from toli.members.services import open_account

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def browser(account):
    client = Client()
    client.cookies["lang"] = "en"
    client.force_login(account, backend=BACKEND)
    make.prove(client)
    return client


@pytest.fixture
def headquarters(stage):
    return browser(make.make_headquarters())


def test_a_member_connects_and_disconnects_on_their_page(stage):
    member, person = stage.member(connected=False)
    client = browser(open_account(member_id=member.pk))
    assert "Connect Telegram" in client.get("/me/telegram").content.decode()
    answer = client.post("/me/telegram", {"act": "connect"})
    address = answer.headers["Location"]
    assert address.startswith("https://t.me/toli_test_bot?start=")
    stage.world.start(person, address.partition("start=")[2])
    stage.deliver()
    assert "is connected" in client.get("/me/telegram").content.decode()
    assert client.post("/me/telegram", {"act": "disconnect"}).status_code == 303
    assert not PlatformAccount.objects.exists()


def test_whoever_is_connected_can_ask_for_the_daily_material_there(stage):
    member, _person = stage.member()
    client = browser(open_account(member_id=member.pk))
    page = client.get("/me/telegram").content.decode()
    assert "daily material come to you here" in page
    client.post("/me/data", {"purpose": "content", "channel": "telegram", "given": "yes"})
    assert "daily material comes to you on Telegram" in client.get("/me/telegram").content.decode()


def test_the_named_person_finds_the_address_in_their_work(stage):
    (group,) = groups.open_state_groups(actor=SYSTEM, campaign_code="connect", territory_code="A1")
    page = browser(group.admin).get("/console/work").content.decode()
    assert "https://t.me/toli_test_bot?startgroup=" in page
    assert "invite_users" in page


def test_the_desk_shows_the_groups_and_sends_a_test(stage, headquarters):
    group, chat = stage.open_group("A1")
    page = headquarters.get("/console/bot").content.decode()
    assert group.name in page and "Works" in page
    assert headquarters.post(f"/console/bot/{group.pk}/test").headers["Location"] == "/console/bot?tested=1"
    assert "जाँच" in next(iter(stage.world.chats[chat].messages.values()))["text"]
    assert headquarters.post("/console/bot").headers["Location"] == "/console/bot?connected=1"


def test_a_bot_that_was_thrown_out_is_shown_and_comes_back_by_a_new_address(stage, headquarters):
    group, chat = stage.open_group("A1")
    assert headquarters.post(f"/console/bot/{group.pk}/code").status_code == 409
    owner = next(iter(stage.world.chats[chat].people))
    stage.world.kick_bot(chat, owner)
    stage.deliver()
    assert "Bot thrown out" in headquarters.get("/console/bot").content.decode()
    assert headquarters.post(f"/console/bot/{group.pk}/test").status_code == 409
    page = headquarters.post(f"/console/bot/{group.pk}/code").content.decode()
    code = page.partition("startgroup=")[2].partition("&")[0]
    again = stage.world.new_group(owner, "New")
    stage.world.add_bot(again, owner, code=code)
    stage.deliver()
    assert Chat.objects.get(group=group).number == again


def test_for_the_neighbour_the_group_does_not_exist(stage):
    group, _chat = stage.open_group("A1")
    account = Account.objects.get(pk=make.make_actor({"groups.manage": "A2"}).id)
    client = browser(account)
    assert group.name not in client.get("/console/bot").content.decode()
    for act in ("test", "code"):
        assert client.post(f"/console/bot/{group.pk}/{act}").status_code == 404
    assert client.post("/console/bot").status_code == 403


def test_whoever_does_not_manage_groups_does_not_see_it(stage):
    assert browser(Account.objects.get(pk=stage.coordinator.id)).get("/console/bot").status_code == 403


def test_the_command_line_says_the_same(stage):
    group, _chat = stage.open_group("A1")
    services.count_people()
    run = CliRunner()
    status = json.loads(run.invoke(build(), ["bot", "status", "--json"]).stdout)
    assert [(row["id"], row["counted"], row["lost"]) for row in status["groups"]] == [(group.pk, 1, False)]
    assert run.invoke(build(), ["bot", "test", str(group.pk)]).exit_code == 0
    assert run.invoke(build(), ["bot", "status"]).exit_code == 0
    assert json.loads(run.invoke(build(), ["bot", "connect", "--json"]).stdout)["bot"] == "toli_test_bot"


def test_without_a_secret_nothing_is_asked_of_telegram(stage, settings):
    settings.TOLI_TELEGRAM_BOT_SECRET = ""
    assert (services.read_updates(), services.carry_out(), services.align(), services.count_people()) == (0, 0, 0, 0)
    member, _person = stage.member(connected=False)
    client = browser(open_account(member_id=member.pk))
    assert client.post("/me/telegram", {"act": "connect"}).status_code == 409
