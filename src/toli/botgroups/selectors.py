"""Reads about the bot and the groups that it keeps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet

from toli.access.domain.scope import Scope
from toli.botgroups.models import Bot, Chat, Order, OrderState, PlatformAccount, Update
from toli.chatgroups.models import ChatGroup
from toli.core import wall


@dataclass(frozen=True, slots=True)
class Health:
    """What waits, since when, and what was given up."""

    updates: int
    updates_since: datetime | None
    updates_failed: int
    orders: int
    orders_since: datetime | None
    orders_failed: int
    accounts: int

    @property
    def failed(self) -> int:
        """Everything that was given up."""
        return self.updates_failed + self.orders_failed


@dataclass(frozen=True, slots=True)
class Kept:
    """A group that the bot keeps. ``inside``: people in it by our count; ``strangers``: those without a seat."""

    chat: Chat
    group: ChatGroup
    inside: int
    strangers: int

    @property
    def differs(self) -> bool:
        """Whether the platform counts another number of people; its owner and staff are in its count as well."""
        return self.chat.people is not None and self.chat.people < self.inside


def bots() -> QuerySet[Bot]:
    """Every bot that was connected, the latest first."""
    return Bot.objects.order_by("-connected_at")


@wall.lifted("counts of what waits, of no place and no person")
def health() -> Health:
    """How the work stands."""
    updates = Update.objects.filter(done_at__isnull=True).aggregate(
        waiting=Count("id", filter=Q(tries__lt=5)),
        since=Min("received_at", filter=Q(tries__lt=5)),
        failed=Count("id", filter=Q(tries__gte=5)),
    )
    orders = Order.objects.exclude(state=OrderState.DONE).aggregate(
        waiting=Count("id", filter=Q(state=OrderState.WAITING)),
        since=Min("made_at", filter=Q(state=OrderState.WAITING)),
        failed=Count("id", filter=Q(state=OrderState.FAILED)),
    )
    return Health(
        updates["waiting"],
        updates["since"],
        updates["failed"],
        orders["waiting"],
        orders["since"],
        orders["failed"],
        PlatformAccount.objects.count(),
    )


def kept_groups(scope: Scope, *, limit: int = 200) -> list[Kept]:
    """Groups of the scope that the bot is in or was, those that need somebody first."""
    groups = ChatGroup.objects.within(scope).filter(kept_in__isnull=False)
    found = groups.select_related("kept_in", "territory__level", "campaign").annotate(
        here=Count("kept_in__presences", filter=Q(kept_in__presences__inside=True))
    )
    rows = found.order_by("kept_in__inside", "kept_in__ready_at", "-outsiders", "pk")[:limit]
    return [Kept(group.kept_in, group, getattr(group, "here", 0), group.outsiders) for group in rows]


def is_connected(member_id: int) -> bool:
    """Whether the member has connected an account."""
    return PlatformAccount.objects.filter(member_id=member_id).exists()


def inside(group_ids: Sequence[int]) -> dict[int, int]:
    """How many people are in each of these groups by the latest news."""
    rows = Chat.objects.filter(group_id__in=group_ids).annotate(n=Count("presences", filter=Q(presences__inside=True)))
    return dict(rows.values_list("group_id", "n"))
