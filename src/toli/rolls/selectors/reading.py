"""Reads about rolls. The scope comes first: a roll is seen by those whose area holds its territory."""

from collections.abc import Iterator

from django.db.models import Q, QuerySet

from toli.access.domain.scope import Scope
from toli.core import wall
from toli.members.models import Member
from toli.rolls.domain.roll import Head, Line
from toli.rolls.errors import RollNotFound
from toli.rolls.models import Roll, RollLine, RollState
from toli.territories.models import Territory
from toli.territories.selectors import path_of

STATES = dict(RollState.choices)


def rolls(scope: Scope, *, place: Territory | None = None, limit: int = 200) -> list[Roll]:
    """The latest rolls of the scope; with ``place`` only those of it and of what lies below."""
    found = within(scope)
    if place is not None:
        found = found.filter(territory__in=Territory.objects.within_paths((path_of(place.pk),)))
    return list(found.order_by("-day", "territory__code", "-version")[:limit])


def get_roll(scope: Scope, roll_id: int) -> Roll:
    """The roll. Raises RollNotFound, also when out of scope."""
    roll = within(scope).filter(pk=roll_id).first()
    if roll is None:
        raise RollNotFound
    return roll


def standings(member: Member, *, limit: int = 20) -> list[tuple[Roll, RollLine | None]]:
    """Certified rolls that the member stands in, with their line, or that are of the place where they are now."""
    with wall.lifted("members see whether they stand in a roll, not the roll"):
        lines = {line.roll_id: line for line in RollLine.objects.filter(member=member).select_related("territory")}
        about = Roll.objects.exclude(state=RollState.DRAFT).select_related("territory__level")
        found = about.filter(Q(pk__in=list(lines)) | Q(places__contains=[member.territory_id]))
        return [(roll, lines.get(roll.pk)) for roll in found.order_by("-day", "-version", "pk")[:limit]]


def lines_page(roll: Roll, *, after: int = 0, limit: int = 50) -> list[RollLine]:
    """Lines of a roll that the caller may see, in their order, behind the number ``after``."""
    found = RollLine.objects.filter(roll=roll, number__gt=after).select_related("territory")
    return list(found.order_by("number")[:limit])


def head_of(roll: Roll) -> Head:
    """What stands above the lines when the roll is hashed."""
    return Head(roll.territory.code, roll.day, roll.version, roll.previous.content_hash if roll.previous else "")


def lines_of(roll: Roll) -> Iterator[Line]:
    """The lines of a roll as they are hashed, in their order."""
    found = RollLine.objects.filter(roll=roll).order_by("number")
    rows = found.values_list("territory__code", "ref", "grade", "commitment")
    return (Line(*row) for row in rows.iterator(chunk_size=20_000))


def erased_from(roll: Roll) -> frozenset[str]:
    """The marks of those who were erased since the roll was drawn up."""
    return frozenset(RollLine.objects.filter(roll=roll, salt__isnull=True).values_list("ref", flat=True))


def rows_of(roll: Roll) -> Iterator[RollLine]:
    """The rows of a roll in their order, for a file."""
    return RollLine.objects.filter(roll=roll).select_related("territory").order_by("number").iterator(chunk_size=5000)


def within(scope: Scope) -> QuerySet[Roll]:
    """The rolls of the scope."""
    found = Roll.objects.select_related("territory__level", "drawn_by", "certified_by", "previous")
    if scope.everywhere:
        return found
    return found.filter(territory__in=Territory.objects.within_paths(scope.paths))
