"""What is true in the Telegram of an emulator: people, groups, who is in them, and what a bot may do there.

No HTTP here: telegram_bot.py answers a bot, tests press buttons for people. After https://core.telegram.org/bots/api.
"""

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

BOT_ID = 7_000_000_001
INSIDE = ("creator", "administrator", "member")
RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_send_welcome_messages",
    "can_post_messages",
    "can_edit_messages",
)
NEEDED = frozenset(
    {"can_manage_chat", "can_delete_messages", "can_restrict_members", "can_change_info", "can_invite_users"}
) | {"can_pin_messages"}
IN_CHANNELS = frozenset({"can_manage_chat", "can_post_messages", "can_delete_messages"})
CAPTION_LIMIT = 1024
DELETABLE = 48 * 3600  # seconds after it was sent, for which a message can be deleted
DEFAULT_UPDATES = frozenset({"message", "my_chat_member", "chat_join_request"})  # chat_member has to be asked for


class Refused(Exception):
    """What a bot asked for is not possible, in the words of the Bot API."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.parameters = parameters


def bad(text: str) -> Refused:
    """A request that is wrong."""
    return Refused(400, f"Bad Request: {text}")


@dataclass
class Link:
    """An invite link of a group."""

    address: str
    name: str
    asks: bool  # who follows it asks to join
    limit: int | None = None
    expires: int | None = None
    revoked: bool = False
    used: int = 0


@dataclass
class Chat:
    """A group. ``people``: the status of everybody who was ever in it. ``requests``: who waits, by which link."""

    id: int
    title: str
    type: str = "supergroup"
    description: str = ""
    people: dict[int, str] = field(default_factory=dict)
    rights: frozenset[str] = frozenset()
    links: dict[str, Link] = field(default_factory=dict)
    requests: dict[int, Link] = field(default_factory=dict)
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    moved_to: int | None = None
    username: str = ""

    def inside(self) -> set[int]:
        """The people in it; not the bot."""
        return {person for person, status in self.people.items() if status in INSIDE and person != BOT_ID}


@dataclass
class Person:
    """Somebody with an account. ``talks``: they have started the bot; ``blocked``: and then stopped it."""

    id: int
    name: str
    talks: bool = False
    blocked: bool = False
    inbox: list[str] = field(default_factory=list)


class World:
    """Everything that is so. ``emit`` is told each update that the bot is to get; ``written``, what it says in channels
    and groups and deletes there."""

    def __init__(self, *, username: str = "toli_test_bot", clock: Callable[[], float] = time.time) -> None:
        self.username = username
        self.clock = clock
        self.lock = threading.RLock()
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.photos: dict[str, bytes] = {}
        self.unreachable = False
        self.allowed: frozenset[str] = DEFAULT_UPDATES
        self.updates: list[dict[str, Any]] = []  # all that happened, in the order in which it did
        self.answers: list[tuple[int, int, bool]] = []  # chat, person, taken
        self.emit: Callable[[dict[str, Any]], None] = lambda update: None
        self.written: Callable[[dict[str, Any]], None] = lambda line: None
        self._people = itertools.count(500_000_001)
        self._chats = itertools.count(1_000_000_001)
        self._messages = itertools.count(1)
        self._updates = itertools.count(880_000_000)

    # -- as the Bot API writes them --------------------------------------------------------------------

    def bot(self) -> dict[str, Any]:
        """The bot as a user."""
        return {"id": BOT_ID, "is_bot": True, "first_name": "Toli", "username": self.username}

    def user(self, person_id: int) -> dict[str, Any]:
        """A person, or the bot, as a user."""
        if person_id == BOT_ID:
            return self.bot()
        person = self.people[person_id]
        return {"id": person.id, "is_bot": False, "first_name": person.name, "language_code": "hi"}

    def chat(self, chat: Chat) -> dict[str, Any]:
        """A group or channel as updates name it."""
        found = {"id": chat.id, "type": chat.type, "title": chat.title}
        return found | ({"username": chat.username} if chat.username else {})

    def link(self, link: Link, *, shown: bool = True) -> dict[str, Any]:
        """An invite link; to others than its maker its second half is not shown."""
        found: dict[str, Any] = {
            "invite_link": link.address if shown else link.address[:-8] + "...",
            "creator": self.bot(),
            "creates_join_request": link.asks,
            "is_primary": False,
            "is_revoked": link.revoked,
        }
        if link.name:
            found["name"] = link.name
        if link.limit:
            found["member_limit"] = link.limit
        return found

    def member(self, chat: Chat, person_id: int) -> dict[str, Any]:
        """Somebody's standing in a group."""
        status = chat.people.get(person_id, "left")
        found: dict[str, Any] = {"status": status, "user": self.user(person_id)}
        if status == "creator":
            found |= {"is_anonymous": False}
        elif status == "administrator":
            rights = chat.rights if person_id == BOT_ID else NEEDED
            found |= {"can_be_edited": False, "is_anonymous": False} | {name: name in rights for name in RIGHTS}
        elif status == "kicked":
            found |= {"until_date": 0}
        return found

    # -- what people do --------------------------------------------------------------------------------

    def new_person(self, name: str = "Asha") -> int:
        """Somebody gets an account. Returns their id."""
        with self.lock:
            person = Person(next(self._people), name)
            self.people[person.id] = person
            return person.id

    def new_people(self, count: int) -> list[int]:
        """Many people get accounts at once. Returns their ids."""
        return [self.new_person() for _ in range(count)]

    def new_group(self, owner: int, title: str, *, supergroup: bool = True) -> int:
        """A person makes a group. Returns its id."""
        with self.lock:
            number = next(self._chats)
            chat = Chat(
                -1_000_000_000_000 - number if supergroup else -number, title, "supergroup" if supergroup else "group"
            )
            chat.people[owner] = "creator"
            self.chats[chat.id] = chat
            return chat.id

    def new_channel(self, owner: int, title: str, username: str = "") -> int:
        """A person makes a channel. Returns its id."""
        with self.lock:
            chat_id = self.new_group(owner, title)
            self.chats[chat_id].type, self.chats[chat_id].username = "channel", username
            return chat_id

    def stand(self, line: dict[str, Any]) -> None:
        """What the bot said in a channel before, or deleted there, as it was ``written``."""
        with self.lock:
            chat = self.chats[self.find(str(line["chat"]))]
            number = int(line["number"])
            if line.get("deleted"):
                chat.messages.pop(number, None)
                return
            told = {"message_id": number, "date": line["date"], "chat": self.chat(chat), "text": line["text"]}
            chat.messages[number] = told
            self._messages = itertools.count(number + 1)

    def start(self, person_id: int, code: str = "") -> None:
        """A person opens the bot's address and presses Start."""
        with self.lock:
            person = self.people[person_id]
            person.talks, person.blocked = True, False
            self.say(person_id, f"/start {code}".strip())

    def say(self, person_id: int, text: str, chat_id: int | None = None) -> None:
        """A person writes to the bot, or in a group."""
        with self.lock:
            where = self.chat(self.chats[chat_id]) if chat_id else self._private(person_id)
            self._message(where, text=text, **{"from": self.user(person_id)})

    def add_bot(self, chat_id: int, by: int, *, rights: frozenset[str] = NEEDED, code: str = "") -> None:
        """A person makes the bot an administrator of a group, by an address with ``startgroup=<code>``."""
        with self.lock:
            chat = self.chats[chat_id]
            chat.rights = frozenset(rights)
            self._change(chat, BOT_ID, "administrator" if rights else "member", by=by)
            if code:
                self.say(by, f"/start@{self.username} {code}", chat_id)

    def set_rights(self, chat_id: int, by: int, rights: frozenset[str]) -> None:
        """A person changes what the bot may do."""
        self.add_bot(chat_id, by, rights=rights)

    def kick_bot(self, chat_id: int, by: int) -> None:
        """A person throws the bot out."""
        with self.lock:
            self.chats[chat_id].rights = frozenset()
            self._change(self.chats[chat_id], BOT_ID, "kicked", by=by)

    def press(self, person_id: int, address: str) -> str:
        """A person follows an invite link and presses its button. Returns asked, joined, already, or why not."""
        with self.lock:
            found = [(chat, chat.links[address]) for chat in self.chats.values() if address in chat.links]
            if not found or found[0][1].revoked:
                return "expired"
            chat, link = found[0]
            status = chat.people.get(person_id, "left")
            if status in INSIDE or status == "kicked":
                return "already" if status in INSIDE else "banned"
            if link.expires and link.expires < self.clock():
                return "expired"
            if not link.asks:
                self._join(chat, person_id, by=person_id, link=link)
                return "joined"
            if person_id not in chat.requests:
                chat.requests[person_id] = link
                self._request(chat, person_id, link)
            return "asked"

    def press_many(self, presses: list[tuple[int, str]]) -> list[str]:
        """Many people press at once: who, and which address."""
        return [self.press(person_id, address) for person_id, address in presses]

    def take_back(self, person_id: int, chat_id: int) -> None:
        """A person no longer asks to join. The bot is not told."""
        with self.lock:
            self.chats[chat_id].requests.pop(person_id, None)

    def add_person(self, chat_id: int, person_id: int, by: int) -> None:
        """An administrator puts somebody into the group by hand."""
        with self.lock:
            self._join(self.chats[chat_id], person_id, by=by, link=None)

    def leave(self, chat_id: int, person_id: int) -> None:
        """A person leaves a group."""
        with self.lock:
            self._change(self.chats[chat_id], person_id, "left", by=person_id)

    def kick(self, chat_id: int, person_id: int, by: int) -> None:
        """An administrator throws somebody out."""
        with self.lock:
            self._change(self.chats[chat_id], person_id, "kicked", by=by)

    def block(self, person_id: int) -> None:
        """A person stops the bot."""
        self.people[person_id].blocked = True

    def migrate(self, chat_id: int) -> int:
        """A basic group becomes a supergroup, with another id. Returns it."""
        with self.lock:
            old = self.chats[chat_id]
            new = Chat(-1_000_000_000_000 - next(self._chats), old.title, "supergroup", old.description)
            new.people, new.rights, new.links, new.requests = dict(old.people), old.rights, old.links, old.requests
            old.links, old.requests, old.moved_to = {}, {}, new.id
            self.chats[new.id] = new
            self._message(self.chat(old), migrate_to_chat_id=new.id, **{"from": self.user(_owner(old))})
            self._message(self.chat(new), migrate_from_chat_id=old.id, **{"from": self.user(_owner(old))})
            return new.id

    def truth(self) -> dict[int, set[int]]:
        """Who is in which group; its owner and the bot left out."""
        with self.lock:
            return {
                chat.id: {person for person in chat.inside() if chat.people[person] == "member"}
                for chat in self.chats.values()
                if chat.moved_to is None
            }

    # -- what the bot does -------------------------------------------------------------------------------

    def chat_for_bot(self, chat_id: int, *rights: str) -> Chat:
        """A group that the bot is in, with the rights that it needs. Raises Refused."""
        chat = self.chats.get(chat_id)
        if chat is None:
            raise bad("chat not found")
        if chat.moved_to is not None:
            raise Refused(
                400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.moved_to
            )
        status = chat.people.get(BOT_ID)
        if status == "kicked":
            raise Refused(403, f"Forbidden: bot was kicked from the {chat.type} chat")
        if status not in INSIDE:
            raise Refused(403, f"Forbidden: bot is not a member of the {chat.type} chat")
        if not chat.rights.issuperset(rights):
            raise bad("not enough rights")
        return chat

    def add_link(self, chat: Chat, link: Link) -> Link:
        """The link gets its address."""
        link.address = f"https://t.me/+{secrets.token_urlsafe(12)}"
        chat.links[link.address] = link
        return link

    def answer(self, chat: Chat, person_id: int, *, take: bool) -> None:
        """The bot takes somebody who asked, or does not. Raises Refused."""
        if person_id not in self.people:
            raise bad("user not found")
        if take and chat.people.get(person_id) in INSIDE:
            raise bad("USER_ALREADY_PARTICIPANT")
        if person_id not in chat.requests:
            raise bad("HIDE_REQUESTER_MISSING")
        link = chat.requests.pop(person_id)
        self.answers.append((chat.id, person_id, take))
        if take:
            self._join(chat, person_id, by=BOT_ID, link=link)

    def ban(self, chat: Chat, person_id: int) -> None:
        """The bot throws somebody out for good. Raises Refused."""
        if person_id not in self.people:
            raise bad("PARTICIPANT_ID_INVALID")
        status = chat.people.get(person_id)
        if status == "creator":
            raise bad("can't remove chat owner")
        if status == "administrator":
            raise bad("user is an administrator of the chat")
        chat.requests.pop(person_id, None)
        if status != "kicked":
            self._change(chat, person_id, "kicked", by=BOT_ID)

    def unban(self, chat: Chat, person_id: int, *, only_if_banned: bool) -> None:
        """Somebody may come back; without ``only_if_banned`` somebody who is in the group leaves it."""
        if person_id not in self.people:
            raise bad("PARTICIPANT_ID_INVALID")
        status = chat.people.get(person_id, "left")
        if status == "kicked" or (status == "member" and not only_if_banned):
            self._change(chat, person_id, "left", by=BOT_ID)

    def find(self, name: str) -> int:
        """The id of a channel or group by its @name. Raises Refused."""
        for chat in self.chats.values():
            if chat.username and chat.username.lower() == name.removeprefix("@").lower():
                return chat.id
        raise bad("chat not found")

    def send_photo(self, chat_id: int, photo: bytes | str, caption: str) -> dict[str, Any]:
        """A picture of the bot: its bytes, the address to fetch it from, or the id of one that was sent. Raises
        Refused. Addresses on this machine are as good as any here, unless they are ``unreachable``."""
        fetched = isinstance(photo, str) and photo.startswith(("http://", "https://")) and not self.unreachable
        if isinstance(photo, str) and photo not in self.photos and not fetched:
            raise bad("wrong file identifier/HTTP URL specified")
        if not photo:
            raise bad("file must be non-empty")
        if len(caption.encode("utf-16-le")) // 2 > CAPTION_LIMIT:
            raise bad("message caption is too long")
        file_id = photo if isinstance(photo, str) and not fetched else f"photo-{len(self.photos) + 1}"
        message = self.send(chat_id, caption or " ")
        if isinstance(photo, bytes) or fetched:
            self.photos[file_id] = photo if isinstance(photo, bytes) else photo.encode()
        size = {"file_id": file_id, "file_unique_id": file_id, "width": 90, "height": 90, "file_size": 1}
        more = {"photo": [size]} | ({"caption": caption} if caption else {})
        if chat_id < 0:
            self.chats[chat_id].messages[message["message_id"]] |= more
        return {name: value for name, value in message.items() if name != "text"} | more

    def send_video(self, chat_id: int, address: str, caption: str) -> dict[str, Any]:
        """A video of the bot, fetched from its address, as pictures are. Raises Refused."""
        if not address.startswith(("http://", "https://")) or self.unreachable:
            raise bad("failed to get HTTP URL content")
        if len(caption.encode("utf-16-le")) // 2 > CAPTION_LIMIT:
            raise bad("message caption is too long")
        message = self.send(chat_id, caption or " ")
        video = {"file_id": address[-40:], "file_unique_id": address[-40:], "width": 90, "height": 90, "duration": 1}
        more = {"video": video} | ({"caption": caption} if caption else {})
        if chat_id < 0:
            self.chats[chat_id].messages[message["message_id"]] |= more
        return {name: value for name, value in message.items() if name != "text"} | more

    def delete(self, chat: Chat, number: int) -> None:
        """The bot deletes a message. Raises Refused."""
        message = chat.messages.get(number)
        if message is None:
            raise bad("message to delete not found")
        if self.clock() - message["date"] > DELETABLE:
            raise bad("message can't be deleted for everyone")
        if "can_delete_messages" not in chat.rights:
            raise bad("message can't be deleted")
        del chat.messages[number]
        self.written({"chat": chat.username or chat.id, "number": number, "deleted": True})

    def send(self, chat_id: int, text: str) -> dict[str, Any]:
        """A message of the bot in a group or channel, or to a person. Raises Refused."""
        if not 1 <= len(text.encode("utf-16-le")) // 2 <= 4096:
            raise bad("message text is empty" if not text else "message is too long")
        if chat_id > 0:
            where = self._private(self._reached(chat_id).id)
            self.people[chat_id].inbox.append(text)
            messages: dict[int, dict[str, Any]] = {}
        else:
            chat = self.chat_for_bot(chat_id)
            if chat.type == "channel" and "can_post_messages" not in chat.rights:
                raise bad("need administrator rights in the channel chat")
            where, messages = self.chat(chat), chat.messages
        number = next(self._messages)
        message = messages[number] = {"message_id": number, "date": int(self.clock()), "chat": where, "text": text}
        if chat_id < 0:
            name = self.chats[chat_id].username or chat_id
            self.written({"chat": name, "number": number, "date": message["date"], "text": text})
        return dict(message) if where["type"] == "channel" else {**message, "from": self.bot()}

    def _reached(self, person_id: int) -> Person:
        person = self.people.get(person_id)
        if person is None:
            raise bad("chat not found")
        if person.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if not person.talks and not any(person_id in chat.requests for chat in self.chats.values()):
            raise Refused(403, "Forbidden: bot can't initiate conversation with a user")
        return person

    # -- updates -----------------------------------------------------------------------------------------

    def _private(self, person_id: int) -> dict[str, Any]:
        return {"id": person_id, "type": "private", "first_name": self.people[person_id].name}

    def _join(self, chat: Chat, person_id: int, *, by: int, link: Link | None) -> None:
        more: dict[str, Any] = {}
        if link is not None:
            link.used += 1
            more["invite_link"] = self.link(link)
            if link.asks:
                more["via_join_request"] = True
        chat.requests.pop(person_id, None)
        self._change(chat, person_id, "member", by=by, **more)

    def _change(self, chat: Chat, person_id: int, status: str, *, by: int, **more: Any) -> None:
        before = self.member(chat, person_id)
        chat.people[person_id] = status
        kind = "my_chat_member" if person_id == BOT_ID else "chat_member"
        self._tell(
            kind,
            {
                "chat": self.chat(chat),
                "from": self.user(by),
                "date": int(self.clock()),
                "old_chat_member": before,
                "new_chat_member": self.member(chat, person_id),
                **more,
            },
        )

    def _request(self, chat: Chat, person_id: int, link: Link) -> None:
        self._tell(
            "chat_join_request",
            {
                "chat": self.chat(chat),
                "from": self.user(person_id),
                "user_chat_id": person_id,
                "date": int(self.clock()),
                "invite_link": self.link(link),
            },
        )

    def _message(self, where: Mapping[str, Any], **more: Any) -> None:
        if "text" in more and str(more["text"]).startswith("/"):
            length = len(str(more["text"]).split()[0])
            more["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        message = {"message_id": next(self._messages), "date": int(self.clock()), "chat": dict(where), **more}
        self._tell("message", message)

    def _tell(self, kind: str, content: dict[str, Any]) -> None:
        """The bot learns of it, if it asked for such updates and is there to see it."""
        chat = self.chats.get(content["chat"]["id"])
        if chat is not None and kind in ("chat_member", "chat_join_request"):
            if chat.people.get(BOT_ID) != "administrator":
                return
            if kind == "chat_join_request" and "can_invite_users" not in chat.rights:
                return
        if kind in self.allowed:
            update = {"update_id": next(self._updates), kind: content}
            self.updates.append(update)
            self.emit(update)

    def tell_again(self, update: Mapping[str, Any]) -> None:
        """The same news under a new number."""
        with self.lock:
            self.emit({**update, "update_id": next(self._updates)})


def _owner(chat: Chat) -> int:
    return next(person for person, status in chat.people.items() if status == "creator")
