"""Posts of accounts on Threads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from toli.content.domain.platforms import utf16
from toli.integrations.meta.containers import Steps, begin, go_on, quota, what_became
from toli.integrations.meta.graph import Asker, MetaAccount, work
from toli.posting.answers import Answer, receipts
from toli.posting.domain.states import Verdict
from toli.posting.ports import Begun, Capabilities, Health, Outgoing, Receipt, Standing

STEPS = Steps("threads", "threads_publish", "threads_publishing_limit", "status", "threads", "text")


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
        most=500, most_with_picture=500, count=utf16, per_second=2.0, gap=60.0, counts_posts=True, video="full"
    )
    settings_schema: ClassVar[type] = ThreadsAccount

    def publish(self, posts: Sequence[Outgoing]) -> list[Receipt]:
        """Words, with a video or a picture where there is one."""
        return receipts(work(posts, self._publish, lambda post: post.settings))

    def delete(self, posts: Sequence[Standing]) -> list[Receipt]:
        """Take each back."""
        return receipts(work(posts, self._delete, lambda post: post.settings))

    def examine(self, settings: Sequence[ThreadsAccount]) -> list[Health]:
        """The account's name, and what is left of today's posts."""
        found = work(settings, self._examine, lambda item: item)
        return [item or Health(problem="not_begun") for item in found]

    def ask(self, posts: Sequence[Begun]) -> list[Receipt]:
        """The container tells whether it was published."""

        async def one(ask: Asker, post: Begun) -> Receipt:
            return await what_became(ask, post.settings.account_id, STEPS, post)

        return receipts(work(posts, one, lambda post: post.settings), missed=Verdict.UNKNOWN)

    async def _publish(self, ask: Asker, post: Outgoing) -> Receipt:
        account = post.settings.account_id
        if post.progress:
            return await go_on(ask, account, STEPS, Begun(post.settings, post.progress, post.link))
        values = {"media_type": "TEXT", "text": post.text}
        if post.video is not None:
            values |= {"media_type": "VIDEO", "video_url": post.video.address}
        elif post.picture is not None:
            more = {"media_type": "IMAGE", "image_url": post.picture.address, "alt_text": post.picture.alt}
            values |= more
        return await begin(ask, account, STEPS, values)

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
