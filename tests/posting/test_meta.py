"""A plan on Facebook, Instagram and Threads, and its recall: what a program cannot delete is asked of a person."""

import pytest
from django.conf import settings

from tests import factories as make
from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.assignments.models import Assignment
from toli.core import clock
from toli.distribution import selectors as plans
from toli.distribution import services as distribution
from toli.emulators.faults import Fault
from toli.emulators.graph import Graph
from toli.emulators.running import running
from toli.integrations.meta import containers
from toli.posting import selectors, services
from toli.posting.models import Place, Post
from toli.posting.services import keeping

CHANNELS = ("facebook", "instagram", "threads")
TOKEN = "QcanaryToken123"


@pytest.fixture
def graph(stage):
    """One account of each kind, kept as a place of UP."""
    emulator = Graph()
    with running(emulator) as url:
        emulator.places = {}
        for kind in CHANNELS:
            account = emulator.add(kind, f"News on {kind}", f"{TOKEN}-{kind}")
            emulator.places[kind] = services.add_place(
                actor=SYSTEM,
                provider=kind,
                settings={"account_id": account.id, "token": account.token, "base_url": url},
                name=f"News on {kind}",
                territory_code="UP",
                person_login=make.make_account(name=f"Keeper of {kind}").login,
            )
        yield emulator


def _texts(graph):
    return {item.kind: [post["text"] for post in item.posts.values()] for item in graph.accounts.values()}


def _states():
    return dict(Post.objects.values_list("place__provider", "state"))


def test_tokens_are_sealed_and_come_out_for_acting_only(graph):
    place = graph.places["facebook"]
    assert "token" not in place.config
    assert TOKEN.encode() not in bytes(Place.objects.get(pk=place.pk).secrets_sealed)
    assert keeping.settings_of(place).token == f"{TOKEN}-facebook"
    services.change_place(actor=SYSTEM, place_id=place.pk, settings={"token": "another"})
    assert keeping.settings_of(Place.objects.get(pk=place.pk)).token == "another"


def test_it_is_posted_everywhere_and_a_recall_asks_a_person_where_no_program_can(stage, graph, kit):
    make.make_picture(kit)
    stage.begin(kit, "UP", channels=CHANNELS)
    services.send_due()
    assert _states() == dict.fromkeys(CHANNELS, "posted")
    assert all("प्रकाशक: जन सेतु संघ" in found[0] for found in _texts(graph).values())
    recall = distribution.recall_kit(actor=SYSTEM, kit_id=kit.pk, reason="A wrong figure")
    distribution.recall_automatic(recall_id=recall.pk)
    assert _states() == {"facebook": "deleted", "instagram": "stays", "threads": "deleted"}
    assert [len(found) for found in _texts(graph).values()] == [0, 1, 0]
    work = Assignment.objects.get()
    assert (work.kind, work.assignee_id) == ("delete_post", graph.places["instagram"].person_id)
    assert work.details["address"].startswith("https://instagram.example/p/")
    recall.refresh_from_db()
    assert recall.automatic_done_at is not None


def _filmed(graph):
    return {item.kind: [post.get("video") for post in item.posts.values()] for item in graph.accounts.values()}


def test_a_video_stands_where_its_shape_is_taken_and_else_the_picture(stage, graph, kit):
    make.make_picture(kit)
    file = make.make_video(kit)
    type(file).objects.update(platform="full")
    stage.begin(kit, "UP", channels=CHANNELS)
    services.send_due()
    assert _states() == dict.fromkeys(CHANNELS, "posted")
    full = f"{settings.BASE_URL}/m/{file.digest}.mp4"
    assert _filmed(graph) == {"facebook": [full], "instagram": [None], "threads": [full]}
    recall = distribution.recall_kit(actor=SYSTEM, kit_id=kit.pk, reason="A wrong figure")
    distribution.recall_automatic(recall_id=recall.pk)
    assert (_states()["facebook"], _states()["threads"]) == ("deleted", "deleted")


