"""Reads about kits on their way into the groups."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from toli.access.domain.scope import Scope
from toli.chatgroups.models import ChatGroup
from toli.content import selectors as content
from toli.content.models import Kit
from toli.distribution.errors import RelayNotFound
from toli.distribution.models import Relay, RelayState


@dataclass(frozen=True, slots=True)
class Cascade:
    """How far a kit has come: groups asked, and groups where its arrival was confirmed."""

    asked: int
    confirmed: int


def relays(scope: Scope, kit: Kit) -> QuerySet[Relay]:
    """The kit's relays into groups of the scope, unconfirmed ones first."""
    found = Relay.objects.filter(kit=kit, group__in=ChatGroup.objects.within(scope))
    return found.select_related("group__admin", "group__territory").order_by("-state", "group__name")


def get_relay(scope: Scope, relay_id: int) -> Relay:
    """The relay. Raises RelayNotFound, also when its group is out of scope."""
    relay = Relay.objects.filter(pk=relay_id, group__in=ChatGroup.objects.within(scope)).first()
    if relay is None:
        raise RelayNotFound
    return relay


def cascade(scope: Scope, kit: Kit) -> Cascade:
    """How far the kit has come in the scope."""
    totals = Relay.objects.filter(kit=kit, group__in=ChatGroup.objects.within(scope)).aggregate(
        asked=Count("id"), confirmed=Count("id", filter=Q(state=RelayState.CONFIRMED))
    )
    return Cascade(totals["asked"], totals["confirmed"])


def relay_text(relay: Relay) -> str:
    """What the admin posts into the group: this group's own variant, and where members find their link.

    The address leads members to their own page, from where each shares with their own words and link.
    """
    rendition = content.rendition_for(relay.kit, relay.language)
    text = rendition.texts[relay.variant % len(rendition.texts)]
    return f"{rendition.title}\n\n{text}\n\n{settings.BASE_URL}/me"
