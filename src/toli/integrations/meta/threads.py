"""Posts of accounts on Threads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from toli.content.domain.platforms import utf16
from toli.integrations.meta.containers import Steps, publish, quota
from toli.integrations.meta.graph import Answer, Asker, MetaAccount, receipts, work
from toli.posting.domain.states import Verdict
from toli.posting.ports import Capabilities, Health, Outgoing, Receipt, Standing

STEPS = Steps("threads", "threads_publish", "threads_publishing_limit", "status")


@dataclass(frozen=True, slots=True)
class ThreadsAccount(MetaAccount):
    """As on the other platforms, at another address."""

    base_url: str = "https://graph.threads.net"
    version: str = "v1.0"


class ThreadsAccounts:
    """``token``: with threads_basic, threads_content_publish and threads_delete."""

    key: ClassVar[str] = "threads"
    platform: ClassVar[str] = "threads"
    name: ClassVar[str] = "Threads"
    capabilities: ClassVar[Capabilities] = Capabilities(
        most=500, most_with_picture=500, count=utf16, per_second=2.0, gap=60.0, counts_posts=True
    )
    settings_schema: ClassVar[type] = ThreadsAccount

    def publish(self, posts: Sequence[Outgoing]) -> list[Receipt]:
        """Words, with a picture where there is one."""
        return receipts(work(posts, self._publish, lambda post: post.settings))

    def delete(self, posts: Sequence[Standing]) -> list[Receipt]:
        """Take each back."""
        return receipts(work(posts, self._delete, lambda post: post.settings))

    def examine(self, settings: Sequence[ThreadsAccount]) -> list[Health]:
        """The account's name, and what is left of today's posts."""
        found = work(settings, self._examine, lambda item: item)
        return [item or Health(problem="not_begun") for item in found]

    async def _publish(self, ask: Asker, post: Outgoing) -> Receipt:
        values = {"media_type": "TEXT", "text": post.text}
        if post.picture is not None:
            more = {"media_type": "IMAGE", "image_url": post.picture.address, "alt_text": post.picture.alt}
            values |= more
        return await publish(ask, post.settings.account_id, STEPS, values)

    async def _delete(self, ask: Asker, post: Standing) -> Receipt:
        return (await ask.delete(post.ref)).receipt

    async def _examine(self, ask: Asker, settings: ThreadsAccount) -> Health:
        found = await ask.get("me", fields="username")
        if found.verdict is not Verdict.DONE:
            return Health(problem=found.code)
        allowed = await quota(ask, settings.account_id, STEPS)
        if isinstance(allowed, Answer):
            return Health(problem=allowed.code)
        return Health(str(found.data.get("username", "")), quota=allowed)