def test_a_reel_that_takes_minutes_is_gone_on_with_and_stands_there_once(stage, graph, kit, monkeypatch, later):
    monkeypatch.setattr(containers, "PATIENCE", 0.0)
    graph.slow = 3
    file = make.make_video(kit)
    type(file).objects.update(platform="reel")
    stage.begin(kit, "UP", channels=["instagram"])
    states = []
    for minute in range(5):
        later(minutes=minute)
        services.send_due()
        states.append(_states()["instagram"])
    assert states == ["queued"] * 3 + ["posted"] * 2
    assert _filmed(graph)["instagram"] == [f"{settings.BASE_URL}/m/{file.digest}.mp4"]
    assert len(graph.containers) == 1
    assert Post.objects.get().attempts == 1


@pytest.mark.parametrize("kind", ["instagram", "threads"])
def test_a_lost_answer_is_cleared_up_by_the_container(stage, graph, kit, later, kind):
    make.make_picture(kit)
    graph.only, graph.faults.kind, graph.faults.times = "_publish", Fault.ERROR_AFTER, 1
    stage.begin(kit, "UP", channels=[kind])
    services.send_due()
    assert _states() == {kind: "unknown"}
    later(minutes=1)
    services.send_due()
    post = Post.objects.get()
    (ref,) = next(item for item in graph.accounts.values() if item.kind == kind).posts
    assert (post.state, post.ref) == ("posted", ref)
    assert post.address


def test_without_the_picture_that_a_platform_demands_nothing_goes_there(stage, graph, kit):
    found = {item.channel: dict(item.refused) for item in plans.dry_run(stage.plan(kit, "UP", channels=CHANNELS))}
    assert found == {"facebook": {}, "instagram": {"does_not_fit": 1}, "threads": {}}


@pytest.mark.parametrize(("kind", "total"), [("instagram", 100), ("threads", 250)])
def test_the_dry_run_reads_what_is_used_of_today_at_this_moment_and_keeps_nothing(stage, graph, kit, kind, total):
    make.make_picture(kit)
    account = next(item for item in graph.accounts.values() if item.kind == kind)
    account.total = total
    plan = stage.plan(kit, "UP", channels=[kind])
    for used in (3, 4):
        account.used = lambda used=used: used
        (found,) = plans.dry_run(plan)
        (told,) = found.allowances
        assert (told.account, told.used, told.total) == (f"News on {kind}", used, total)
    assert Place.objects.get(provider=kind).quota_used is None


def test_where_the_platform_does_not_answer_the_dry_run_says_what_it_said_last(stage, graph, kit):
    make.make_picture(kit)
    services.examine_place(actor=SYSTEM, place_id=graph.places["instagram"].pk)
    before = Place.objects.get(provider="instagram")
    next(item for item in graph.accounts.values() if item.kind == "instagram").error = 190
    (found,) = plans.dry_run(
        stage.plan(
            kit,
            "UP",
            channels=[
                "instagram",
            ],
        )
    )
    assert [item.read_at for item in found.allowances] == [before.quota_at]


def test_a_quota_that_is_used_up_makes_the_plan_a_day_longer(stage, graph, kit):
    make.make_picture(kit)
    account = next(item for item in graph.accounts.values() if item.kind == "instagram")
    account.total = 0
    (found,) = plans.dry_run(stage.plan(kit, "UP", channels=["instagram"]))
    assert found.duration.days == 1
    distribution.start_due_plans()
    from toli.core import events

    events.deliver()
    services.send_due()
    post = Post.objects.get()
    assert (post.state, post.reason) == ("queued", "quota")
    assert post.ready_at > clock.now()


def test_a_blocked_account_stands_still_and_the_others_go_on(stage, graph, kit):
    make.make_picture(kit)
    next(item for item in graph.accounts.values() if item.kind == "facebook").error = 368
    stage.begin(kit, "UP", channels=CHANNELS)
    services.send_due()
    assert _states() == {"facebook": "queued", "instagram": "posted", "threads": "posted"}
    place = Place.objects.get(provider="facebook")
    assert (place.state, place.reason) == ("paused", "368")
    assert selectors.counts(EVERYWHERE, kit).waiting == 1
