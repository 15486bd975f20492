"""Reads about share links and what came of them."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Q, Sum

from toli.content.domain.passport import variant_for
from toli.content.models import Rendition
from toli.core import clock, wall
from toli.members.selectors import with_merged
from toli.sharing.domain import intents, link_codec
from toli.sharing.errors import ShareCodeUnknown
from toli.sharing.models import LinkOpen, Reach, ShareLink

RECENT_DAYS = 28


@dataclass(frozen=True, slots=True)
class Effect:
    """What a member's links did: ``shared`` is reported by the member, ``opened`` measured, ``joined`` proved.

    ``onward``: who joined through those who joined, some hops on. ``days``: on how many of the last
    :data:`RECENT_DAYS` days somebody opened a link; a number of days, not a streak that can break.
    """

    shared: int
    opened: int
    joined: int
    onward: int
    days: int


@wall.lifted("whoever holds a link's code may open it")
def get_link(code: str) -> ShareLink:
    """The link with this code, forgiving case and look-alike letters. Raises ShareCodeUnknown."""
    clean = link_codec.clean(code)
    link = clean and (ShareLink.objects.select_related("kit", "member__territory").filter(code=clean).first())
    if not link:
        raise ShareCodeUnknown
    return link


def link_url(link: ShareLink) -> str:
    """The full address that is passed on."""
    return f"{settings.BASE_URL}/s/{link.code}"


def own_text(rendition: Rendition, member_id: int) -> str:
    """The variant of the text that this member passes on: always the same one."""
    return str(rendition.texts[variant_for(member_id, len(rendition.texts))])


def intent_url(link: ShareLink, rendition: Rendition) -> str:
    """Where to lead the member so that their own app opens with text and link."""
    return intents.intent_url(link.channel, own_text(rendition, link.member_id), link_url(link))


@wall.lifted("what entries that were joined to one's own did is one's own")
def effect_of(member_id: int) -> Effect:
    """What came of all links of a member, and of the entries that were joined to theirs as long as they are."""
    own = with_merged([member_id])
    links = ShareLink.objects.filter(member_id__in=own)
    totals = links.aggregate(opened=Sum("opens"), joined=Sum("joined"))
    return Effect(
        shared=links.filter(~Q(shared_at=None)).count(),
        opened=totals["opened"] or 0,
        joined=totals["joined"] or 0,
        onward=Reach.objects.filter(member_id__in=own, hop__gt=1).aggregate(all=Sum("joined"))["all"] or 0,
        days=_days_opened(own),
    )


def _days_opened(member_ids: list[int]) -> int:
    since = clock.today() - timedelta(days=RECENT_DAYS)
    opened = LinkOpen.objects.filter(link__member_id__in=member_ids, counted=True, day__gt=since)
    return opened.aggregate(days=Count("day", distinct=True))["days"] or 0


def count_links(kit_id: int) -> int:
    """How many share pages of the kit there are, each at the address that one member passed on by one channel."""
    return ShareLink.objects.filter(kit_id=kit_id).count()
