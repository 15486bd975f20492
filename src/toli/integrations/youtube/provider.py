"""Videos on YouTube channels."""

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, TypeVar

from toli.content.domain.platforms import octets
from toli.core.posting import each
from toli.integrations.youtube import uploading
from toli.integrations.youtube.asking import PACIFIC, Asker, Channel, mine
from toli.posting.answers import Answer, receipts
from toli.posting.domain.states import Verdict
from toli.posting.ports import Begun, Capabilities, Health, Outgoing, Receipt, Standing

Item = TypeVar("Item", Outgoing, Standing, Begun)
TIMEOUT = 20.0  # seconds for one call
WITHIN = 20.0  # seconds in which posts are begun: with the calls of one post it stays below posting.ports.CALLS
LOOKED_THROUGH = "50"  # the latest videos of a channel, among which a lost one is looked for


class YouTubeChannels:
    """``refresh_token``: the owner's consent to youtube.upload and youtube.force-ssl, for the app ``client_id``."""

    key: ClassVar[str] = "youtube"
    platform: ClassVar[str] = "youtube"
    name: ClassVar[str] = "YouTube"
    capabilities: ClassVar[Capabilities] = Capabilities(
        most=5000,
        most_with_picture=5000,
        count=octets,
        per_second=0.5,
        gap=60.0,
        video="full",
        needs_video=True,
        carries_video=True,
        most_title=uploading.MOST_TITLE,
        per_day=100,
        day_in=PACIFIC,
        day_of="client_id",
    )
    settings_schema: ClassVar[type] = Channel

    def publish(self, posts: Sequence[Outgoing]) -> list[Receipt]:
        """Begin an upload, or go on with one."""
        return self._each(posts, self._publish)

    def delete(self, posts: Sequence[Standing]) -> list[Receipt]:
        """Take each back."""
        return self._each(posts, self._delete)

    def ask(self, posts: Sequence[Begun]) -> list[Receipt]:
        """The session knows whether it has everything; a session that is gone is looked for among the videos."""
        return self._each(posts, self._ask, missed=Verdict.UNKNOWN)

    def examine(self, settings: Sequence[Channel]) -> list[Health]:
        """The channel's name. The platform tells nobody how much of its quota is used."""

        async def one(ask: Asker, channel: Channel) -> Health:
            if problem := await ask.open():
                return Health(problem=problem.code)
            found = await mine(ask, channel, "snippet")
            if found.verdict is not Verdict.DONE:
                return Health(problem=found.code)
            snippet = found.data.get("snippet")
            return Health(str(snippet.get("title", "")) if isinstance(snippet, dict) else "")

        found = each(
            settings,
            lambda line, item: one(Asker(line, item), item),
            failed=lambda health: health.problem == "not_reached",
            timeout=TIMEOUT,
            within=WITHIN,
        )
        return [item or Health(problem="not_begun") for item in found]

    async def _publish(self, ask: Asker, post: Outgoing) -> Receipt:
        if problem := await ask.open():
            return problem.receipt
        return await (uploading.go_on(ask, post) if post.progress else uploading.begin(ask, post))

    async def _delete(self, ask: Asker, post: Standing) -> Receipt:
        if problem := await ask.open():
            return problem.receipt
        found = await ask.call("DELETE", "youtube/v3/videos", {"id": post.ref})
        return Receipt(Verdict.DONE) if found.status == 404 else found.receipt

    async def _ask(self, ask: Asker, post: Begun) -> Receipt:
        if not post.progress:
            return Receipt(Verdict.LATER)
        kept = uploading.opened(post.progress)
        if problem := await ask.open():
            return Receipt(Verdict.UNKNOWN, code=problem.code)
        found = await uploading.look(ask, kept) if kept is not None else Answer(Verdict.REFUSED, code="session")
        if found.verdict is Verdict.DONE:
            return Receipt(Verdict.LATER) if found.status == 308 else uploading.stands(found.data)
        if found.verdict is not Verdict.REFUSED:
            return Receipt(Verdict.UNKNOWN, code=found.code)
        return await _among_the_latest(ask, post) or Receipt(Verdict.UNKNOWN, code=found.code)

    def _each(
        self,
        items: Sequence[Item],
        do: Callable[[Asker, Item], Awaitable[Receipt]],
        missed: Verdict = Verdict.LATER,
    ) -> list[Receipt]:
        found = each(
            items,
            lambda line, item: do(Asker(line, item.settings), item),
            failed=lambda receipt: receipt.code == "not_reached",
            timeout=TIMEOUT,
            within=WITHIN,
        )
        return receipts(found, missed=missed)


async def _among_the_latest(ask: Asker, post: Begun) -> Receipt | None:
    """A video in whose description the post's own link stands. None: none of the latest is it."""
    owner = await mine(ask, post.settings, "contentDetails")
    details = owner.data.get("contentDetails")
    lists = details.get("relatedPlaylists") if isinstance(details, dict) else None
    uploads = lists.get("uploads") if isinstance(lists, dict) else None
    if not uploads or not post.link:
        return None
    asked = {"part": "snippet", "playlistId": str(uploads), "maxResults": LOOKED_THROUGH}
    found = await ask.call("GET", "youtube/v3/playlistItems", asked)
    for item in found.data.get("items") or []:
        snippet = item.get("snippet") if isinstance(item, dict) else None
        if isinstance(snippet, dict) and post.link in str(snippet.get("description", "")).split():
            resource = snippet.get("resourceId")
            return uploading.stands({"id": resource.get("videoId", "")} if isinstance(resource, dict) else {})
    return None
