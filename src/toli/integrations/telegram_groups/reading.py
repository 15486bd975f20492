"""What an update of the Bot API says, read by aiogram's types. What people write in groups is not looked at."""

import re
from collections.abc import Mapping
from typing import Any

from toli.botgroups.ports import AskedToJoin, BotMoved, ChatMoved, CodeGiven, News, PersonMoved, StopSaid
from toli.messaging.domain.stop_words import language_of_stop

UPDATES = ("message", "my_chat_member", "chat_member", "chat_join_request")
RIGHTS = ("can_change_info", "can_invite_users", "can_restrict_members")
INSIDE = ("creator", "administrator", "member")
_START = re.compile(r"/start(?:@\w+)?(?:\s+(\S{1,64}))?\s*")


def is_wanted(update: Mapping[str, Any]) -> bool:
    """Whether it can hold news, without reading it whole.

    Of messages: starts of the bot, changes of number, and in private words that mean stop.
    """
    if "message" not in update:
        return any(kind in update for kind in UPDATES)
    message = update["message"]
    if not isinstance(message, dict):
        return False
    text = str(message.get("text", ""))
    if "migrate_to_chat_id" in message or text.startswith("/start"):
        return True
    chat = message.get("chat")
    return isinstance(chat, dict) and chat.get("type") == "private" and language_of_stop(text) is not None


def read(update: Mapping[str, Any], *, bot_id: int) -> News | None:
    """The news in an update; None when there is none for us. Raises ValueError: it is no update."""
    from aiogram.types import Update

    found = Update.model_validate(dict(update))
    if found.chat_join_request is not None:
        request = found.chat_join_request
        return AskedToJoin(request.chat.id, request.from_user.id, request.date)
    if found.my_chat_member is not None:
        return _bot_moved(found.my_chat_member)
    if found.chat_member is not None:
        change = found.chat_member
        person = change.new_chat_member.user
        if person.is_bot or person.id == bot_id:
            return None
        return PersonMoved(change.chat.id, person.id, _is_inside(change.new_chat_member), change.date)
    return _message(found.message) if found.message is not None else None


def _bot_moved(change: Any) -> BotMoved | None:
    if change.chat.type not in ("group", "supergroup"):
        return None
    standing = change.new_chat_member
    missing = tuple(right for right in RIGHTS if not getattr(standing, right, False))
    inside = _is_inside(standing)
    return BotMoved(change.chat.id, change.chat.title or "", inside, missing if inside else (), change.date)


def _is_inside(standing: Any) -> bool:
    return standing.status in INSIDE or bool(getattr(standing, "is_member", False))


def _message(message: Any) -> News | None:
    if message.migrate_to_chat_id is not None:
        return ChatMoved(message.chat.id, message.migrate_to_chat_id)
    if message.from_user is None:
        return None
    alone = message.chat.type == "private"
    if alone and (language := language_of_stop(message.text or "")) is not None:
        return StopSaid(message.from_user.id, language, message.date)
    started = _START.fullmatch(message.text or "")
    if started is None:
        return None
    if not alone and not started[1]:
        return None
    return CodeGiven(message.chat.id, message.from_user.id, started[1] or "", alone)
