"""Drawing a roll up, and producing it again: the same territory and day give the same hash, whatever came later.

A roll rests on the memberships as they were known at one moment. Producing it again reads the same moment, from the
versions that are never written over; what names people is taken from the first production, by their mark. Whom an
erasure has made nameless since is in no history any more: their line is, and stays.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from toli.access.domain.permissions import MEMBERS_EXPORT
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import person_of, scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.cards import selectors as cards
from toli.core import clock, wall
from toli.members import selectors as members
from toli.members import services as member_services
from toli.members.models import Member, MemberGrade
from toli.members.selectors import Belonging
from toli.rolls import selectors
from toli.rolls.domain.roll import SALT, Difference, Line, commit, compare, content_hash, mark
from toli.rolls.errors import DayNotOver
from toli.rolls.models import Roll, RollLine
from toli.territories import selectors as territories
from toli.territories.models import Territory

BATCH = 10_000
_UNKNOWN = "?"  # the commitment of somebody whom the first production did not know


@dataclass(frozen=True, slots=True)
class Drawn:
    """A roll that was drawn up, or produced again. ``same``: the second time gave the same hash as the first.

    ``since``: what would be different if it were drawn up with what is known now.
    """

    roll: Roll
    new: bool
    same: bool
    since: Difference


@dataclass(frozen=True, slots=True)
class Preview:
    """How many members of which class a roll would have."""

    members: int
    active_members: int


def preview_roll(*, actor: Actor, territory_code: str, day: date) -> Preview:
    """What a roll would count. Raises TerritoryNotFound, DayNotOver."""
    territory = _place(actor, territory_code, day)
    with wall.lifted("who has moved out of the actor's area since was a member in it on the day"):
        found = members.members_on(EVERYWHERE, territory, day)
    return Preview(len(found), _active(found))


@transaction.atomic
def draw_roll(*, actor: Actor, territory_code: str, day: date) -> Drawn:
    """Draw up the roll of a territory and day; where there is one already, produce it again and compare.

    Raises:
        TerritoryNotFound: also when out of scope. DayNotOver. Forbidden: nobody in person draws it up.
    """
    person = person_of(actor)
    territory = _place(actor, territory_code, day)
    with wall.lifted("who has moved out of the actor's area since was a member in it on the day"):
        known_at = member_services.settled()
        first = Roll.objects.select_related("territory", "previous").filter(territory=territory, day=day, version=1)
        if standing := first.first():
            return produce_again(standing)
        roll = _write(territory, day, known_at, person)
    audit.record_act(
        actor,
        action="rolls.draw",
        target=f"roll:{roll.pk}",
        territory_id=territory.pk,
        details={"day": day.isoformat(), "members": roll.members, "hash": roll.content_hash},
    )
    return Drawn(roll, new=True, same=True, since=Difference())


def produce_again(roll: Roll) -> Drawn:
    """Produce a first version again from the memberships as recorded then, and as recorded now."""
    stored = selectors.lines_of(roll)
    then, now = _produced(roll, stored, roll.known_at), _produced(roll, stored, clock.now())
    same = content_hash(selectors.head_of(roll), then) == roll.content_hash
    return Drawn(roll, new=False, same=same, since=compare(then, now))


def _produced(roll: Roll, stored: Sequence[Line], known_at: datetime) -> list[Line]:
    """The lines that the history gives, with the commitments of the first production."""
    found = members.members_on(EVERYWHERE, roll.territory, roll.day, known_at=known_at, places=roll.places)
    codes, salt = _codes({row.territory_id for row in found}), bytes(roll.salt)
    commitments = {line.ref: line.commitment for line in stored}
    lines = []
    for row in found:
        ref = mark(row.member_id, salt)
        lines.append(Line(codes[row.territory_id], ref, row.grade, commitments.get(ref, _UNKNOWN)))
    erased = set(RollLine.objects.filter(roll=roll, salt__isnull=True).values_list("ref", flat=True))
    return lines + [line for line in stored if line.ref in erased]


def _place(actor: Actor, code: str, day: date) -> Territory:
    territory = territories.get_territory(scope_for(actor, MEMBERS_EXPORT), code)
    if day >= clock.today():
        raise DayNotOver
    return territory


def _write(territory: Territory, day: date, known_at: datetime, person: int) -> Roll:
    places = list(territories.descendant_ids(territory))
    found = members.members_on(EVERYWHERE, territory, day, known_at=known_at, places=places)
    roll = Roll(
        territory=territory,
        day=day,
        known_at=known_at,
        places=places,
        salt=os.urandom(32),
        members=len(found),
        active_members=_active(found),
        drawn_by_id=person,
    )
    codes, salt = _codes({row.territory_id for row in found}), bytes(roll.salt)
    ordered = sorted((codes[row.territory_id], mark(row.member_id, salt), row) for row in found)
    roll.save()
    lines: list[Line] = []
    for begin in range(0, len(ordered), BATCH):
        lines += _store(roll, begin, ordered[begin : begin + BATCH])
    roll.content_hash = content_hash(selectors.head_of(roll), lines)
    roll.save(update_fields=["content_hash"])
    return roll


def _store(roll: Roll, begin: int, part: Sequence[tuple[str, str, Belonging]]) -> list[Line]:
    ids = [row.member_id for _code, _ref, row in part]
    names = dict(Member.objects.filter(pk__in=ids).values_list("pk", "name"))
    numbers, phones = cards.numbers_of(ids), members.masked_phones(ids)
    salts = [os.urandom(SALT) for _row in part]
    about = [(names[pk], numbers.get(pk, ""), phones.get(pk, "")) for pk in ids]
    commitments = [commit(salt, *facts) for salt, facts in zip(salts, about, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO rolls_rollline
                 (roll_id, number, member_id, ref, territory_id, grade, commitment, salt, name, card, masked_number)
               SELECT %s, n, m, r, t, g, c, s, a, k, p
               FROM unnest(%s::int[], %s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::bytea[],
                           %s::text[], %s::text[], %s::text[]) AS new (n, m, r, t, g, c, s, a, k, p)""",
            [
                roll.pk,
                list(range(begin + 1, begin + len(part) + 1)),
                ids,
                [ref for _code, ref, _row in part],
                [row.territory_id for _code, _ref, row in part],
                [row.grade for _code, _ref, row in part],
                commitments,
                salts,
                *[[facts[place] for facts in about] for place in range(3)],
            ],
        )
    return [
        Line(code, ref, row.grade, commitment) for (code, ref, row), commitment in zip(part, commitments, strict=True)
    ]


def _codes(territory_ids: set[int]) -> dict[int, str]:
    return {pk: place.code for pk, place in territories.by_id(territory_ids).items()}


def _active(found: Sequence[Belonging]) -> int:
    return sum(row.grade == MemberGrade.ACTIVE for row in found)
