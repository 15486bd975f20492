"""Asking the Bot API to post and to delete, by aiogram's own client; what it answers becomes a receipt.

After https://core.telegram.org/bots/api: a message can be deleted for 48 hours after it was sent. A picture is handed
over once; every further post names it by the id that Telegram gave it.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import ClientConnectorError

from toli.core.telegram_line import AT_ONCE
from toli.posting.domain.states import Verdict
from toli.posting.ports import CALLS, Health, Outgoing, Picture, Receipt, Standing

if TYPE_CHECKING:
    from aiogram import Bot
    from aiogram.types import Message

Item = TypeVar("Item")
GONE = ("message to delete not found", "message identifier is not specified")
LACKING = (
    "not enough rights", "bot was kicked", "bot is not a member", "chat not found", "CHAT_WRITE_FORBIDDEN",
    "need administrator rights", "have no rights",
)  # fmt: skip
CLOSING = 30.0  # seconds before the end of CALLS in which nothing more is begun: one call may take 20


class Batch:
    """Carries out calls until the platform says to wait or the time is over."""

    def __init__(self, bot: "Bot", per_second: float) -> None:
        self._bot = bot
        self._gap = 1 / per_second
        self._next = 0.0
        self._wait: float | None = None
        self._ends_at = time.monotonic() + CALLS.total_seconds() - CLOSING
        self._pictures: dict[bytes, asyncio.Future[str]] = {}

    async def publish(self, posts: Sequence[Outgoing]) -> list[Receipt]:
        """One receipt for each post, in order."""
        return await self._each(posts, self._publish, lost=Verdict.UNKNOWN)

    async def delete(self, posts: Sequence[Standing]) -> list[Receipt]:
        """One receipt for each post, in order. Deleting twice does no harm, so that a lost answer is no riddle."""
        return await self._each(posts, self._delete, lost=Verdict.LATER)

    async def examine(self, chats: Sequence[str]) -> list[Health]:
        """Whether the bot may post and delete in each."""
        return list(await asyncio.gather(*[self._examine(chat) for chat in chats]))

    # -- one by one ----------------------------------------------------------------------------------------

    async def _publish(self, post: Outgoing) -> Receipt:
        await self._turn()
        message = await self._sent(post.settings.chat_id, post)
        chat = message.chat
        address = f"https://t.me/{chat.username}/{message.message_id}" if chat.username else ""
        return Receipt(Verdict.DONE, ref=f"{chat.id}/{message.message_id}", address=address)

    async def _sent(self, chat_id: str, post: Outgoing) -> "Message":
        if post.video is not None:
            return await self._bot.send_video(chat_id, post.video.address, caption=post.text, supports_streaming=True)
        if post.picture is None:
            return await self._bot.send_message(chat_id, post.text)
        return await self._with_picture(chat_id, post.text, post.picture)

    async def _with_picture(self, chat_id: str, text: str, picture: Picture) -> "Message":
        from aiogram.types import BufferedInputFile

        digest = hashlib.sha256(picture.data).digest()
        known = self._pictures.get(digest)
        if known is not None:
            return await self._bot.send_photo(chat_id, await known, caption=text)
        given = self._pictures[digest] = asyncio.get_running_loop().create_future()
        try:
            message = await self._bot.send_photo(chat_id, BufferedInputFile(picture.data, "picture.jpg"), caption=text)
        except BaseException as error:
            del self._pictures[digest]  # the next one hands it over again
            given.set_exception(_NotGiven())
            given.exception()  # seen, also when nobody waits
            raise error
        given.set_result(message.photo[-1].file_id if message.photo else "")
        return message

    async def _delete(self, post: Standing) -> Receipt:
        chat, _, message = post.ref.partition("/")
        await self._turn()
        await self._bot.delete_message(int(chat), int(message))
        return Receipt(Verdict.DONE)

    async def _examine(self, chat: str) -> Health:
        from aiogram.exceptions import AiogramError

        try:
            found = await self._bot.get_chat(chat)
            standing: Any = await self._bot.get_chat_member(chat, self._bot.id)
        except AiogramError as error:
            return Health(problem=_short(getattr(error, "message", type(error).__name__)))
        except (TimeoutError, OSError) as error:
            return Health(problem=type(error).__name__)
        needed = ("can_delete_messages", "can_post_messages") if found.type == "channel" else ("can_delete_messages",)
        missing = [right for right in needed if not getattr(standing, right, False)]
        return Health(name=found.title or "", problem=f"lacks {', '.join(missing)}" if missing else "")

    async def _turn(self) -> None:
        now = time.monotonic()
        turn = self._next = max(now, self._next + self._gap)
        await asyncio.sleep(turn - now)

    # -- all of them -----------------------------------------------------------------------------------------

    async def _each(
        self, items: Sequence[Item], do: Callable[[Item], Awaitable[Receipt]], *, lost: Verdict
    ) -> list[Receipt]:
        places = asyncio.Semaphore(AT_ONCE)

        async def one(item: Item) -> Receipt:
            async with places:
                if self._wait is not None or time.monotonic() >= self._ends_at:
                    return Receipt(Verdict.LATER, code="waiting", retry_after=self._wait or 1.0)
                receipt = await _tried(do, item, lost)
                if receipt.code == "retry_after":
                    self._wait = max(self._wait or 0.0, receipt.retry_after or 0.0)
                return receipt

        return list(await asyncio.gather(*[one(item) for item in items]))


class _NotGiven(Exception):
    """The picture that others waited for did not arrive: they are tried again."""


async def _tried(do: Callable[[Item], Awaitable[Receipt]], item: Item, lost: Verdict) -> Receipt:
    from aiogram import exceptions as wrong

    try:
        return await do(item)
    except _NotGiven:
        return Receipt(Verdict.LATER, code="waiting", retry_after=1.0)
    except wrong.TelegramRetryAfter as error:
        return Receipt(Verdict.LATER, code="retry_after", retry_after=float(error.retry_after))
    except wrong.TelegramMigrateToChat:  # its new number comes as an update
        return Receipt(Verdict.LATER, code="migrated", retry_after=60.0)
    except wrong.TelegramUnauthorizedError:
        return Receipt(Verdict.LATER, code="unauthorized", retry_after=300.0)  # the bot's token, not one place's
    except (wrong.TelegramBadRequest, wrong.TelegramForbiddenError, wrong.TelegramNotFound) as error:
        return Receipt(_verdict_of(error.message), code=_short(error.message))
    except wrong.TelegramAPIError as error:  # the server's fault, or the network's
        not_reached = isinstance(error.__context__, ClientConnectorError)
        return Receipt(Verdict.LATER if not_reached else lost, code=type(error).__name__)
    except Exception as error:  # an answer that cannot be read, a network that broke off: nobody knows
        return Receipt(lost, code=type(error).__name__)


def _verdict_of(message: str) -> Verdict:
    if any(word in message for word in GONE):
        return Verdict.DONE
    return Verdict.PAUSE if any(word in message for word in LACKING) else Verdict.REFUSED


def _short(message: str) -> str:
    return message.removeprefix("Bad Request: ").removeprefix("Forbidden: ")[:80]
