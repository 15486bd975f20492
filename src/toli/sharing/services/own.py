"""The organisation's own links, in what its programs post: opens count for a place, and for nobody in particular."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import F

from toli.content import selectors as content
from toli.content.models import Kit
from toli.core import clock, wall
from toli.sharing import selectors
from toli.sharing.domain import link_codec, visitors
from toli.sharing.models import TO_CITIZENS, OwnLink, OwnLinkOpen
from toli.sharing.services.opens import visitor_on


@dataclass(frozen=True, slots=True)
class OwnOpen:
    """``counted``: a new human visit. ``current``: the kit may still be shown."""

    link: OwnLink
    counted: bool
    current: bool


@transaction.atomic
def own_link(*, kit: Kit, territory_id: int, platform: str) -> OwnLink:
    """The organisation's link to the kit for what it posts for this place on this platform; always the same one."""
    link, _created = OwnLink.objects.get_or_create(
        kit=kit,
        territory_id=territory_id,
        platform=platform,
        defaults={"code": link_codec.new_code(), "created_at": clock.now()},
    )
    return link


def citizens_link(*, kit: Kit, territory_id: int, channel: str) -> OwnLink:
    """The one link that all citizens of this place get by this channel: one for each would tell who opened it."""
    return own_link(kit=kit, territory_id=territory_id, platform=TO_CITIZENS + channel)


@transaction.atomic
@wall.lifted("a citizen opens a link that stands in public")
def record_own_open(*, code: str, address: str, user_agent: str, day: date | None = None) -> OwnOpen:
    """Count a visit, as :func:`opens.record_open` counts those of members' links.

    Raises:
        ShareCodeUnknown.
    """
    link = selectors.get_own_link(code)
    current = content.is_current(link.kit)
    if not current or visitors.is_robot(user_agent):
        return OwnOpen(link, counted=False, current=current)
    on = day or clock.today()
    seen = visitor_on(on, address, user_agent)
    _found, counted = OwnLinkOpen.objects.get_or_create(link=link, day=on, visitor=seen)
    if counted:
        OwnLink.objects.filter(pk=link.pk).update(opens=F("opens") + 1)
    return OwnOpen(link, counted, current)
