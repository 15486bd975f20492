"""Reads about share links and what came of them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils.timezone import make_aware

from toli.access.domain.scope import Scope
from toli.content import selectors as content
from toli.content.domain.passport import variant_for
from toli.content.models import Kit
from toli.core import clock, wall
from toli.members.selectors import owners_of, with_merged
from toli.sharing.domain import intents, link_codec
from toli.sharing.errors import ShareCodeUnknown
from toli.sharing.models import TO_CITIZENS, Conversion, LinkOpen, OwnLink, PosterChoice, Reach, ShareLink
from toli.territories.models import Node

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


@wall.lifted("whoever holds a link's code may open it")
def get_own_link(code: str) -> OwnLink:
    """The organisation's own link with this code. Raises ShareCodeUnknown."""
    clean = link_codec.clean(code)
    link = clean and OwnLink.objects.select_related("kit").filter(code=clean).first()
    if not link:
        raise ShareCodeUnknown
    return link


def own_url(link: OwnLink) -> str:
    """The full address that stands in a post."""
    return f"{settings.BASE_URL}/o/{link.code}"


def own_opens(scope: Scope, kit: Kit) -> int:
    """How often the kit was opened from what programs posted for places in the scope."""
    found = OwnLink.objects.filter(kit=kit).exclude(platform__startswith=TO_CITIZENS)
    if not scope.everywhere:
        inside = Node.objects.within_paths(scope.paths).values("territory_id")
        found = found.filter(territory_id__in=inside)
    return int(found.aggregate(opens=Sum("opens"))["opens"] or 0)


def opens_by_citizens(kit: Kit, channel: str, territory_ids: Collection[int]) -> int:
    """How often the kit was opened from messages to citizens of these places by this channel."""
    found = OwnLink.objects.filter(kit=kit, platform=TO_CITIZENS + channel, territory_id__in=list(territory_ids))
    return int(found.aggregate(opens=Sum("opens"))["opens"] or 0)


def link_url(link: ShareLink) -> str:
    """The full address that is passed on."""
    return f"{settings.BASE_URL}/s/{link.code}"


def own_text(kit: Kit, language: str, member_id: int, channel: str = "") -> str:
    """The variant of the text that this member passes on there: always the same one, in the channel's own words if
    the kit has some."""
    texts = content.texts_for(kit, language, channel)
    return texts[variant_for(member_id, len(texts))]


def caption(kit: Kit, language: str, link: ShareLink) -> str:
    """What is sent beside a poster: the member's own text, and their link below it."""
    return f"{own_text(kit, language, link.member_id, link.channel)}\n{link_url(link)}"


def intent_url(kit: Kit, language: str, link: ShareLink) -> str | None:
    """Where to lead the member so that their own app opens with text and link; None: that app takes only a file."""
    return intents.intent_url(link.channel, own_text(kit, language, link.member_id, link.channel), link_url(link))


def find_link(member_id: int, kit_id: int, channel: str) -> ShareLink | None:
    """The member's link, if they have made it already."""
    return ShareLink.objects.filter(member_id=member_id, kit_id=kit_id, channel=channel).first()


def poster_choice(member_id: int) -> PosterChoice:
    """What the member wants on their posters; the standard until they choose."""
    return PosterChoice.objects.filter(member_id=member_id).first() or PosterChoice(member_id=member_id)


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


def recent() -> date:
    """The last day that is not among the last RECENT_DAYS."""
    return clock.today() - timedelta(days=RECENT_DAYS)


def _days_opened(member_ids: list[int]) -> int:
    return _opens(member_ids, recent()).aggregate(days=Count("day", distinct=True))["days"] or 0


@dataclass(frozen=True, slots=True)
class Figures:
    """Of some days: ``shared`` reported, ``opened`` measured, ``joined`` proved."""

    shared: int = 0
    opened: int = 0
    joined: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(self.shared + other.shared, self.opened + other.opened, self.joined + other.joined)


@wall.lifted("what entries that were joined to one's own did is one's own")
def opened_by_day(member_id: int, *, after: date) -> dict[date, int]:
    """How many people opened the member's links on each day after ``after``; days without any are missing."""
    found = _opens(with_merged([member_id]), after).values_list("day").annotate(people=Count("pk"))
    return dict(found.order_by("day"))


@wall.lifted("sums over a team, of which nobody sees the parts")
def figures_after(member_ids: Iterable[int], *, after: date) -> dict[int, Figures]:
    """What each of the members did and brought about on the days after ``after``; those with nothing are missing."""
    owners = owners_of(member_ids)
    links = ShareLink.objects.filter(member_id__in=owners, shared_at__isnull=False, shared_at__gte=_end_of(after))
    came = Conversion.objects.filter(link__member_id__in=owners, at__gte=_end_of(after))
    parts = (
        ("shared", links.values_list("member_id")),
        ("opened", _opens(owners, after).values_list("link__member_id")),
        ("joined", came.values_list("link__member_id")),
    )
    found: dict[int, Figures] = {}
    for name, rows in parts:
        for entry_id, count in rows.annotate(n=Count("pk")).order_by():
            member_id = owners[entry_id]
            found[member_id] = found.get(member_id, Figures()) + Figures(**{name: count})
    return found


@wall.lifted("of members who agreed to stand by name beside those of their team who agreed as well")
def people_by_slot(member_ids: Iterable[int], *, after: date) -> list[tuple[int, date, int | None, int]]:
    """(member, day, ten minutes of it, people who opened links of the member then), for the days after ``after``.

    Each visitor once, whichever of the member's links they opened. Whoever stands behind a device on which the
    member shared any of their links that day is taken for the member.
    """
    owners = owners_of(member_ids)
    own = LinkOpen.objects.filter(
        counted=False, day=OuterRef("day"), visitor=OuterRef("visitor"), link__member_id=OuterRef("link__member_id")
    )
    rows = _opens(owners, after).exclude(Exists(own)).values_list("link__member_id", "day", "slot")
    counted = rows.annotate(people=Count("visitor", distinct=True)).order_by()
    return [(owners[entry_id], day, slot, people) for entry_id, day, slot, people in counted]


def _opens(member_ids: Iterable[int], after: date) -> QuerySet[LinkOpen]:
    return LinkOpen.objects.filter(link__member_id__in=list(member_ids), counted=True, day__gt=after)


def _end_of(day: date) -> datetime:
    """The first moment after the day, where the organisation lives."""
    return make_aware(datetime.combine(day + timedelta(days=1), time()))


def count_links(kit_id: int) -> int:
    """How many share pages of the kit there are, each at the address that one member passed on by one channel."""
    return ShareLink.objects.filter(kit_id=kit_id).count()
