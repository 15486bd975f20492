"""Memberships over time: who was a member where on a day, and how one membership became what it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from toli.access.domain.scope import Scope
from toli.core import clock
from toli.members.domain.history import Version
from toli.members.models import Member, PastMembership
from toli.territories import selectors as territories
from toli.territories.errors import TerritoryNotFound
from toli.territories.models import Territory


@dataclass(frozen=True, slots=True, order=True)
class Belonging:
    """A member as they stood on a day: where and of which class."""

    member_id: int
    territory_id: int
    grade: str


# The rule of domain/history.py, for everybody at once. A version that was closed after the moment was thought to go
# on; the first such one was the present one then. Who was noted only after the moment was not known.
_ON = """
WITH known AS (
  SELECT m.id AS member_id, m.territory_id, m.grade, m.state, m.member_from, m.member_until
  FROM members_member m
  WHERE COALESCE(m.since, m.member_from) <= %(day)s AND m.created_at <= %(at)s AND m.state <> 'erased'
    AND m.territory_id = ANY(%(places)s)
    AND NOT EXISTS (SELECT 1 FROM members_pastmembership p WHERE p.member_id = m.id AND p.recorded_at > %(at)s)
  UNION ALL
  SELECT p.member_id, p.territory_id, p.grade, p.state, p.member_from, p.member_until
  FROM members_pastmembership p JOIN members_member m ON m.id = p.member_id AND m.created_at <= %(at)s
  WHERE p.territory_id = ANY(%(places)s) AND p.from_on <= %(day)s
    AND CASE WHEN p.recorded_at <= %(at)s THEN p.to_on >= %(day)s
        ELSE NOT EXISTS (SELECT 1 FROM members_pastmembership q WHERE q.member_id = p.member_id
                         AND q.recorded_at > %(at)s AND q.id < p.id) END
)
SELECT member_id, territory_id, grade FROM known
WHERE state = 'active' AND member_from <= %(day)s AND member_until >= %(day)s
ORDER BY member_id
"""


def members_on(
    scope: Scope,
    territory: Territory,
    day: date,
    *,
    known_at: datetime | None = None,
    places: Sequence[int] | None = None,
) -> list[Belonging]:
    """Who was a member in the territory on the day, by id, as it was known at a moment (now).

    ``places``: ids of the territories that belong to it, when these are not the ones of today's trees. Erased
    members are in no such list. Raises TerritoryNotFound: the territory is out of scope.
    """
    if not any(scope.covers(path) for path in territories.paths_of(territory.pk)):
        raise TerritoryNotFound(territory=territory.code)
    inside = list(territories.descendant_ids(territory)) if places is None else list(places)
    with connection.cursor() as cursor:
        cursor.execute(_ON, {"day": day, "at": known_at or clock.now(), "places": inside})
        return [Belonging(*row) for row in cursor.fetchall()]


def history_of(member: Member) -> list[Version]:
    """All versions of a membership, in order of time; the last is the present one."""
    past = PastMembership.objects.filter(member=member).order_by("from_on", "pk")
    return [
        *(
            Version(
                row.territory_id,
                row.grade,
                row.state,
                row.member_from,
                row.member_until,
                row.from_on,
                row.to_on,
                row.recorded_at,
                row.reason,
            )
            for row in past
        ),
        Version(
            member.territory_id,
            member.grade,
            member.state,
            member.member_from,
            member.member_until,
            member.holds_since,
        ),
    ]
