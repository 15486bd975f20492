"""What every provider of posts owes: one call for one post, an honest receipt, taking back, silence about keys."""

import dataclasses
import logging
import socket
from contextlib import contextmanager

import pytest
from django.conf import settings as installation
from django.utils.module_loading import import_string

from tests.contracts.test_channel_provider import kept, strange_answers
from tests.pictures import picture as a_picture
from toli.content.domain.platforms import PLATFORMS
from toli.emulators.faults import Fault
from toli.emulators.graph import Graph
from toli.emulators.running import running
from toli.emulators.telegram_bot import Flood, TelegramBot
from toli.emulators.telegram_world import IN_CHANNELS
from toli.emulators.youtube import YouTube
from toli.posting.domain.states import Verdict
from toli.posting.ports import Asking, Begun, Capabilities, Outgoing, Picture, Standing, Video
from toli.posting.providers import secret_names

PROVIDERS = {import_string(path).key: import_string(path) for path in installation.POST_PROVIDERS}
KEPT = Picture(a_picture(), "https://toli.example.org/m/abc.jpg", "A mark")
FILM = Video("https://toli.example.org/m/abc.mp4", "News", b"film" * 700_000)
STEPS = 9  # calls in which a post that is begun stands there, or not


class TelegramBench:
    """A channel on Telegram's emulator; the bot's token is a setting of the installation."""

    secrets = ()

    def __init__(self, settings):
        self._settings = settings
        self.emulator = TelegramBot(flood=Flood(0, 0, 0))
        world = self.emulator.world
        self.chat = world.chats[world.new_channel(world.new_person(), "News", "news")]
        world.add_bot(self.chat.id, next(iter(self.chat.people)), rights=IN_CHANNELS)

    @contextmanager
    def connected(self):
        with running(self.emulator) as url:
            self._settings.TOLI_TELEGRAM_BOT_SECRET = self.emulator.token
            self._settings.TOLI_TELEGRAM_BOT_URL = url
            yield

    def settings(self):
        return {"chat_id": "@news"}

    def standing(self):
        return [message.get("caption") or message["text"] for message in self.chat.messages.values()]

    def filmed(self):
        return sum("video" in message for message in self.chat.messages.values())

    def misbehave(self, fault, times=None):
        self.emulator.faults.kind, self.emulator.faults.times = fault, times

    def flood(self):
        self.emulator.flood.every, self.emulator.flood.storm = 1, 7

    def block(self):
        self.chat.rights = frozenset({"can_manage_chat"})

    def lose(self, url):
        self._settings.TOLI_TELEGRAM_BOT_URL = url


class GraphBench:
    """A Page or account on the Graph API's emulator."""

    secrets = ("token",)
    kind, last_step = "facebook", ""

    def __init__(self, _settings):
        self.emulator = Graph()
        self.account = self.emulator.add(self.kind, "News", "QcanaryToken123")
        self.url = ""

    @contextmanager
    def connected(self):
        with running(self.emulator) as self.url:
            yield

    def settings(self):
        return {"account_id": self.account.id, "token": self.account.token, "base_url": self.url}

    def standing(self):
        return [post["text"] for post in self.account.posts.values()]

    def filmed(self):
        return sum("video" in post for post in self.account.posts.values())

    def misbehave(self, fault, times=None):
        self.emulator.only = self.last_step
        self.emulator.faults.kind, self.emulator.faults.times = fault, times

    def flood(self):
        self.account.error, self.emulator.regain = 32, 3

    def block(self):
        self.account.error = 368

    def lose(self, url):
        self.url = url


class InstagramBench(GraphBench):
    kind, last_step = "instagram", "media_publish"


class ThreadsBench(GraphBench):
    kind, last_step = "threads", "threads_publish"


class YouTubeBench:
    """A channel on YouTube's emulator."""

    secrets = ("client_secret", "refresh_token")

    def __init__(self, _settings):
        self.emulator = YouTube()
        self.channel = self.emulator.add("News", "client", "QcanarySecret123", "QcanaryConsent123")
        self.url = ""

    @contextmanager
    def connected(self):
        with running(self.emulator) as self.url:
            yield

    def settings(self):
        channel = self.channel
        return {
            "channel_id": channel.id, "client_id": channel.client_id, "client_secret": channel.client_secret,
            "refresh_token": channel.refresh_token, "base_url": self.url, "token_url": f"{self.url}/token",
        }  # fmt: skip

    def standing(self):
        return [video["snippet"]["description"] for video in self.channel.videos.values()]

    def filmed(self):
        return sum(video["bytes"] == FILM.data for video in self.channel.videos.values())

    def misbehave(self, fault, times=None):
        self.emulator.only = "sessions"
        self.emulator.faults.kind, self.emulator.faults.times = fault, times

    def flood(self):
        self.channel.reason = "rateLimitExceeded"

    def block(self):
        self.channel.reason = "channelSuspended"

    def lose(self, url):
        self.url = url


