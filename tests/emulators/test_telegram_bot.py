"""The Bot API on this machine: aiogram works against it as it is, its updates are as Telegram describes them."""

import asyncio
import contextlib
import json
import time

import jsonschema
import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat, TelegramRetryAfter
from aiohttp import web

from tests.emulators.test_emulators import ask
from toli.core.apart import apart
from toli.emulators.running import running
from toli.emulators.telegram_bot import Flood, TelegramBot, Values
from toli.emulators.telegram_courier import SECRET_HEADER, Disturbance
from toli.emulators.telegram_world import BOT_ID, NEEDED, Refused

NEWER = {"can_send_welcome_messages"}  # since Bot API 10.3; the list that is compared with is that of 10.1
ALL = ["message", "chat_member", "my_chat_member", "chat_join_request"]


def talk(emulator, conversation):
    """What the conversation of aiogram's client with the emulator returns."""

    async def meet(url):
        async with Bot(emulator.token, session=AiohttpSession(api=TelegramAPIServer.from_base(url))) as bot:
            return await conversation(bot)

    with running(emulator) as url:
        return apart(lambda: asyncio.run(meet(url)))


def group(emulator, title="टोली"):
    """A group whose owner made the bot an administrator: its id, and the owner's."""
    owner = emulator.world.new_person("Owner")
    chat = emulator.world.new_group(owner, title)
    emulator.world.add_bot(chat, owner)
    return chat, owner


def test_aiograms_client_works_against_it_as_it_is():
    emulator = TelegramBot(flood=Flood(per_chat=0))
    world = emulator.world
    asha, ravi = world.new_person("Asha"), world.new_person("Ravi")

    async def conversation(bot):
        chat, _owner = group(emulator)
        assert (await bot.me()).id == BOT_ID
        await bot.get_updates(allowed_updates=ALL)
        link = await bot.create_chat_invite_link(chat, name="a" * 32, creates_join_request=True)
        assert world.press(asha, link.invite_link) == world.press(ravi, link.invite_link) == "asked"
        updates = await bot.get_updates(allowed_updates=ALL)
        assert {update.chat_join_request.from_user.id for update in updates[-2:]} == {asha, ravi}
        assert await bot.approve_chat_join_request(chat, asha)
        assert await bot.send_message(ravi, "कार्ड?")
        assert await bot.decline_chat_join_request(chat, ravi)
        assert (await bot.get_chat_member(chat, asha)).status == "member"
        assert (await bot.get_chat_member(chat, ravi)).status == "left"
        assert await bot.get_chat_member_count(chat) == 3
        assert [person.status for person in await bot.get_chat_administrators(chat)] == ["creator"]
        assert await bot.set_chat_title(chat, "नया नाम")
        assert await bot.set_chat_description(chat, "नियम")
        full = await bot.get_chat(chat)
        assert (full.title, full.description) == ("नया नाम", "नियम")
        message = await bot.send_message(chat, "स्वागत")
        assert await bot.pin_chat_message(chat, message.message_id)
        assert await bot.delete_message(chat, message.message_id)
        assert await bot.ban_chat_member(chat, asha)
        assert await bot.unban_chat_member(chat, asha, only_if_banned=True)
        assert (await bot.revoke_chat_invite_link(chat, link.invite_link)).is_revoked
        assert world.press(asha, link.invite_link) == "expired"
        assert await bot.set_webhook("https://example.org/hook", secret_token="abc-_1", allowed_updates=ALL)
        assert (await bot.get_webhook_info()).url == "https://example.org/hook"
        assert await bot.delete_webhook(drop_pending_updates=True)
        return chat

    chat = talk(emulator, conversation)
    assert world.truth()[chat] == set()
    assert world.people[ravi].inbox == ["कार्ड?"]
    assert world.answers == [(chat, asha, True), (chat, ravi, False)]


