"""Telegram as a channel: what is refused before the call, and what the Bot API's answers mean."""

import json

import pytest

from tests.contracts.test_channel_provider import send
from toli.core.posting import Reply
from toli.emulators.running import running
from toli.emulators.telegram_bot import Flood, TelegramBot
from toli.integrations.telegram_channel.answers import receipt_of
from toli.integrations.telegram_channel.provider import Settings, TelegramChannelProvider
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.errors import MessageRefused
from toli.messaging.ports import Content, Letter

TOKEN = TelegramBot.token


def a_letter(person="500000001", **content):
    return Letter(str(person), Content(**{"text": "आज *बैठक* है।", **content}), (), "c.1")


def refused(status, description="", **more):
    return receipt_of(Reply(True, status, json.dumps({"ok": False, "description": description, **more}).encode()))


class TestRendering:
    def test_every_sign_means_itself(self):
        body = json.loads(TelegramChannelProvider(Settings(token=TOKEN)).render(a_letter()))
        assert body == {"chat_id": 500000001, "text": "आज *बैठक* है।"}

    @pytest.mark.parametrize(
        ("letter", "reason"),
        [
            (a_letter("+910123456789"), "no_account"), (a_letter(text=" "), "empty"),
            (a_letter(text="x" * 4097), "too_long"), (a_letter(media="video"), "media"),
            (a_letter(buttons=(("y", "Yes"),)), "buttons"),
        ],
    )  # fmt: skip
    def test_what_it_cannot_carry(self, letter, reason):
        with pytest.raises(MessageRefused) as refusal:
            TelegramChannelProvider(Settings(token=TOKEN)).render(letter)
        assert refusal.value.params["reason"] == reason

    @pytest.mark.parametrize(("change", "told"), [({"token": "x"}, "token"), ({"base_url": "http://x.y"}, "base_url")])
    def test_each_mistake_in_the_settings_is_named(self, change, told):
        with pytest.raises(ValueError, match=told):
            Settings(**{"token": TOKEN, **change})


PICTURE = {"media": "image", "media_link": "https://toli.example.org/m/abc.jpg"}


class TestPictures:
    @pytest.fixture
    def bot(self):
        made = TelegramBot(flood=Flood(0, 0, 0))
        with running(made) as url:
            made.provider = TelegramChannelProvider(Settings(token=TOKEN, base_url=url))
            yield made

    def write(self, bot, count=1, **content):
        """To so many people, one after the other; what each got."""
        found = [bot.world.new_person() for _ in range(count)]
        receipts = []
        for person in found:
            bot.world.start(person)
            receipts += send(bot.provider, a_letter(person, **{**PICTURE, **content}))
        assert {receipt.verdict for receipt in receipts} == {Verdict.ACCEPTED}
        return [bot.world.people[person].inbox for person in found]

    def test_it_is_fetched_once_and_named_afterwards(self, bot):
        assert self.write(bot, 3) == [["आज *बैठक* है।"]] * 3
        assert bot.calls["sendphoto"] == 3
        assert len(bot.world.photos) == 1

    @pytest.mark.parametrize(("text", "method"), [("🙂" * 512, "sendphoto"), ("🙂" * 513, "sendmessage")])
    def test_a_text_longer_than_a_caption_goes_without_it(self, bot, text, method):
        assert self.write(bot, text=text) == [[text]]
        assert list(bot.calls) == [method]

    def test_where_telegram_cannot_fetch_it_the_words_go_alone_and_it_is_not_tried_again(self, bot):
        bot.world.unreachable = True
        assert self.write(bot, 3) == [["आज *बैठक* है।"]] * 3
        assert bot.calls == {"sendphoto": 1, "sendmessage": 3}


class TestAnswers:
    @pytest.mark.parametrize(
        ("status", "description", "verdict"),
        [
            (403, "Forbidden: bot was blocked by the user", Verdict.BLOCKED),
            (403, "Forbidden: user is deactivated", Verdict.OTHER_CHANNEL),
            (403, "Forbidden: bot can't initiate conversation with a user", Verdict.OTHER_CHANNEL),
            (400, "Bad Request: chat not found", Verdict.OTHER_CHANNEL),
            (400, "Bad Request: message is too long", Verdict.REFUSED),
            (401, "Unauthorized", Verdict.PAUSE_SENDER),
            (404, "Not Found", Verdict.PAUSE_SENDER),
            (502, "Bad Gateway", Verdict.UNKNOWN),
        ],
    )
    def test_words_and_statuses(self, status, description, verdict):
        assert refused(status, description).verdict is verdict

    def test_how_long_to_wait_stands_in_the_answer(self):
        assert refused(429, "Too Many Requests", parameters={"retry_after": 17}).retry_after == 17.0

    def test_an_answer_that_cannot_be_read_leaves_it_unknown(self):
        assert receipt_of(Reply(True, 200, b"<html>")).verdict is Verdict.UNKNOWN

    def test_the_bot_keeps_to_what_a_chat_may_hear_in_a_second(self):
        bot = TelegramBot(flood=Flood(overall=0, per_chat=1, per_group=0))
        person = bot.world.new_person()
        bot.world.start(person)
        with running(bot) as url:
            provider = TelegramChannelProvider(Settings(token=TOKEN, base_url=url))
            found = send(provider, a_letter(person), a_letter(person))
        assert sorted(receipt.verdict for receipt in found) == [Verdict.ACCEPTED, Verdict.SLOW_SENDER]
        assert {receipt.retry_after for receipt in found} == {None, 1.0}