BENCHES = {
    "telegram_posts": TelegramBench,
    "facebook": GraphBench,
    "instagram": InstagramBench,
    "threads": ThreadsBench,
    "youtube": YouTubeBench,
}


@pytest.fixture(params=sorted(PROVIDERS))
def kind(request):
    return PROVIDERS[request.param]


@pytest.fixture
def bench(kind, settings):
    made = BENCHES[kind.key](settings)
    with made.connected():
        made.provider = kind()
        yield made


def post(bench, text="canary words"):
    return Outgoing(
        bench.provider.settings_schema(**bench.settings()),
        text,
        "https://example.org/act",
        KEPT if bench.provider.capabilities.needs_picture else None,
        FILM if bench.provider.capabilities.needs_video else None,
    )


def publish(bench, items):
    """Receipts of a provider that may go in steps, as the service takes them."""
    items, found = list(items), {}
    for _step in range(STEPS):
        left = [number for number in range(len(items)) if number not in found]
        for number, receipt in zip(left, bench.provider.publish([items[number] for number in left]), strict=True):
            if receipt.verdict is Verdict.BEGUN:
                items[number] = dataclasses.replace(items[number], progress=receipt.progress)
            else:
                found[number] = receipt
        if len(found) == len(items):
            return [found[number] for number in range(len(items))]
    raise AssertionError("it never ends")


def take_back(bench, ref):
    return bench.provider.delete([Standing(bench.provider.settings_schema(**bench.settings()), ref)])[0]


def test_each_provider_of_the_settings_is_tried_here():
    assert set(BENCHES) == set(PROVIDERS)


class TestWhatItSays:
    def test_key_platform_and_settings_are_declared(self, kind):
        assert kind.key.isidentifier()
        assert kind.platform in PLATFORMS
        assert isinstance(kind.capabilities, Capabilities)
        assert dataclasses.is_dataclass(kind.settings_schema)

    def test_secrets_are_marked_and_not_shown(self, bench):
        made = bench.provider.settings_schema(**bench.settings())
        assert secret_names(bench.provider) == set(bench.secrets)
        for name in bench.secrets:
            assert getattr(made, name) not in repr(made)


class TestPublishing:
    def test_each_post_is_taken_once_and_has_a_name(self, bench):
        receipts = publish(bench, [post(bench, f"words {number}") for number in range(3)])
        assert [receipt.verdict for receipt in receipts] == [Verdict.DONE] * 3
        assert len({receipt.ref for receipt in receipts}) == 3
        assert sorted(bench.standing()) == ["words 0", "words 1", "words 2"]

    def test_a_picture_goes_with_it(self, bench):
        item = dataclasses.replace(post(bench), picture=KEPT)
        assert publish(bench, [item])[0].verdict is Verdict.DONE
        assert bench.standing() == ["canary words"]

    def test_a_video_goes_instead_of_the_picture_where_it_is_taken_and_can_be_taken_back(self, bench):
        assert bench.provider.capabilities.video
        item = dataclasses.replace(post(bench), picture=KEPT, video=FILM)
        (receipt,) = publish(bench, [item])
        assert (receipt.verdict, bench.standing()) == (Verdict.DONE, ["canary words"])
        assert bench.filmed() == 1
        if bench.provider.capabilities.deletes:
            assert take_back(bench, receipt.ref).verdict is Verdict.DONE
            assert bench.standing() == []

    def test_nothing_to_post_is_no_mistake(self, bench):
        assert publish(bench, []) == []

    @pytest.mark.parametrize("fault", [Fault.ERROR, Fault.LOST])
    def test_no_fault_is_told_as_posted_nor_what_may_stand_there_as_not_posted(self, bench, fault):
        bench.misbehave(fault, 1 if fault is Fault.LOST else None)
        (receipt,) = publish(bench, [post(bench)])
        stands = len(bench.standing())
        honest = {Verdict.UNKNOWN, Verdict.DONE} if isinstance(bench.provider, Asking) else {Verdict.UNKNOWN}
        assert stands <= 1
        assert receipt.verdict in (honest if stands else {Verdict.UNKNOWN, Verdict.LATER})

    def test_a_platform_that_is_not_there_has_surely_not_taken_it(self, bench):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            bench.lose(f"http://127.0.0.1:{free.getsockname()[1]}")
        assert publish(bench, [post(bench)])[0].verdict is Verdict.LATER

    def test_a_wait_that_is_asked_for_is_told(self, bench):
        bench.flood()
        (receipt,) = publish(bench, [post(bench)])
        assert (receipt.verdict, bench.standing()) == (Verdict.LATER, [])
        assert receipt.retry_after >= 1

    def test_an_account_that_may_not_post_stands_still(self, bench):
        bench.block()
        (receipt,) = publish(bench, [post(bench)])
        assert (receipt.verdict, bench.standing()) == (Verdict.PAUSE, [])


