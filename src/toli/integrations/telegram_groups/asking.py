"""Asking the Bot API for what is to be done, by aiogram's own client; what it answers becomes an outcome.

Many at a time, messages not faster than Telegram allows. When it says to wait, nothing more of the batch is begun.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from toli.botgroups.ports import Act, End, Outcome, Task

if TYPE_CHECKING:
    from aiogram import Bot

AT_ONCE = 30
LINK_NAME = 32
# Nothing to do any more: they took their request back, are in or out already, or have gone.
PAST = (
    "USER_ALREADY_PARTICIPANT", "HIDE_REQUESTER_MISSING", "USER_NOT_PARTICIPANT", "PARTICIPANT_ID_INVALID",
    "user not found", "member not found",
)  # fmt: skip
# Somebody can give these back to the bot.
LACKING = ("not enough rights", "bot was kicked", "bot is not a member", "CHAT_ADMIN_REQUIRED")


class Batch:
    """Carries out tasks until the platform says to wait; at most ``rate`` messages in a second."""

    def __init__(self, bot: "Bot", rate: int) -> None:
        self._bot = bot
        self._rate = rate
        self._wait: float | None = None
        self._next_message = 0.0

    async def carry_out(self, tasks: Sequence[Task]) -> list[Outcome]:
        """What became of each."""
        places = asyncio.Semaphore(AT_ONCE)

        async def one(task: Task) -> Outcome:
            async with places:
                if self._wait is not None:
                    return Outcome(End.LATER, "waiting", retry_after=self._wait)
                outcome = await self._tried(task)
                if outcome.retry_after is not None:
                    self._wait = max(self._wait or 0, outcome.retry_after)
                return outcome

        return list(await asyncio.gather(*[one(task) for task in tasks]))

    async def _tried(self, task: Task) -> Outcome:
        from aiogram import exceptions as wrong

        told = False
        try:
            if task.act is Act.DECLINE and task.text:
                told = await self._tell(task)
            return await self._do(task)
        except wrong.TelegramRetryAfter as error:
            return Outcome(End.LATER, "retry_after", retry_after=float(error.retry_after), told=told)
        except wrong.TelegramMigrateToChat as error:
            return Outcome(End.LATER, "migrated", new_id=error.migrate_to_chat_id, told=told)
        except wrong.TelegramUnauthorizedError:
            return Outcome(End.LATER, "unauthorized", told=told)
        except (wrong.TelegramBadRequest, wrong.TelegramForbiddenError, wrong.TelegramNotFound) as error:
            return Outcome(_end_of(task, error.message), _short(error.message), told=told)
        except wrong.TelegramAPIError as error:  # the server's fault, or the network's
            return Outcome(End.LATER, type(error).__name__, told=told)
        except (TimeoutError, OSError) as error:
            return Outcome(End.LATER, type(error).__name__, told=told)

    async def _do(self, task: Task) -> Outcome:
        bot, chat, person = self._bot, task.chat_id, task.person_id
        match task.act:
            case Act.APPROVE:
                await bot.approve_chat_join_request(chat, person)
            case Act.DECLINE:
                await bot.decline_chat_join_request(chat, person)
            case Act.REMOVE:
                await bot.ban_chat_member(chat, person)
                await bot.unban_chat_member(chat, person, only_if_banned=True)
            case Act.TELL:
                await self._paced(person, task.text)
            case Act.POST:
                await self._paced(chat, task.text)
            case Act.LEAVE:
                await bot.leave_chat(chat)
            case Act.SET_UP:
                return Outcome(End.DONE, address=await self._set_up(task))
        return Outcome(End.DONE)

    async def _set_up(self, task: Task) -> str:
        from aiogram.exceptions import TelegramBadRequest

        await self._bot.set_chat_title(task.chat_id, task.title[:128])
        try:
            await self._bot.set_chat_description(task.chat_id, task.description)
        except TelegramBadRequest as error:
            if "not modified" not in error.message:
                raise
        link = await self._bot.create_chat_invite_link(
            task.chat_id, name=task.title[:LINK_NAME], creates_join_request=True
        )
        return link.invite_link

    async def _tell(self, task: Task) -> bool:
        """Say why, while the request still lets us write to them. Whether that is over: said, or never possible."""
        from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError

        try:
            await self._paced(task.person_id, task.text)
        except (TelegramForbiddenError, TelegramBadRequest):
            return True
        return True

    async def _paced(self, chat_id: int, text: str) -> None:
        now = time.monotonic()
        turn = self._next_message = max(now, self._next_message + 1 / self._rate)
        await asyncio.sleep(turn - now)
        await self._bot.send_message(chat_id, text)


def _end_of(task: Task, message: str) -> End:
    if any(word in message for word in PAST):
        return End.GONE
    if task.act is Act.TELL and message.startswith("Forbidden"):  # they stopped the bot: their right
        return End.GONE
    return End.LATER if any(word in message for word in LACKING) else End.REFUSED


def _short(message: str) -> str:
    return message.removeprefix("Bad Request: ").removeprefix("Forbidden: ")[:80]
