"""Drawing a roll up, and producing it again: the same territory and day give the same hash, whatever came later.

A roll rests on the memberships as they were known at one moment. Producing it again reads the same moment, from the
versions that are never written over; what names people is taken from the first production, by their mark. Whom an
erasure has made nameless since is in no history any more: their line is, and stays.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, islice
from operator import attrgetter, itemgetter

from django.db import connection, transaction

from toli.access.domain.permissions import MEMBERS_EXPORT
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import person_of, scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.cards import selectors as cards
from toli.core import clock, wall
from toli.core.copying import array_of
from toli.members import selectors as members
from toli.members import services as member_services
from toli.members.selectors import Belonging, Counted
from toli.rolls import selectors
from toli.rolls.domain.roll import (
    SALT,
    UNKNOWN,
    Difference,
    Line,
    commit,
    compare,
    completed,
    hash_in_order,
    marks,
)
from toli.rolls.errors import DayNotOver
from toli.rolls.models import Roll
from toli.territories import selectors as territories
from toli.territories.models import Territory

Advance = Callable[[int, int], None]
BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Drawn:
    """A roll that was drawn up, or produced again. ``same``: the second time gave the same hash as the first.

    ``since``: what would be different if it were drawn up with what is known now.
    """

    roll: Roll
    new: bool
    same: bool
    since: Difference


def preview_roll(*, actor: Actor, territory_code: str, day: date) -> Counted:
    """What a roll would count. Raises TerritoryNotFound, DayNotOver."""
    territory = _place(actor, territory_code, day)
    with wall.lifted("who has moved out of the actor's area since was a member in it on the day"):
        return members.count_on(EVERYWHERE, territory, day)


@transaction.atomic
def draw_roll(*, actor: Actor, territory_code: str, day: date, advance: Advance | None = None) -> Drawn:
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
            return produce_again(standing, advance)
        roll = _write(territory, day, known_at, person, advance)
    audit.record_act(
        actor,
        action="rolls.draw",
        target=f"roll:{roll.pk}",
        territory_id=territory.pk,
        details={"day": day.isoformat(), "members": roll.members, "hash": roll.content_hash},
    )
    return Drawn(roll, new=True, same=True, since=Difference())


def produce_again(roll: Roll, advance: Advance | None = None) -> Drawn:
    """Produce a first version again from the memberships as recorded then, and as recorded now."""
    read = (EVERYWHERE, roll.territory, roll.day)
    erased = selectors.erased_from(roll)
    count = members.count_on(*read, known_at=roll.known_at, places=roll.places).members + len(erased)
    found = members.members_on(*read, known_at=roll.known_at, places=roll.places)
    produced = ((row.place, ref, row.grade) for ref, row in _in_order(found, bytes(roll.salt)))
    lines = completed(produced, selectors.lines_of(roll), erased)
    found_hash = hash_in_order(selectors.head_of(roll), count, _counted(lines, count, advance))
    return Drawn(roll, new=False, same=found_hash == roll.content_hash, since=_learnt(roll))


def _learnt(roll: Roll) -> Difference:
    """What the history says otherwise by now."""
    salt = bytes(roll.salt)
    changes = members.learnt_since(EVERYWHERE, roll.territory, roll.day, known_at=roll.known_at, places=roll.places)
    marked = list(zip(marks([change.member_id for change in changes], salt), changes, strict=True))
    return compare(
        [Line(change.before[0], ref, change.before[1], UNKNOWN) for ref, change in marked if change.before],
        [Line(change.after[0], ref, change.after[1], UNKNOWN) for ref, change in marked if change.after],
    )


def _place(actor: Actor, code: str, day: date) -> Territory:
    territory = territories.get_territory(scope_for(actor, MEMBERS_EXPORT), code)
    if day >= clock.today():
        raise DayNotOver
    return territory


def _write(territory: Territory, day: date, known_at: datetime, person: int, advance: Advance | None) -> Roll:
    places = list(territories.descendant_ids(territory))
    counted = members.count_on(EVERYWHERE, territory, day, known_at=known_at, places=places)
    roll = Roll.objects.create(
        territory=territory,
        day=day,
        known_at=known_at,
        places=places,
        salt=os.urandom(32),
        members=counted.members,
        active_members=counted.active_members,
        drawn_by_id=person,
    )
    found = members.members_on(EVERYWHERE, territory, day, known_at=known_at, places=places)
    lines = _counted(_stored(roll, _in_order(found, bytes(roll.salt))), roll.members, advance)
    roll.content_hash = hash_in_order(selectors.head_of(roll), roll.members, lines)
    roll.save(update_fields=["content_hash"])
    return roll


def _in_order(found: Iterable[Belonging], salt: bytes) -> Iterator[tuple[str, Belonging]]:
    """Each member with their mark, in the order of the roll. ``found`` comes by place; a place is sorted at once."""
    for _place, people in groupby(found, key=attrgetter("place")):
        there = list(people)
        marked = zip(marks([row.member_id for row in there], salt), there, strict=True)
        yield from sorted(marked, key=itemgetter(0))


def _counted(lines: Iterable[Line], total: int, advance: Advance | None) -> Iterator[Line]:
    """The same lines; every now and then we say how many have gone by."""
    done = 0
    for done, line in enumerate(lines, 1):
        yield line
        if advance and done % BATCH == 0:
            advance(done, total)
    if advance:
        advance(done, total)


def _stored(roll: Roll, ordered: Iterator[tuple[str, Belonging]]) -> Iterator[Line]:
    """The lines, which are in the database when the last of them has been asked for."""
    begin = 0
    while part := list(islice(ordered, BATCH)):
        yield from _store(roll, begin, part)
        begin += len(part)


def _store(roll: Roll, begin: int, part: Sequence[tuple[str, Belonging]]) -> list[Line]:
    ids = [row.member_id for _ref, row in part]
    numbers, phones = cards.numbers_of(ids), members.masked_phones(ids)
    drawn = os.urandom(SALT * len(part))
    salts = [drawn[at : at + SALT] for at in range(0, len(drawn), SALT)]
    about = [(row.name, numbers.get(row.member_id, ""), phones.get(row.member_id, "")) for _ref, row in part]
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
                array_of(range(begin + 1, begin + len(part) + 1)),
                array_of(ids),
                array_of(ref for ref, _row in part),
                array_of(row.territory_id for _ref, row in part),
                array_of(row.grade for _ref, row in part),
                array_of(commitments),
                array_of(rf"\x{salt.hex()}" for salt in salts),
                *[array_of(facts[place] for facts in about) for place in range(3)],
            ],
        )
    return [
        Line(row.place, ref, row.grade, commitment) for (ref, row), commitment in zip(part, commitments, strict=True)
    ]