def test_a_name_that_no_database_keeps_is_none(bench):
    """NUL, half of a pair, longer than its column: nothing is named by it any more, so that a person is asked."""
    with strange_answers() as url:
        bench.lose(url)
        (receipt,) = publish(bench, [post(bench)])
        (health,) = bench.provider.examine([bench.provider.settings_schema(**bench.settings())])
    assert receipt.ref == ""
    assert kept(receipt.code, receipt.address, health.problem)


class TestTakingBack:
    def test_what_was_posted_is_gone_and_twice_does_no_harm(self, bench):
        (receipt,) = publish(bench, [post(bench)])
        first = take_back(bench, receipt.ref)
        if not bench.provider.capabilities.deletes:
            assert first.verdict is Verdict.REFUSED
            assert bench.standing() == ["canary words"]
            return
        assert (first.verdict, bench.standing()) == (Verdict.DONE, [])
        assert take_back(bench, receipt.ref).verdict is Verdict.DONE

    def test_a_wait_is_told_here_too(self, bench):
        (receipt,) = publish(bench, [post(bench)])
        if not bench.provider.capabilities.deletes:
            return
        bench.flood()
        assert take_back(bench, receipt.ref).verdict is Verdict.LATER


class TestHealth:
    def test_it_says_whether_it_can_be_posted_to_and_posts_nothing(self, bench):
        made = bench.provider.settings_schema(**bench.settings())
        (health,) = bench.provider.examine([made])
        assert (bool(health.name), health.problem) == (True, "")
        bench.block()
        (health,) = bench.provider.examine([made])
        assert health.problem
        assert bench.standing() == []


def test_no_key_and_no_word_stands_in_a_log(bench, caplog):
    caplog.set_level(logging.DEBUG)
    bench.misbehave(Fault.ERROR)
    publish(bench, [post(bench)])
    hidden = [bench.settings()[name] for name in bench.secrets]
    assert all(word not in caplog.text for word in ["canary words", *hidden])


class TestWhatIsBegun:
    """Only of platforms that can be asked what became of a call."""

    @pytest.fixture
    def begun(self, bench):
        if not isinstance(bench.provider, Asking):
            pytest.skip("its platform cannot be asked")
        item = dataclasses.replace(post(bench, "words https://example.org/o/own"), link="https://example.org/o/own")
        (receipt,) = bench.provider.publish([item])
        assert (receipt.verdict, bench.standing()) == (Verdict.BEGUN, [])
        return dataclasses.replace(item, progress=receipt.progress)

    def ask(self, bench, item):
        made = bench.provider.settings_schema(**bench.settings())
        return bench.provider.ask([Begun(made, item.progress, item.link)])[0]

    def test_nothing_of_it_is_shown(self, begun, caplog):
        assert begun.progress not in repr(begun)
        assert begun.progress not in caplog.text

    def test_nobody_sees_it_and_it_can_be_gone_on_with(self, bench, begun):
        assert self.ask(bench, begun).verdict is Verdict.LATER
        assert bench.standing() == []
        assert publish(bench, [begun])[0].verdict is Verdict.DONE
        assert len(bench.standing()) == 1

    def test_what_has_no_beginning_surely_does_not_stand_there(self, bench, begun):
        assert self.ask(bench, dataclasses.replace(begun, progress="")).verdict is Verdict.LATER

    def test_going_on_twice_makes_one_post(self, bench, begun):
        first, again = publish(bench, [begun]), publish(bench, [begun])
        assert [first[0].verdict, again[0].verdict] == [Verdict.DONE] * 2
        assert len(bench.standing()) == 1

    @pytest.mark.parametrize("fault", [Fault.LOST, Fault.ERROR, Fault.RESET, Fault.LATE])
    def test_a_lost_answer_is_cleared_up_by_asking_and_one_post_stands_there(self, bench, begun, fault):
        bench.misbehave(fault, 1)
        (receipt,) = publish(bench, [begun])
        assert receipt.verdict in {Verdict.UNKNOWN, Verdict.DONE}
        for _turn in range(5):
            if (asked := self.ask(bench, begun)).verdict is Verdict.DONE:
                break
            assert asked.verdict is Verdict.LATER
            publish(bench, [begun])
        assert asked.verdict is Verdict.DONE
        assert len(bench.standing()) == 1
        if asked.ref and bench.provider.capabilities.deletes:
            assert take_back(bench, asked.ref).verdict is Verdict.DONE
            assert bench.standing() == []

    def test_a_platform_that_does_not_answer_leaves_it_open(self, bench, begun):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            bench.lose(f"http://127.0.0.1:{free.getsockname()[1]}")
        assert self.ask(bench, begun).verdict is Verdict.UNKNOWN

    def test_what_was_begun_elsewhere_is_not_taken_for_ours(self, bench, begun):
        assert self.ask(bench, dataclasses.replace(begun, progress="nonsense")).verdict is not Verdict.DONE
        assert publish(bench, [dataclasses.replace(begun, progress="nonsense")])[0].verdict is not Verdict.DONE
        assert bench.standing() == []
