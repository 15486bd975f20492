"""Reads about the organisation's own places and what stands there. Scope first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from toli.access.domain.scope import Scope
from toli.botgroups.models import Chat
from toli.chatgroups.models import ChatGroup
from toli.content.models import Kit
from toli.distribution import selectors as distribution
from toli.distribution.models import Plan
from toli.posting.domain.states import State
from toli.posting.errors import PlaceNotFound, PostNotFound
from toli.posting.models import Place, PlaceState, Post
from toli.territories import selectors as territories

KEPT_BY = "telegram_posts"
WAITING = (State.QUEUED, State.SENDING)
HELD_BACK = (State.REFUSED, State.EXPIRED, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the posts of a kit."""

    all: int
    waiting: int
    posted: int
    held_back: int
    failed: int
    unknown: int
    deleted: int
    stays: int
    nobody_left: int = 0

    @property
    def may_stand(self) -> int:
        """Posts that are out there, or may be."""
        return self.posted + self.unknown + self.stays


def places(scope: Scope) -> QuerySet[Place]:
    """Places of the scope, those that stand still first."""
    found = Place.objects.within(scope).select_related("territory", "group__territory", "group__admin", "person")
    return found.order_by("-state", "provider", "pk")


def get_place(scope: Scope, place_id: int, *, lock: bool = False) -> Place:
    """The place. Raises PlaceNotFound, also when it is out of scope."""
    found = places(scope).filter(pk=place_id)
    if lock:
        found = found.select_for_update(of=("self",))
    place = found.first()
    if place is None:
        raise PlaceNotFound
    return place


def posts(scope: Scope, *, kit: Kit | None = None) -> QuerySet[Post]:
    """Posts in places of the scope, the latest first; of one kit, those that need somebody first."""
    found = Post.objects.filter(place__in=Place.objects.within(scope)).select_related(
        "kit", "plan", "place__group__territory", "place__territory"
    )
    return found.order_by("-pk") if kit is None else found.filter(kit=kit).order_by("-pk")


def get_post(scope: Scope, post_id: int, *, lock: bool = False) -> Post:
    """The post. Raises PostNotFound, also when its place is out of scope."""
    found = posts(scope).filter(pk=post_id)
    if lock:
        found = found.select_for_update(of=("self",))
    post = found.first()
    if post is None:
        raise PostNotFound
    return post


def counts(scope: Scope, kit: Kit) -> Counts:
    """What became of the kit's posts in places of the scope."""
    found = Post.objects.filter(kit=kit, place__in=Place.objects.within(scope))
    totals = found.aggregate(
        all=Count("pk"),
        waiting=Count("pk", filter=Q(state__in=WAITING)),
        posted=Count("pk", filter=Q(state=State.POSTED)),
        held_back=Count("pk", filter=Q(state__in=HELD_BACK)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
        unknown=Count("pk", filter=Q(state=State.UNKNOWN)),
        deleted=Count("pk", filter=Q(state=State.DELETED)),
        stays=Count("pk", filter=Q(state=State.STAYS)),
        nobody_left=Count("pk", filter=Q(state=State.STAYS, nobody_left=True, due_at__isnull=False)),
    )
    return Counts(**totals)


def not_posted(scope: Scope, kit: Kit) -> QuerySet[Post]:
    """Posts of the kit of which a person should know: failed, unknown, held back, or standing against our will."""
    states = (State.FAILED, State.UNKNOWN, State.REFUSED, State.EXPIRED, State.STAYS)
    return posts(scope, kit=kit).filter(state__in=states)


def person_of(place: Place) -> int:
    """Who is asked to do by hand what no program can."""
    found = place.group.admin_id if place.group else place.person_id
    assert found is not None  # noqa: S101 the table's own rule
    return int(found)


def heard_in(found: Sequence[Place]) -> list[list[int]]:
    """For each place, the territories in which it is heard: its own, or all that the group serves."""
    served = distribution.served_by({place.group_id for place in found if place.group_id is not None})
    return [
        served[place.group_id] if place.group_id is not None else [place.territory_id]  # type: ignore[list-item]
        for place in found
    ]


def groups_of_bot(plan: Plan) -> list[ChatGroup]:
    """Groups of the plan's places that the bot is in."""
    wanted = {group.pk: group for place in plan.territories.all() for group in distribution.groups_of_plan(plan, place)}
    inside = Chat.objects.filter(group_id__in=wanted, inside=True).values_list("group_id", flat=True)
    return [wanted[group_id] for group_id in sorted(found for found in inside if found is not None)]


def places_of_plan(plan: Plan, channels: Collection[str]) -> list[Place]:
    """Places on these platforms in the plan's territories and below. Those that are off are left out."""
    below: set[int] = set()
    groups: set[int] = set()
    for territory in plan.territories.all():
        below |= set(territories.descendant_ids(territory))
        groups |= {group.pk for group in distribution.groups_of_plan(plan, territory)}
    found = Place.objects.filter(Q(territory_id__in=below) | Q(group_id__in=groups), provider__in=channels)
    found = found.exclude(state=PlaceState.OFF).select_related("group", "territory")
    return list(found.order_by("pk"))


def has_places(provider: str) -> bool:
    """Whether anything can be posted by this provider: a place, or a group that the bot keeps."""
    if Place.objects.filter(provider=provider).exclude(state=PlaceState.OFF).exists():
        return True
    return provider == KEPT_BY and Chat.objects.filter(inside=True, group__isnull=False).exists()


def groups_served(channels: Collection[str]) -> set[int]:
    """Groups of the registry that these channels post to."""
    found = Place.objects.filter(provider__in=channels, group__isnull=False).exclude(state=PlaceState.OFF)
    served = set(found.values_list("group_id", flat=True))
    if KEPT_BY in channels:
        off = Place.objects.filter(state=PlaceState.OFF, group__isnull=False).values("group_id")
        kept = Chat.objects.filter(inside=True, group__isnull=False).exclude(group_id__in=off)
        served |= set(kept.values_list("group_id", flat=True))
    return {group_id for group_id in served if group_id is not None}