def test_what_cannot_be_done_is_refused_in_telegrams_words():
    emulator = TelegramBot(flood=Flood(per_chat=0))
    world = emulator.world

    async def refusal(call, kind=TelegramBadRequest):
        with pytest.raises(kind) as refused:
            await call
        return refused.value

    async def conversation(bot):
        chat, owner = group(emulator)
        asha, ravi = world.new_person(), world.new_person()
        link = await bot.create_chat_invite_link(chat, creates_join_request=True)
        world.press(asha, link.invite_link)
        await bot.approve_chat_join_request(chat, asha)
        assert "USER_ALREADY_PARTICIPANT" in str(await refusal(bot.approve_chat_join_request(chat, asha)))
        assert "HIDE_REQUESTER_MISSING" in str(await refusal(bot.approve_chat_join_request(chat, ravi)))
        assert "chat not found" in str(await refusal(bot.get_chat(-5)))
        both = bot.create_chat_invite_link(chat, creates_join_request=True, member_limit=1)
        assert "member limit" in str(await refusal(both))
        await refusal(bot.create_chat_invite_link(chat, name="a" * 33))
        assert "owner" in str(await refusal(bot.ban_chat_member(chat, owner)))
        silent = await refusal(bot.send_message(ravi, "?"), TelegramForbiddenError)
        assert "initiate conversation" in str(silent)
        world.start(ravi)
        world.block(ravi)
        assert "blocked by the user" in str(await refusal(bot.send_message(ravi, "?"), TelegramForbiddenError))
        world.set_rights(chat, owner, NEEDED - {"can_invite_users"})
        assert "not enough rights" in str(await refusal(bot.create_chat_invite_link(chat)))
        small = world.new_group(owner, "small", supergroup=False)
        world.add_bot(small, owner)
        moved = await refusal(bot.get_chat(world.migrate(small) and small), TelegramMigrateToChat)
        assert (await bot.get_chat(moved.migrate_to_chat_id)).title == "small"
        world.kick_bot(chat, owner)
        assert "kicked from the supergroup" in str(await refusal(bot.get_chat(chat), TelegramForbiddenError))

    talk(emulator, conversation)


def test_whoever_says_too_much_has_to_wait():
    emulator = TelegramBot(flood=Flood(overall=3, per_chat=1, per_group=2))

    async def conversation(bot):
        chat, _owner = group(emulator)
        people = [emulator.world.new_person() for _ in range(4)]
        for person in people:
            emulator.world.start(person)
        await bot.send_message(people[0], "1")
        with pytest.raises(TelegramRetryAfter) as refused:
            await bot.send_message(people[0], "2")
        assert refused.value.retry_after == 1
        await bot.send_message(people[1], "1")
        await bot.send_message(people[2], "1")
        with pytest.raises(TelegramRetryAfter):
            await bot.send_message(people[3], "1")
        assert await bot.get_chat(chat), "only messages count"

    talk(emulator, conversation)
    flood = Flood(overall=0, per_chat=0, per_group=2)
    assert [flood.wait("sendmessage", -1) > 50 for _ in range(3)] == [False, False, True]
    storm = Flood(every=3, storm=1)
    assert [storm.wait("getchat", -1) for _ in range(4)] == [0, 0, 1, 1]


def test_updates_come_to_the_webhook_with_the_secret_twice_late_and_again_after_an_error():
    emulator = TelegramBot(disturbance=Disturbance(twice=0.5, again=0.3, window=5, delay=0.01, pause=0.01))
    got, secrets, refuse = [], set(), [3]

    class Receiver:
        def app(self):
            app = web.Application()
            app.router.add_post("/hook", self.take)
            return app

        async def take(self, request):
            secrets.add(request.headers[SECRET_HEADER])
            if refuse[0]:
                refuse[0] -= 1
                return web.Response(status=500)
            got.append(await request.json())
            return web.Response()

    with running(emulator) as url, running(Receiver()) as receiver:
        hook = {"url": f"{receiver}/hook", "secret_token": "s3cret", "allowed_updates": ALL}
        assert ask(f"{url}/bot{emulator.token}/setWebhook", hook) == (200, {"ok": True, "result": True})
        assert ask(f"{url}/bot{emulator.token}/getUpdates")[0] == 409
        chat, _owner = group(emulator)
        _status, link = ask(
            f"{url}/bot{emulator.token}/createChatInviteLink", {"chat_id": chat, "creates_join_request": True}
        )
        for _ in range(20):
            emulator.world.press(emulator.world.new_person(), link["result"]["invite_link"])
        ends_at = time.monotonic() + 120
        while not emulator.courier.idle and time.monotonic() < ends_at:
            time.sleep(0.01)
    numbers = [update["update_id"] for update in got]
    assert secrets == {"s3cret"}
    assert {update["update_id"] for update in emulator.world.updates} <= set(numbers)
    assert len(numbers) > len(set(numbers)) > len(emulator.world.updates)
    assert numbers != sorted(numbers)


def test_people_press_buttons_over_http():
    emulator = TelegramBot()
    with running(emulator) as url:
        owner = ask(f"{url}/control/new_person", {"name": "Owner"})[1]["result"]
        chat = ask(f"{url}/control/new_group", {"owner": owner, "title": "टोली"})[1]["result"]
        asha = ask(f"{url}/control/new_person", {})[1]["result"]
        assert ask(f"{url}/control/add_person", {"chat_id": chat, "person_id": asha, "by": owner})[0] == 200
        assert ask(f"{url}/control/truth") == (200, {str(chat): [asha]})
        assert ask(f"{url}/control/press", {"nobody": 1})[0] == 400
        assert ask(f"{url}/botwrong/getMe")[1]["error_code"] == 401
        assert ask(f"{url}/bot{emulator.token}/doMagic")[1]["error_code"] == 404


