"""Posts on Facebook Pages."""

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from toli.content.domain.platforms import utf16
from toli.integrations.meta.graph import Asker, MetaAccount, work
from toli.posting.answers import receipts
from toli.posting.domain.states import Verdict
from toli.posting.ports import Capabilities, Health, Outgoing, Quota, Receipt, Standing


class FacebookPages:
    """``account_id``: the Page; ``token``: its page token, with pages_manage_posts and pages_read_engagement."""

    key: ClassVar[str] = "facebook"
    platform: ClassVar[str] = "facebook"
    name: ClassVar[str] = "Facebook"
    capabilities: ClassVar[Capabilities] = Capabilities(
        most=5000, most_with_picture=5000, count=utf16, per_second=5.0, gap=60.0, video="full"
    )
    settings_schema: ClassVar[type] = MetaAccount

    def publish(self, posts: Sequence[Outgoing]) -> list[Receipt]:
        """A video or a photo with its words, or words with a link; the platform fetches the file from us."""
        return receipts(work(posts, self._publish, lambda post: post.settings))

    def delete(self, posts: Sequence[Standing]) -> list[Receipt]:
        """Take each back."""
        return receipts(work(posts, self._delete, lambda post: post.settings))

    def examine(self, settings: Sequence[MetaAccount]) -> list[Health]:
        """The Page's name, and how much of its calls of this hour are used, in percent."""
        found = work(settings, self._examine, lambda item: item)
        return [item or Health(problem="not_begun") for item in found]

    async def _publish(self, ask: Asker, post: Outgoing) -> Receipt:
        page = post.settings.account_id
        if post.video is not None:
            found = post.video
            done = await ask.post(f"{page}/videos", description=post.text, title=found.title, file_url=found.address)
        elif post.picture is not None:
            picture = post.picture
            done = await ask.post(f"{page}/photos", caption=post.text, url=picture.address, alt_text_custom=picture.alt)
        else:
            done = await ask.post(f"{page}/feed", message=post.text, link=post.link)
        if done.verdict is not Verdict.DONE:
            return done.receipt
        ref = str(done.data.get("post_id") or done.data.get("id", ""))
        return Receipt(Verdict.DONE, ref=ref, address=f"https://www.facebook.com/{ref}")

    async def _delete(self, ask: Asker, post: Standing) -> Receipt:
        return (await ask.delete(post.ref)).receipt

    async def _examine(self, ask: Asker, settings: MetaAccount) -> Health:
        found = await ask.get(settings.account_id, fields="id,name")
        if found.verdict is not Verdict.DONE:
            return Health(problem=found.code)
        try:
            used = int(json.loads(found.headers.get("X-Page-Usage", "{}")).get("call_count", 0))
        except (ValueError, AttributeError):
            used = 0
        return Health(str(found.data.get("name", "")), quota=Quota(used, 100, timedelta(hours=1)))
