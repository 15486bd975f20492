"""A plan on YouTube: begun, gone on with, lost, found again, taken back; and uploaders that are killed on the way."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.core import clock
from toli.distribution import selectors as plans
from toli.distribution import services as distribution
from toli.emulators.faults import Fault
from toli.emulators.running import running
from toli.emulators.youtube import YouTube
from toli.integrations.youtube import uploading
from toli.posting import services
from toli.posting.errors import PlaceInvalid
from toli.posting.models import Place, Post
from toli.posting.services import keeping
from toli.posting.services.taking_back import QueuedPosts

FILM = b"film" * 900_000  # two parts
KILLS = int(os.environ.get("TOLI_TEST_KILLS", "3"))


@pytest.fixture
def youtube(stage):
    """A channel of UP."""
    emulator = YouTube()
    with running(emulator) as emulator.url:
        emulator.channel = emulator.add("News", "client", "QcanarySecret1", "QcanaryConsent1")
        keep(emulator, emulator.channel)
        yield emulator


def keep(emulator, channel, name="Our channel"):
    return services.add_place(
        actor=SYSTEM,
        provider="youtube",
        settings={
            "channel_id": channel.id, "client_id": channel.client_id, "client_secret": "QcanarySecret1",
            "refresh_token": channel.refresh_token,
            "base_url": emulator.url, "token_url": f"{emulator.url}/token",
        },
        name=name,
        territory_code="UP",
        person_login=make.make_account(name=name).login,
    )  # fmt: skip


def film(kit, data=FILM):
    file = make.make_video(kit, data)
    type(file).objects.update(platform="full")
    return kit


def titles(youtube):
    return [video["snippet"]["title"] for video in youtube.channel.videos.values()]


def recalled(kit):
    recall = distribution.recall_kit(actor=SYSTEM, kit_id=kit.pk, reason="A wrong figure")
    distribution.recall_automatic(recall_id=recall.pk)
    return recall


def test_a_video_stands_there_with_all_that_has_to_and_a_recall_deletes_it(stage, youtube, kit):
    type(kit).objects.update(made_with_ai=True)
    stage.begin(film(kit), "UP", channels=["youtube"])
    services.send_due()
    post = Post.objects.get()
    assert (post.state, bytes(post.progress_sealed)) == ("posted", b"")
    assert post.address == f"https://www.youtube.com/watch?v={post.ref}"
    (video,) = youtube.channel.videos.values()
    assert video["bytes"] == FILM
    assert "प्रकाशक: जन सेतु संघ" in video["snippet"]["description"]
    assert "/o/" in video["snippet"]["description"]
    assert video["snippet"]["defaultLanguage"] == "hi"
    assert video["status"] == {
        "privacyStatus": "public", "selfDeclaredMadeForKids": False, "containsSyntheticMedia": True,
    }  # fmt: skip
    recalled(kit)
    assert (Post.objects.get().state, titles(youtube)) == ("deleted", [])


def test_secrets_are_sealed_and_so_is_the_address_of_an_upload(stage, youtube, kit, monkeypatch):
    stage.begin(film(kit), "UP", channels=["youtube"])
    monkeypatch.setattr(services.sending, "TURNS", 1)
    services.send_due()
    post, place = Post.objects.get(), Place.objects.get()
    assert post.state == "queued"
    assert "session" in keeping.progress_of(post)
    assert b"upload_id" not in bytes(post.progress_sealed)
    assert set(place.config) == {"channel_id", "client_id", "base_url", "token_url"}
    assert b"Qcanary" not in bytes(place.secrets_sealed)


def test_a_slow_line_goes_on_in_the_next_call(stage, youtube, kit, monkeypatch):
    monkeypatch.setattr(uploading, "WITHIN", 0.0)
    stage.begin(film(kit), "UP", channels=["youtube"])
    services.send_due()
    assert (Post.objects.get().state, len(titles(youtube)), youtube.channel.left) == ("posted", 1, 99)


def test_without_a_video_or_with_too_long_a_title_nothing_goes_there(stage, youtube, kit):
    (found,) = plans.dry_run(stage.plan(kit, "UP", channels=["youtube"]))
    assert dict(found.refused) == {"does_not_fit": 1}
    film(kit)
    (found,) = plans.dry_run(stage.plan(kit, "UP", channels=["youtube"]))
    assert dict(found.refused) == {}
    kit.renditions.update(title="ठ" * 101)
    (found,) = plans.dry_run(stage.plan(kit, "UP", channels=["youtube"]))
    assert dict(found.refused) == {"does_not_fit": 1}


def test_a_test_line_is_refused_as_only_videos_go_there(youtube):
    with pytest.raises(PlaceInvalid):
        services.try_place(actor=SYSTEM, place_id=Place.objects.get().pk)


def test_what_is_used_of_today_is_counted_by_ourselves_for_all_channels_of_an_app(stage, youtube, kit):
    for name, client in (("Second channel", "client"), ("Another app", "another")):
        keep(youtube, youtube.add(name, client, "QcanarySecret1", f"Qcanary {name}"), name)
    stage.begin(film(kit), "UP", channels=["youtube"])
    services.send_due()
    (found,) = plans.dry_run(stage.plan(kit, "UP", channels=["youtube"]))
    used = {item.account: (item.used, item.total) for item in found.allowances}
    assert used == {"Our channel": (2, 100), "Second channel": (2, 100), "Another app": (1, 100)}


def test_a_quota_that_is_used_up_lets_it_wait_until_midnight_there(stage, youtube, kit):
    youtube.channel.left = 0
    stage.begin(film(kit), "UP", channels=["youtube"])
    services.send_due()
    post = Post.objects.get()
    assert (post.state, post.reason) == ("queued", "quotaExceeded")
    assert clock.now() < post.ready_at <= clock.now() + timedelta(hours=25)


def test_a_consent_that_was_taken_back_pauses_the_channel(stage, youtube, kit):
    youtube.channel.refresh_token = "another"
    stage.begin(film(kit), "UP", channels=["youtube"])
    services.send_due()
    assert (Post.objects.get().state, Place.objects.get().state) == ("queued", "paused")
    assert Place.objects.get().reason == "invalid_grant"


def test_a_consent_for_another_channel_puts_nothing_there(stage, youtube, kit):
    other = youtube.add("Other", "client", "QcanarySecret1", "QcanaryConsent2")
    services.change_place(
        actor=SYSTEM, place_id=Place.objects.get().pk, settings={"refresh_token": other.refresh_token}
    )
    assert services.examine_place(actor=SYSTEM, place_id=Place.objects.get().pk).problem == "another_channel"
    stage.begin(film(kit), "UP", channels=["youtube"])
    services.send_due()
    assert (Post.objects.get().state, Place.objects.get().reason) == ("queued", "another_channel")
    assert (titles(youtube), list(other.videos)) == ([], [])


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.LATE, Fault.ERROR, Fault.ERROR_AFTER])
def test_a_lost_answer_is_cleared_up_by_the_platform_itself(stage, youtube, kit, later, fault):
    youtube.only = "sessions"
    youtube.faults.kind, youtube.faults.times = fault, 3
    stage.begin(film(kit), "UP", channels=["youtube"])
    for minute in range(6):
        later(minutes=minute)
        services.send_due()
    assert (Post.objects.get().state, len(titles(youtube))) == ("posted", 1)


def _lost(youtube, stage, kit):
    """A video that stands there, and a post of which nobody knows, as its answer was lost."""
    stage.begin(film(kit), "UP", channels=["youtube"])
    (post,) = services.sending.claim(services.sending.providers()["youtube"])
    services.sending._send(services.sending.providers()["youtube"], [post])
    (session,) = youtube.sessions.values()
    number = "vlost"
    youtube.channel.videos[number] = {**session.resource, "bytes": FILM}
    Post.objects.update(state="unknown", ready_at=clock.now())
    return session, number


def test_a_session_that_is_gone_is_looked_for_among_the_videos(stage, youtube, kit):
    session, number = _lost(youtube, stage, kit)
    session.gone = True
    services.send_due()
    assert (Post.objects.get().state, Post.objects.get().ref) == ("posted", number)


def test_what_is_not_found_stays_unknown_and_a_person_settles_it(stage, youtube, kit):
    session, number = _lost(youtube, stage, kit)
    session.gone = True
    del youtube.channel.videos[number]
    services.send_due()
    post = Post.objects.get()
    assert (post.state, post.reason) == ("unknown", "notFound")
    assert post.ready_at > clock.now()
    services.settle_unknown(actor=SYSTEM, post_id=post.pk, stands=False)
    assert (Post.objects.get().state, titles(youtube)) == ("failed", [])


def test_a_recall_finds_a_lost_video_and_deletes_it(stage, youtube, kit):
    session, _number = _lost(youtube, stage, kit)
    session.gone = True
    recalled(kit)
    assert (Post.objects.get().state, titles(youtube)) == ("deleted", [])


def test_a_recall_of_a_half_uploaded_video_leaves_nothing(stage, youtube, kit):
    _session, number = _lost(youtube, stage, kit)
    del youtube.channel.videos[number]
    recalled(kit)
    services.send_due()
    assert (Post.objects.get().state, titles(youtube)) == ("cancelled", [])


def test_a_recall_asks_a_person_when_the_platform_does_not_say(stage, youtube, kit, later):
    session, number = _lost(youtube, stage, kit)
    session.gone = True
    del youtube.channel.videos[number]
    recalled(kit)
    for minute in range(6):
        later(minutes=minute)
        services.send_due()
    assert (Post.objects.get().state, Post.objects.get().asked_id) == ("stays", Place.objects.get().person_id)


def test_after_a_restore_nothing_is_taken_for_missing_because_nothing_is_known_of_its_beginning(stage, youtube, kit):
    """The backup is older than the upload: what stands there was begun after it."""
    _session, number = _lost(youtube, stage, kit)
    Post.objects.update(state="sending", lease_until=clock.now() - timedelta(seconds=1), progress_sealed=b"")
    QueuedPosts().cancel_queued()
    services.send_due()
    assert (Post.objects.get().state, Post.objects.get().reason) == ("unknown", "restored")
    recalled(kit)
    assert (Post.objects.get().state, list(youtube.channel.videos)) == ("stays", [number])


WORKER = """
import sys
import django
django.setup()
from django.conf import settings
from django.db import connections
connections.settings["default"]["NAME"] = connections["default"].settings_dict["NAME"] = sys.argv[1]
settings.MESSAGING_DIR = __import__("pathlib").Path(sys.argv[2])
settings.BASE_URL = sys.argv[3]
from toli.integrations.youtube import provider
from toli.posting.domain.states import Verdict
from toli.posting import services
if sys.argv[4] == "mistaken":  # what was begun is kept when the upload is over, not before its first byte
    import dataclasses
    real = provider.YouTubeChannels.publish
    def at_once(self, posts):
        (receipt,) = real(self, posts)
        while receipt.verdict is Verdict.BEGUN:
            posts = [dataclasses.replace(posts[0], progress=receipt.progress)]
            (receipt,) = real(self, posts)
        return [receipt]
    provider.YouTubeChannels.publish = at_once
