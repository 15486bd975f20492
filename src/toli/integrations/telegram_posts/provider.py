"""Posts by the bot in the groups that it keeps and in channels of which it is an administrator."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.conf import settings as installation

from toli.content.domain.platforms import utf16
from toli.core.telegram_line import line
from toli.integrations.telegram_posts.asking import Batch
from toli.posting.domain.states import Verdict
from toli.posting.ports import Capabilities, Health, Outgoing, Receipt, Standing

if TYPE_CHECKING:
    from aiogram import Bot

Result = TypeVar("Result")
PER_SECOND = 25.0  # Telegram allows a bot 30 in all


@dataclass(frozen=True, slots=True)
class TelegramPlace:
    """``chat_id``: the channel's @name, or the number of a channel or group."""

    chat_id: str

    def __post_init__(self) -> None:
        name = self.chat_id.removeprefix("@")
        if not (self.chat_id.startswith("@") and name.isidentifier()) and not self.chat_id.lstrip("-").isdigit():
            raise ValueError(f"chat_id: @name, -100…; {self.chat_id[:40]}")


class TelegramPosts:
    """Needs TOLI_TELEGRAM_BOT_SECRET. A channel needs the bot as an administrator who may post and delete."""

    key: ClassVar[str] = "telegram_posts"
    platform: ClassVar[str] = "telegram"
    name: ClassVar[str] = "Telegram"
    capabilities: ClassVar[Capabilities] = Capabilities(
        most=4096, most_with_picture=1024, count=utf16, per_second=PER_SECOND, gap=3.0,  # 20 a minute in one group
        video="whatsapp",  # below 20 MB Telegram fetches it by itself
    )  # fmt: skip
    settings_schema: ClassVar[type] = TelegramPlace

    def publish(self, posts: Sequence[Outgoing]) -> list[Receipt]:
        """Post each, not faster than Telegram allows."""
        if not installation.TOLI_TELEGRAM_BOT_SECRET:
            return [Receipt(Verdict.LATER, code="bot_missing", retry_after=300.0) for _ in posts]
        return self._meet(lambda bot: Batch(bot, PER_SECOND).publish(posts))

    def delete(self, posts: Sequence[Standing]) -> list[Receipt]:
        """Take each back."""
        if not installation.TOLI_TELEGRAM_BOT_SECRET:
            return [Receipt(Verdict.PAUSE, code="bot_missing") for _ in posts]
        return self._meet(lambda bot: Batch(bot, PER_SECOND).delete(posts))

    def examine(self, settings: Sequence[TelegramPlace]) -> list[Health]:
        """Whether the bot may post and delete there. Telegram tells no quota."""
        if not installation.TOLI_TELEGRAM_BOT_SECRET:
            return [Health(problem="bot_missing") for _ in settings]
        return self._meet(lambda bot: Batch(bot, PER_SECOND).examine([item.chat_id for item in settings]))

    def _meet(self, do: "Callable[[Bot], Coroutine[Any, Any, Result]]") -> Result:
        return line().meet(installation.TOLI_TELEGRAM_BOT_SECRET, installation.TOLI_TELEGRAM_BOT_URL, do)
