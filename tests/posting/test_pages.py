"""The desk: accounts and what became of posts; the command line says the same."""

import json

import pytest
from django.test import Client
from typer.testing import CliRunner

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.models import Account
from toli.assignments.models import Assignment
from toli.cli.main import build
from toli.distribution import services as distribution
from toli.emulators.running import running
from toli.emulators.telegram_world import IN_CHANNELS
from toli.emulators.youtube import YouTube
from toli.posting import services
from toli.posting.models import Place, Post

BACKEND = "django.contrib.auth.backends.ModelBackend"


def browse(account):
    client = Client()
    client.cookies["lang"] = "en"
    client.force_login(account, backend=BACKEND)
    make.prove(client)
    return client


@pytest.fixture
def desk(stage):
    return browse(make.make_headquarters())


def _page(desk, address):
    return desk.get(address).content.decode()


def test_an_account_is_entered_asked_tried_paused_and_let_go_on(stage, desk):
    assert "No page, channel or account is kept here yet" in _page(desk, "/console/places")
    chat = stage.world.new_channel(stage.owner, "News", "toli_news")
    fields = {
        "provider": "telegram_posts",
        "name": "Our news",
        "number": "@toli_news",
        "area": "IN",
        "person": "nobody",
    }
    assert desk.post("/console/places", fields).status_code == 404
    assert not Place.objects.exists()
    fields["person"] = make.make_account().login
    assert desk.post("/console/places", fields).headers["Location"] == "/console/places?done=added"
    place = Place.objects.get()
    answer = desk.post(f"/console/places/{place.pk}/health")
    assert "Our news cannot be posted to" in answer.content.decode()
    stage.world.add_bot(chat, stage.owner, rights=IN_CHANNELS)
    answer = desk.post(f"/console/places/{place.pk}/test")
    assert "One line was posted in Our news and deleted again" in answer.content.decode()
    assert stage.world.chats[chat].messages == {}
    desk.post(f"/console/places/{place.pk}/pause")
    assert "Paused" in _page(desk, "/console/places")
    desk.post(f"/console/places/{place.pk}/resume")
    place.refresh_from_db()
    assert place.state == "active"
    assert desk.post(f"/console/places/{place.pk}/nonsense").status_code == 404


def test_the_neighbour_sees_no_account_and_the_coordinator_no_page(stage):
    place = make.make_place("07", name="Canary page")
    account = make.make_account()
    make.make_actor({"places.manage": "070", "work.do": "070"}, account=account)
    neighbour = browse(account)
    assert "Canary page" not in _page(neighbour, "/console/places")
    for verb in ("health", "test", "pause", "token"):
        assert neighbour.post(f"/console/places/{place.pk}/{verb}").status_code == 404
    assert browse(make.make_coordinator("07")).get("/console/places").status_code == 403


def test_board_plan_and_recall_say_what_became_of_posts_and_the_work_can_be_answered(stage, desk, kit):
    group = stage.group("07")
    plan = stage.begin(kit)
    services.send_due()
    assert "1 of 1 stand there" in _page(desk, f"/console/kits/{kit.pk}/cascade")
    assert "1 of 1 stand there" in _page(desk, f"/console/plans/{plan.pk}")
    for message in stage.world.chats[stage.chats[group.pk]].messages.values():
        message["date"] -= 49 * 3600
    recall = distribution.recall_kit(actor=SYSTEM, kit_id=kit.pk, reason="A wrong figure")
    distribution.recall_automatic(recall_id=recall.pk)
    page = _page(desk, f"/console/kits/{kit.pk}/recall")
    assert "Telegram lets nobody delete by program what is older than 48 hours" in page
    admin = Account.objects.get(pk=group.admin_id)
    make.make_actor({"work.do": "07"}, account=admin)
    worker = browse(admin)
    assert group.name in _page(worker, "/console/work")
    worker.post(f"/console/work/{Assignment.objects.get().pk}", {"done": "yes"})
    assert Post.objects.get().state == "deleted"


def _toli(*arguments, given=""):
    result = CliRunner().invoke(build(), list(arguments), input=given or None)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_line_says_the_same(stage, kit):
    person = make.make_account().login
    chat = stage.world.new_channel(stage.owner, "News", "toli_news")
    stage.world.add_bot(chat, stage.owner, rights=IN_CHANNELS)
    made = json.loads(
        _toli("place", "add", "telegram_posts", "--name", "News", "--territory", "IN", "--person", person, "--json",
              given="chat_id=@toli_news\n")
    )  # fmt: skip
    number = str(made["id"])
    assert json.loads(_toli("place", "health", number, "--json"))["name"] == "News"
    assert json.loads(_toli("place", "test", number, "--yes", "--json"))["state"] == "deleted"
    assert json.loads(_toli("place", "pause", number, "--json"))["state"] == "paused"
    assert json.loads(_toli("place", "resume", number, "--json"))["state"] == "active"
    assert [item["id"] for item in json.loads(_toli("place", "list", "--json"))] == [made["id"]]
    stage.begin(kit)
    assert json.loads(_toli("post", "send", "--json")) == {"done": 1}
    found = json.loads(_toli("post", "list", "--kit", kit.code, "--json"))
    assert (found["counts"]["posted"], found["posts"][0]["place"]) == (1, "News")


def test_a_channel_on_youtube_is_entered_with_its_app_and_gets_a_new_consent(stage, desk, settings):
    emulator = YouTube()
    channel = emulator.add("News on YouTube", "client", "QcanarySecret1", "QcanaryConsent1")
    fields = {
        "provider": "youtube", "name": "Our films", "number": "no channel", "token": "old", "app_id": "client",
        "app_secret": "QcanarySecret1", "area": "UP", "person": make.make_account().login,
    }  # fmt: skip
    answer = desk.post("/console/places", fields)
    assert (answer.status_code, "channel_id: UC" in answer.content.decode()) == (400, True)
    fields["number"] = channel.id
    assert desk.post("/console/places", {**fields, "app_secret": ""}).status_code == 400
    assert desk.post("/console/places", fields).headers["Location"] == "/console/places?done=added"
    place = Place.objects.get()
    assert "Qcanary" not in _page(desk, "/console/places")
    assert "Post a test and delete it" not in _page(desk, "/console/places")
    desk.post(f"/console/places/{place.pk}/token", {"token": "QcanaryConsent1"})
    with running(emulator) as url:
        Place.objects.update(config={**place.config, "base_url": url, "token_url": f"{url}/token"})
        answer = desk.post(f"/console/places/{place.pk}/health").content.decode()
    assert "The platform calls it News on YouTube" in answer
