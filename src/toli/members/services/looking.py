"""Looking at members: lists, pages and searches, with masked numbers. Every look is recorded.

Nobody reads everything: what one person looks at within a day is counted, however many sessions they have. Reaching
the limit leaves a warning in the trail; what comes after it is refused.
"""

from typing import Any

from django.db import transaction

from toli.access.domain.permissions import MEMBERS_MERGE, MEMBERS_VIEW
from toli.access.domain.scope import Scope
from toli.access.policies import person_of, scope_for
from toli.access.trail import home_of
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import limits
from toli.core.domain.limits import LIMITS
from toli.core.errors import TooManyRequests
from toli.members import selectors
from toli.members.domain.seeking import sought
from toli.members.domain.sieve import ALL, Sieve
from toli.members.errors import EnoughRead
from toli.members.models import LikelyPair, Member
from toli.territories.models import Territory

PAGES, LISTS, SEARCHES = "members.pages", "members.lists", "members.searches"


@transaction.atomic
def look_at_member(*, actor: Actor, member_id: int, permission: str = MEMBERS_VIEW) -> Member:
    """The member, for a page at the desk that needs ``permission``: for acts an active one, to look also one whose term
    is over or whose joining is checked.

    Raises:
        MemberNotFound: also when out of scope. EnoughRead. Forbidden: nobody in person looks.
    """
    scope = scope_for(actor, permission)
    find = selectors.get_seen_member if permission == MEMBERS_VIEW else selectors.get_active_member
    member = find(scope, member_id)
    _count(actor, scope, PAGES)
    _record(actor, "members.view", f"member:{member_id}", member.territory_id)
    return member


@transaction.atomic
def look_at_list(
    *,
    actor: Actor,
    territory: Territory,
    after: int = 0,
    limit: int = 50,
    sieve: Sieve = ALL,
    without: selectors.Without = (),
) -> list[Member]:
    """A page of members below the territory whom the sieve lets through (all active ones), as far as the actor may see
    them. Raises EnoughRead, Forbidden."""
    scope = scope_for(actor, MEMBERS_VIEW)
    found = selectors.members_page(
        scope, territory=territory, after=after, limit=limit, sieve=sieve, without=without
    )  # fmt: skip
    _count(actor, scope, LISTS)
    _record(actor, "members.list", f"territory:{territory.code}", territory.pk, after=after, count=len(found))
    return found


@transaction.atomic
def look_at_pairs(*, actor: Actor, limit: int = 25) -> list[LikelyPair]:
    """Entries of the actor's area that are likely one person, the most likely first. Raises EnoughRead, Forbidden."""
    scope = scope_for(actor, MEMBERS_MERGE)
    found = selectors.likely_pairs(scope, limit=limit)
    _count(actor, scope, LISTS)
    ids = sorted({member_id for pair in found for member_id in (pair.first_id, pair.second_id)})
    _record(actor, "members.duplicates", "members", home_of(scope), count=len(ids), members=ids)
    return found


@transaction.atomic
def search_members(
    *, actor: Actor, text: str, limit: int = 50, sieve: Sieve = ALL, without: selectors.Without = ()
) -> list[Member]:
    """Members of the actor's area whom the sieve lets through (all active ones): by a full number, its last four
    digits, a name in any script or its beginning, or a name and four digits. None when the text is nothing of these.

    Counted in any case, as the same field takes card numbers. Raises EnoughRead, Forbidden.
    """
    scope = scope_for(actor, MEMBERS_VIEW)
    _count(actor, scope, SEARCHES)
    asked = sought(text)
    if asked.phone:
        found = selectors.with_phone(scope, asked.phone, sieve=sieve, without=without)
    elif asked.keys or asked.tail:
        found = selectors.search_members(
            scope, keys=asked.keys, tail=asked.tail, limit=limit, sieve=sieve, without=without
        )  # fmt: skip
    else:
        return []
    ids = [member.pk for member in found]
    _record(actor, "members.search", "members", home_of(scope), count=len(ids), members=ids)
    return found


def count_list(*, actor: Actor, scope: Scope) -> None:
    """Count a page of members that stands elsewhere, in a roll for instance. Raises EnoughRead, Forbidden."""
    _count(actor, scope, LISTS)


def _count(actor: Actor, scope: Scope, name: str) -> None:
    """Count one look; the last that is allowed leaves a warning, which stays because that look is answered."""
    try:
        left = limits.hit(name, str(person_of(actor)))
    except TooManyRequests as error:
        raise EnoughRead(retry_after=error.retry_after) from None
    if left == 0:
        _record(actor, "members.much_read", "members", home_of(scope), limit=name, times=LIMITS[name].times)


def _record(actor: Actor, action: str, target: str, territory_id: int | None, **details: Any) -> None:
    audit.record_act(
        actor,
        action=action,
        target=target,
        territory_id=territory_id,
        details=details,
    )
