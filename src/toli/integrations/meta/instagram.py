"""Posts of Instagram business accounts. The platform lets no program delete them."""

from collections.abc import Sequence
from typing import ClassVar

from toli.content.domain.platforms import utf16
from toli.integrations.meta.containers import Steps, begin, go_on, quota, what_became
from toli.integrations.meta.graph import Asker, MetaAccount, work
from toli.posting.answers import Answer, receipts
from toli.posting.domain.states import Verdict
from toli.posting.ports import Begun, Capabilities, Health, Outgoing, Receipt, Standing

STEPS = Steps("media", "media_publish", "content_publishing_limit", "status_code", "media", "caption")


class InstagramAccounts:
    """``account_id``: the business account; ``token``: of its Page, with instagram_content_publish."""

    key: ClassVar[str] = "instagram"
    platform: ClassVar[str] = "instagram"
    name: ClassVar[str] = "Instagram"
    capabilities: ClassVar[Capabilities] = Capabilities(
        most=2200,
        most_with_picture=2200,
        count=utf16,
        per_second=2.0,
        gap=60.0,
        needs_picture=True,
        deletes=False,
        counts_posts=True,
        video="reel",
    )
    settings_schema: ClassVar[type] = MetaAccount

    def publish(self, posts: Sequence[Outgoing]) -> list[Receipt]:
        """A reel or a picture with its words; the platform fetches the file from our public address."""
        return receipts(work(posts, self._publish, lambda post: post.settings))

    def delete(self, posts: Sequence[Standing]) -> list[Receipt]:
        """Not possible by API: a person has to."""
        return [Receipt(Verdict.REFUSED, code="platform_lets_no_program_delete") for _ in posts]

    def examine(self, settings: Sequence[MetaAccount]) -> list[Health]:
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
        if post.video is not None:
            reel = {"media_type": "REELS", "video_url": post.video.address, "caption": post.text}
            return await begin(ask, account, STEPS, reel)
        if post.picture is None:
            return Receipt(Verdict.REFUSED, code="picture_missing")
        values = {"image_url": post.picture.address, "caption": post.text, "alt_text": post.picture.alt}
        return await begin(ask, account, STEPS, values)

    async def _examine(self, ask: Asker, settings: MetaAccount) -> Health:
        found = await ask.get(settings.account_id, fields="username")
        if found.verdict is not Verdict.DONE:
            return Health(problem=found.code)
        allowed = await quota(ask, settings.account_id, STEPS)
        if isinstance(allowed, Answer):
            return Health(problem=allowed.code)
        return Health(str(found.data.get("username", "")), quota=allowed)