def test_every_update_is_as_telegram_describes_it(shared_data):
    schema = json.loads((shared_data / "telegram" / "update.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    emulator = TelegramBot()
    world = emulator.world
    world.allowed = frozenset(ALL)
    owner = world.new_person("Owner")
    small = world.new_group(owner, "टोली", supergroup=False)
    world.add_bot(small, owner, code="abc")
    chat = world.migrate(small)
    with running(emulator) as url:
        for asks in (True, False):
            fields = {"chat_id": chat, "creates_join_request": asks, "name": "टोली"}
            link = ask(f"{url}/bot{emulator.token}/createChatInviteLink", fields)[1]["result"]
            person = world.new_person()
            world.press(person, link["invite_link"])
            if asks:
                ask(f"{url}/bot{emulator.token}/approveChatJoinRequest", {"chat_id": chat, "user_id": person})
            world.start(person, "code")
            world.kick(chat, person, owner) if asks else world.leave(chat, person)
    world.kick_bot(chat, owner)
    for update in world.updates:
        validator.validate(update)
    kinds = {next(key for key in update if key != "update_id") for update in world.updates}
    assert kinds == set(ALL)
    examples = sorted((shared_data / "telegram" / "updates").glob("*.json"))
    assert len(examples) > 20
    for example in examples:  # the schema does not simply take everything, and ours is of the same kind
        validator.validate(json.loads(example.read_text()))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"update_id": 1, "chat_join_request": {"date": 1}})


def test_every_method_and_what_it_answers_is_in_telegrams_list(shared_data):
    known = json.loads((shared_data / "telegram" / "botapi.json").read_text())
    methods = {name.lower(): method for name, method in known["methods"].items()}
    asked = []

    class Recording(dict):
        def get(self, name, default=None):
            asked.append(name)
            return default

    emulator = TelegramBot()
    for name, method in emulator._methods.items():
        assert name in methods
        asked.clear()
        fields = Recording()
        chat, _owner = group(emulator)
        emulator.world.chat_for_bot = lambda chat_id, *rights, chat=emulator.world.chats[chat]: chat
        values = Values(fields)
        values.number = lambda key, default=None: asked.append(key) or (default or 1)
        values.text = lambda key, default=None: asked.append(key) or (default or "x")
        with contextlib.suppress(Refused):
            method(values)
        assert set(asked) <= {field["name"] for field in methods[name].get("fields", [])}, name


def test_what_it_answers_has_all_that_telegram_always_sends(shared_data):
    types = json.loads((shared_data / "telegram" / "botapi.json").read_text())["types"]
    emulator = TelegramBot()
    chat, _owner = group(emulator)
    with running(emulator) as url:
        for method, kind, fields in (
            ("getMe", "User", {}),
            ("getChat", "ChatFullInfo", {"chat_id": chat}),
            ("getChatMember", "ChatMemberAdministrator", {"chat_id": chat, "user_id": BOT_ID}),
            ("createChatInviteLink", "ChatInviteLink", {"chat_id": chat}),
            ("sendMessage", "Message", {"chat_id": chat, "text": "x"}),
            ("getWebhookInfo", "WebhookInfo", {}),
        ):
            answer = ask(f"{url}/bot{emulator.token}/{method}", fields)[1]["result"]
            described = {field["name"]: field["required"] for field in types[kind]["fields"]}
            assert set(answer) - NEWER <= set(described), method
            assert {name for name, required in described.items() if required} <= set(answer), method


def test_who_starts_again_has_what_stood_in_its_channels(tmp_path):
    """And numbers go on, so that no old message is taken for a new one."""
    ledger = tmp_path / "posts.jsonl"
    first = TelegramBot(channels=["news"], ledger=ledger).world
    numbers = [first.send(first.find("@news"), f"words {number}")["message_id"] for number in range(3)]
    first.delete(first.chats[first.find("@news")], numbers[1])
    again = TelegramBot(channels=["news"], ledger=ledger).world
    channel = again.chats[again.find("@news")]
    assert [message["text"] for message in channel.messages.values()] == ["words 0", "words 2"]
    assert again.send(channel.id, "new")["message_id"] > numbers[2]
    again.delete(channel, numbers[0])
    lines = [json.loads(line) for line in ledger.read_text().splitlines()]
    assert [line.get("deleted", False) for line in lines] == [False] * 3 + [True, False, True]
