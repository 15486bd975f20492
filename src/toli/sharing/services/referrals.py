"""People who joined after opening a link."""

from django.db import connection, transaction
from django.db.models import F

from toli.core import clock
from toli.members.domain import origins
from toli.sharing import selectors
from toli.sharing.domain import chains
from toli.sharing.errors import ShareCodeUnknown
from toli.sharing.models import Conversion, OwnConversion, OwnLink, Reach, ShareLink

_LOCK = 0x746F6C69_63686E73
_ADD = """
INSERT INTO sharing_reach AS kept (member_id, hop, joined) VALUES (%s, %s, %s)
ON CONFLICT (member_id, hop) DO UPDATE SET joined = kept.joined + excluded.joined
"""


@transaction.atomic
def record_conversion(*, member_id: int, code: str) -> Conversion | OwnConversion | None:
    """Credit the link by which a member came; once, never to themselves, never to a code that is unknown.

    A link of the organisation's own (``o.`` before its code) is credited, and nobody with it. Whoever brought the one
    who brought them is credited as well, hop by hop: domain/chains.py.
    """
    own = origins.own_code(code)
    if own is not None:
        return _record_own(member_id, own)
    try:
        link = selectors.get_link(code)
    except ShareCodeUnknown:
        return None
    if link.member_id == member_id:
        return None
    with connection.cursor() as cursor:  # one after the other: each has to see the chain that the others left
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    conversion, created = Conversion.objects.get_or_create(
        member_id=member_id, defaults={"link": link, "at": clock.now()}
    )
    if created:
        ShareLink.objects.filter(pk=link.pk).update(joined=F("joined") + 1)
        _credit(link.member_id, member_id)
    return conversion


def _record_own(member_id: int, code: str) -> OwnConversion | None:
    try:
        link = selectors.get_own_link(code)
    except ShareCodeUnknown:
        return None
    conversion, created = OwnConversion.objects.get_or_create(
        member_id=member_id, defaults={"link": link, "at": clock.now()}
    )
    if created:
        OwnLink.objects.filter(pk=link.pk).update(joined=F("joined") + 1)
    return conversion


def _credit(sharer_id: int, newcomer_id: int) -> None:
    ancestors = [sharer_id]
    while len(ancestors) < chains.MOST_HOPS:
        above = Conversion.objects.filter(member_id=ancestors[-1]).values_list("link__member_id", flat=True).first()
        if above is None or above == newcomer_id or above in ancestors:
            break
        ancestors.append(above)
    brought = dict(Reach.objects.filter(member_id=newcomer_id).values_list("hop", "joined"))
    with connection.cursor() as cursor:
        cursor.executemany(_ADD, sorted(chains.credits_for(ancestors, brought)))
