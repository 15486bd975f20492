"""Memberships over time: who was a member where on a day, and how one membership became what it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from toli.access.domain.scope import Scope
from toli.core import clock
from toli.members.domain.history import Version
from toli.members.models import HistoryReason, Member, MemberGrade, PastMembership
from toli.territories import selectors as territories
from toli.territories.errors import TerritoryNotFound
from toli.territories.models import Territory


@dataclass(frozen=True, slots=True)
class Belonging:
    """A member as they stood on a day: where (``place``: its code) and of which class; and what they are called now."""

    member_id: int
    territory_id: int
    place: str
    grade: str
    name: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How many members, and how many of them of the class of active members."""

    members: int
    active_members: int


@dataclass(frozen=True, slots=True)
class Change:
    """A member of whom two moments say different things: code of the place and class, or None for no member."""

    member_id: int
    before: tuple[str, str] | None
    after: tuple[str, str] | None


# The rule of domain/history.py, for everybody at once. A version that was closed after the moment was thought to go
# on; the first such one was the present one then. Who was noted only after the moment was not known.
_ON = """(
  SELECT member_id, territory_id, grade, name FROM (
    SELECT m.id AS member_id, m.territory_id, m.grade, m.state, m.member_from, m.member_until, m.name
    FROM members_member m
    WHERE COALESCE(m.since, m.member_from) <= %(day)s AND m.created_at <= {moment} AND m.state <> 'erased'
      AND m.territory_id = ANY(%(places)s)
      AND NOT EXISTS (SELECT 1 FROM members_pastmembership p WHERE p.member_id = m.id AND p.recorded_at > {moment})
    UNION ALL
    SELECT p.member_id, p.territory_id, p.grade, p.state, p.member_from, p.member_until, m.name
    FROM members_pastmembership p JOIN members_member m ON m.id = p.member_id AND m.created_at <= {moment}
    WHERE p.territory_id = ANY(%(places)s) AND p.from_on <= %(day)s
      AND CASE WHEN p.recorded_at <= {moment} THEN p.to_on >= %(day)s
          ELSE NOT EXISTS (SELECT 1 FROM members_pastmembership q WHERE q.member_id = p.member_id
                           AND q.recorded_at > {moment} AND q.id < p.id) END
  ) known WHERE state = 'active' AND member_from <= %(day)s AND member_until >= %(day)s
)"""
_THEN, _LATER = _ON.format(moment="%(at)s"), _ON.format(moment="%(later)s")
_AT_ONCE = 10_000


def members_on(
    scope: Scope,
    territory: Territory,
    day: date,
    *,
    known_at: datetime | None = None,
    places: Sequence[int] | None = None,
) -> Iterator[Belonging]:
    """Who was a member in the territory on the day, by code of the place and id, as it was known at a moment (now).

    ``places``: ids of the territories that belong to it, when these are not the ones of today's trees. Erased
    members are in no such list. Lazy: of a country, only some thousands are in memory.

    Raises TerritoryNotFound: the territory is out of scope.
    """
    asked = _asked(scope, territory, day, known_at, places)
    # The server's order of text depends on how it was set up; a roll's order does not.
    return (
        Belonging(*row)
        for row in _stream(
            f"""SELECT m.member_id, m.territory_id, t.code, m.grade, m.name
                FROM {_THEN} m JOIN territories_territory t ON t.id = m.territory_id
                ORDER BY t.code COLLATE "C", m.member_id""",  # noqa: S608 our own words
            asked,
        )
    )


def count_on(
    scope: Scope,
    territory: Territory,
    day: date,
    *,
    known_at: datetime | None = None,
    places: Sequence[int] | None = None,
) -> Counted:
    """How many :func:`members_on` would give. Raises TerritoryNotFound."""
    asked = _asked(scope, territory, day, known_at, places)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), count(*) FILTER (WHERE grade = 'active') FROM {_THEN} m",  # noqa: S608 our own words
            asked,
        )
        return Counted(*cursor.fetchone())


def learnt_since(
    scope: Scope, territory: Territory, day: date, *, known_at: datetime, places: Sequence[int] | None = None
) -> list[Change]:
    """Of whom :func:`members_on` says something else now than as known at the moment. Raises TerritoryNotFound."""
    asked = {**_asked(scope, territory, day, known_at, places), "later": clock.now()}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT member_id, a.code, a.grade, b.code, b.grade
                FROM (SELECT m.*, t.code FROM {_THEN} m JOIN territories_territory t ON t.id = m.territory_id) a
                FULL JOIN (SELECT m.*, t.code FROM {_LATER} m JOIN territories_territory t ON t.id = m.territory_id) b
                  USING (member_id)
                WHERE (a.territory_id, a.grade) IS DISTINCT FROM (b.territory_id, b.grade)
                ORDER BY member_id""",  # noqa: S608 our own words
            asked,
        )
        return [
            Change(pk, (place, grade) if place else None, (other, another) if other else None)
            for pk, place, grade, other, another in cursor.fetchall()
        ]


def _asked(
    scope: Scope, territory: Territory, day: date, known_at: datetime | None, places: Sequence[int] | None
) -> dict[str, Any]:
    if not any(scope.covers(path) for path in territories.paths_of(territory.pk)):
        raise TerritoryNotFound(territory=territory.code)
    inside = list(territories.descendant_ids(territory)) if places is None else list(places)
    return {"day": day, "at": known_at or clock.now(), "places": inside}


def _stream(sql: str, asked: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, asked)
        while rows := cursor.fetchmany(_AT_ONCE):
            yield from rows


def history_reasons() -> list[tuple[str, str]]:
    """Why a version of a membership can end, with the words for it."""
    return [(reason.value, str(reason.label)) for reason in HistoryReason]


def grades() -> list[tuple[str, str]]:
    """The classes of membership, with their names."""
    return [(grade.value, str(grade.label)) for grade in MemberGrade]


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