print("ready", flush=True)
services.send_due()
"""


def _killed_and_started_again(stage, youtube, kit, settings, way):
    """Uploaders die a call later each, the last when the video stands and before it is told; each next one comes when
    the lease of the last is over. How many videos stand."""
    settings.MESSAGING_DIR.mkdir(parents=True, exist_ok=True)
    stage.begin(film(kit), "UP", channels=["youtube"])
    youtube.only, youtube.faults.kind = "sessions", Fault.SLOW
    source = Path(__file__).resolve().parents[2] / "src"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "toli.config.settings", "PYTHONPATH": str(source)}
    words = [connection.settings_dict["NAME"], str(settings.MESSAGING_DIR), settings.BASE_URL, way]
    for turn in range(KILLS + 2):
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, *words], env=environment, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout.readline() == "ready\n"
        if turn < KILLS:
            _wait_for(youtube, process, calls=turn + 2 if turn < KILLS - 1 else 1000)
            process.send_signal(signal.SIGKILL)
        process.communicate(timeout=300)
        Post.objects.filter(state="sending").update(lease_until=clock.now() - timedelta(seconds=1))
        Post.objects.filter(state__in=("queued", "unknown")).update(ready_at=clock.now(), lease_until=None)
        Place.objects.filter(provider="youtube").update(next_at=clock.now())
        if len(youtube.channel.videos) > 1:
            break
    return len(youtube.channel.videos)


def _wait_for(youtube, process, calls):
    """Until the platform was called so often by this process, or has a video whose answer it still holds back."""
    ends_at, before, stood = time.monotonic() + 120, youtube.calls, len(youtube.channel.videos)
    while youtube.calls < before + calls and len(youtube.channel.videos) == stood and process.poll() is None:
        assert time.monotonic() < ends_at, "it does not move"
        time.sleep(0.002)


@pytest.mark.django_db(transaction=True)
def test_uploaders_that_are_killed_leave_one_video(stage, youtube, kit, settings):
    assert _killed_and_started_again(stage, youtube, kit, settings, "right") == 1
    assert Post.objects.get().state == "posted"


@pytest.mark.django_db(transaction=True)
def test_with_the_planted_mistake_videos_are_doubled(stage, youtube, kit, settings):
    assert _killed_and_started_again(stage, youtube, kit, settings, "mistaken") > 1
