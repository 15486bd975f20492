"""Members' own links."""

from collections.abc import Collection, Mapping

from django.db import transaction

from toli.content import selectors as content
from toli.content.models import Kit
from toli.core import clock
from toli.members.models import Member
from toli.sharing.domain import link_codec
from toli.sharing.errors import ChannelUnknown, KitNotShareable
from toli.sharing.models import ShareChannel, ShareLink
from toli.sharing.services.opens import note_own_device


@transaction.atomic
def share_link(*, member_id: int, kit_id: int, channel: str) -> ShareLink:
    """The member's link to the kit on this channel; always the same one.

    Raises:
        ChannelUnknown. KitNotShareable: withdrawn, expired, not yet live, or not for where they live.
    """
    if channel not in ShareChannel.values:
        raise ChannelUnknown
    member = Member.objects.get(pk=member_id)
    if all(kit.pk != kit_id for kit in content.live_kits_for(member.territory_id)):
        raise KitNotShareable
    link, _created = ShareLink.objects.get_or_create(
        kit_id=kit_id,
        member_id=member_id,
        channel=channel,
        defaults={"code": link_codec.new_code(), "created_at": clock.now()},
    )
    return link


@transaction.atomic
def share_links(*, member_ids: Collection[int], kit: Kit, channel: str) -> Mapping[int, ShareLink]:
    """Each member's link to the kit on this channel, which is going out to them: always the same ones.

    Raises ChannelUnknown.
    """
    if channel not in ShareChannel.values:
        raise ChannelUnknown
    now, missing = clock.now(), set(member_ids)
    found: dict[int, ShareLink] = {}
    while missing:  # again only if a new code was taken already, one time in 110,000 at ten million links
        new = [
            ShareLink(kit=kit, member_id=member_id, channel=channel, code=link_codec.new_code(), created_at=now)
            for member_id in sorted(missing)
        ]
        ShareLink.objects.bulk_create(new, ignore_conflicts=True, batch_size=5000)
        links = ShareLink.objects.filter(kit=kit, channel=channel, member_id__in=missing)
        found |= {link.member_id: link for link in links}
        missing -= set(found)
    return found


@transaction.atomic
def report_shared(*, member_id: int, kit_id: int, channel: str, address: str = "", user_agent: str = "") -> ShareLink:
    """The member says that they pass the kit on; the first time counts. Raises as share_link does.

    ``address`` and ``user_agent`` are where they do it: looking at one's own link from there is no open.
    """
    link = share_link(member_id=member_id, kit_id=kit_id, channel=channel)
    if user_agent:
        note_own_device(link, address=address, user_agent=user_agent)
    if link.shared_at is None:
        link.shared_at = clock.now()
        link.save(update_fields=["shared_at"])
    return link
