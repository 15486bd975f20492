"""What a member's team did, and where the member stands in it: sums over all, names among those who agreed.

A team is the chat group in which the member has a seat; without one, the members of the same place.
"""

from collections.abc import Collection
from dataclasses import dataclass

from toli.analytics.domain import recognition
from toli.analytics.domain.recognition import Opens, Place
from toli.analytics.domain.suppression import FEWEST, Figure, Veil
from toli.cards.selectors import shortened
from toli.chatgroups import selectors as chatgroups
from toli.core import wall
from toli.members import selectors as members
from toli.members.models import Member
from toli.sharing import selectors as sharing
from toli.sharing.selectors import Figures


@dataclass(frozen=True, slots=True)
class Team:
    """Sums over the last days (sharing.selectors.RECENT_DAYS), as the member may read them.

    ``group``: the name of the chat group; empty where the team are the members of a place. ``told``: False while
    too few of the team did anything.
    """

    group: str
    told: bool
    shared: Figure
    opened: Figure
    joined: Figure

    @property
    def kept_back(self) -> bool:
        """Whether one of the sums is not told."""
        return any(isinstance(figure, Veil) for figure in (self.shared, self.opened, self.joined))


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Somebody of the team, or the member, beside the member. Of others only days are told: crowds are their own."""

    place: int
    name: str
    days: int
    is_me: bool


@dataclass(frozen=True, slots=True)
class Recognition:
    """``neighbours`` is empty where the member has not agreed, or has no place yet; ``people``: what counts for it."""

    team: Team
    agreed: bool
    neighbours: tuple[Neighbour, ...]
    people: int


@wall.lifted("sums of a team, of which nobody sees the parts, and those who agreed to be seen by those who agreed")
def recognition_of(member: Member) -> Recognition:
    """What the member may know of their team and of their place in it."""
    group, team_ids = _team_of(member)
    agreed = members.shown_to_their_team(team_ids)
    placed = _placed(agreed) if member.pk in agreed else []
    near = recognition.around(placed, member.pk)
    own = next((place.standing.people for place in near if place.standing.member_id == member.pk), 0)
    return Recognition(_team(group, member.pk, team_ids), member.pk in agreed, _named(near, member.pk), own)


def _team_of(member: Member) -> tuple[str, frozenset[int]]:
    campaign = chatgroups.current_campaign()
    seat = chatgroups.seat_of(member.pk, campaign.pk) if campaign else None
    if seat is not None:
        return seat.group.name, chatgroups.members_in(seat.group_id)
    here = Member.objects.active().filter(territory_id=member.territory_id)
    return "", frozenset(here.values_list("pk", flat=True))


def _team(group: str, member_id: int, team_ids: Collection[int]) -> Team:
    figures = sharing.figures_after(team_ids, after=sharing.recent())
    own = figures.pop(member_id, Figures())
    rest, others = sum(figures.values(), Figures()), len(figures)
    shared, opened, joined = (
        recognition.told(getattr(own, name), getattr(rest, name), active_others=others)
        for name in ("shared", "opened", "joined")
    )
    return Team(group, others >= FEWEST, shared, opened, joined)


def _placed(member_ids: Collection[int]) -> list[Place]:
    rows = sharing.people_by_slot(member_ids, after=sharing.recent())
    return recognition.places(recognition.standings(Opens(*row) for row in rows))


def _named(near: Collection[Place], member_id: int) -> tuple[Neighbour, ...]:
    people = Member.objects.in_bulk([place.standing.member_id for place in near])
    return tuple(
        Neighbour(
            place=place.place,
            name=shortened(people[place.standing.member_id].name),
            days=place.standing.days,
            is_me=place.standing.member_id == member_id,
        )
        for place in near
    )
