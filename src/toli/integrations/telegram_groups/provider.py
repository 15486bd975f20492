"""Telegram groups, kept by a bot: people ask to join, card holders are let in, the roster follows by itself."""

import hmac
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.conf import settings

from toli.botgroups import services
from toli.botgroups.errors import BotMissing, BotRefused
from toli.botgroups.ports import BotName, News, Outcome, Task
from toli.chatgroups.ports import GroupRequest
from toli.core.telegram_line import line
from toli.integrations.telegram_groups import reading
from toli.integrations.telegram_groups.asking import Batch

if TYPE_CHECKING:
    from aiogram import Bot

Result = TypeVar("Result")
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 the name of a header
ADMIN = "change_info+restrict_members+invite_users+pin_messages+delete_messages+manage_chat"


class TelegramGroupProvider:
    """Needs TOLI_TELEGRAM_BOT_SECRET, the token that @BotFather gave out."""

    key: ClassVar[str] = "telegram_bot"
    platforms: ClassVar[tuple[str, ...]] = ("telegram",)
    channel: ClassVar[str] = "telegram"

    # -- groups ------------------------------------------------------------------------------------------

    def request_groups(self, requests: Sequence[GroupRequest]) -> None:
        """A named person creates each group and puts the bot in. Raises BotMissing."""
        services.expect_groups(self.key, requests)

    # -- what comes ----------------------------------------------------------------------------------------

    @property
    def bot_id(self) -> int:
        """The number of the bot. Raises BotMissing."""
        number = self._token.partition(":")[0]
        if not number.isdigit():
            raise BotMissing
        return int(number)

    def is_genuine(self, headers: Mapping[str, str]) -> bool:
        """Whether the header of an update holds our secret. Raises BotMissing."""
        secret = headers.get(SECRET_HEADER, "")
        return hmac.compare_digest(secret.encode(), self._hook_secret.encode())

    def number_of(self, update: Mapping[str, Any]) -> int:
        """The update_id. Raises ValueError."""
        number = update["update_id"]
        if not isinstance(number, int) or not 0 <= number < 2**63:
            raise ValueError(number)
        return number

    def is_wanted(self, update: Mapping[str, Any]) -> bool:
        """Whether it can hold news."""
        return reading.is_wanted(update)

    def read(self, update: Mapping[str, Any]) -> News | None:
        """The news in it. Raises ValueError."""
        return reading.read(update, bot_id=self.bot_id)

    # -- what is done ---------------------------------------------------------------------------------------

    def carry_out(self, tasks: Sequence[Task]) -> list[Outcome]:
        """What became of each."""
        return self._meet(lambda bot: Batch(bot, settings.TOLI_TELEGRAM_BOT_RATE).carry_out(tasks))

    def connect(self, address: str) -> BotName:
        """Have updates sent to ``address``. Raises BotMissing, BotRefused."""
        from aiogram.exceptions import AiogramError

        async def introduce(bot: "Bot") -> BotName:
            me = await bot.me()
            await bot.set_webhook(
                address, secret_token=self._hook_secret, allowed_updates=list(reading.UPDATES), max_connections=20
            )
            return BotName(me.id, me.username or "")

        try:
            return self._meet(introduce)
        except (AiogramError, OSError) as error:
            raise BotRefused(reason=str(error)[:200]) from None

    def count(self, chat_ids: Sequence[int]) -> dict[int, int]:
        """People in each group, the bot left out."""
        from aiogram.exceptions import AiogramError

        async def counted(bot: "Bot") -> dict[int, int]:
            found = {}
            for chat_id in chat_ids:
                try:
                    found[chat_id] = await bot.get_chat_member_count(chat_id) - 1
                except (AiogramError, OSError):
                    continue
            return found

        return self._meet(counted)

    # -- addresses --------------------------------------------------------------------------------------------

    def person_address(self, username: str, code: str) -> str:
        """Telegram opens the bot with the code."""
        return f"https://t.me/{username}?start={code}"

    def group_address(self, username: str, code: str) -> str:
        """Telegram asks into which group the bot shall go, with the rights that it needs."""
        return f"https://t.me/{username}?startgroup={code}&admin={ADMIN}"

    def _meet(self, do: "Callable[[Bot], Coroutine[Any, Any, Result]]") -> Result:
        return line().meet(self._token, settings.TOLI_TELEGRAM_BOT_URL, do)

    @property
    def _token(self) -> str:
        token: str = settings.TOLI_TELEGRAM_BOT_SECRET
        if not token:
            raise BotMissing
        return token

    @property
    def _hook_secret(self) -> str:
        """Drawn from our own key and the token: stored nowhere, and another one for another bot."""
        return hmac.digest(settings.SECRET_KEY.encode(), b"telegram hook " + self._token.encode(), "sha256").hex()
