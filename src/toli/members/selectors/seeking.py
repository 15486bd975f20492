"""Finding members by name, in any script, and by the last digits of their number."""

from collections.abc import Sequence

from toli.access.domain.scope import Scope
from toli.core.crypto import index_for
from toli.members.domain.sieve import ALL, Sieve
from toli.members.models import ContactKind, ContactPoint, Member
from toli.members.selectors.numbers import TAIL_INDEX
from toli.members.selectors.people import Without, sifted

_BY_KEYS = "array_to_tsvector(string_to_array(members_member.name_keys, ' ')) @@ %s::tsquery"


def search_members(
    scope: Scope, *, keys: Sequence[str], tail: str, limit: int, sieve: Sieve = ALL, without: Without = ()
) -> list[Member]:
    """Members of the scope whom the sieve lets through (all active ones), with a word of the name for each key that
    begins with it, and with a number that ends in ``tail``; what is empty is not asked for. At most ``limit``, by id;
    none when nothing is asked for."""
    if not keys and not tail:
        return []
    found = sifted(Member.objects.within(scope), sieve, without)
    if keys:
        query = " & ".join(f"'{key}':*" for key in keys)
        named = Member.objects.extra(where=[_BY_KEYS], params=[query])  # noqa: S610 our own words; keys are letters
        found = found.filter(pk__in=named.values("pk"))
    if tail:
        points = ContactPoint.objects.filter(kind=ContactKind.PHONE, tail_index__in=index_for(TAIL_INDEX).all_of(tail))
        found = found.filter(pk__in=points.values("member_id"))
    return list(found.select_related("territory").order_by("pk")[:limit])
