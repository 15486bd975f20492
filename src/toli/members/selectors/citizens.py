"""Citizens who agreed to hear from the organisation: how many, by which way; never who."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings

from toli.access.domain.scope import Scope, scope_of
from toli.core import wall
from toli.core.crypto import cipher_for, index_for, keyed_hash
from toli.members.domain.citizens import OFFERED, PURPOSE
from toli.members.domain.purposes import Channel
from toli.members.models import Citizen, ConsentRecord, ContactKind, ContactPoint, MemberState
from toli.members.models.citizens import CitizenQuerySet
from toli.members.selectors.addresses import STREAM
from toli.members.selectors.numbers import PHONE_INDEX, plain_phones
from toli.territories import selectors as territories
from toli.territories.models import Territory

NUMBER = "members_citizen.number"
HASH = "members_citizen.number_hash"


def count_citizens(scope: Scope, territory: Territory) -> int:
    """In how many cases a yes stands in the branch. Raises TerritoryNotFound where the scope does not reach."""
    path = territories.path_of(territories.get_by_id(scope, territory.pk).pk)
    return Citizen.objects.within(scope_of([path])).agreed().count()


@dataclass(frozen=True, slots=True)
class ReachedCitizen:
    """A citizen whom somebody wants to write to: ``channel`` is the first of those asked for that they agreed to.

    ``number_hash`` and ``once_members`` tell who else this number was written to as: earlier entries of people who
    agreed anew, and of members who left.
    """

    citizen_id: int
    territory_id: int
    language: str
    channel: str
    number_hash: bytes = field(repr=False)
    once_members: tuple[int, ...] = ()


Left = Callable[[Sequence[ReachedCitizen]], Collection[int]]


def first_citizen_ways(
    branches: Iterable[str], *, channels: Sequence[str], after: int, most: int
) -> tuple[list[ReachedCitizen], int | None]:
    """Of the next ``most`` citizens of these branches who agreed, those whom one of the channels reaches, by the first.

    As :func:`reaching.first_ways` for members. Whose number is a member's is left out: they hear from us as members.
    """
    page = list(_agreed_in(branches).filter(pk__gt=after).order_by("pk")[:most])
    return _first_ways(page, channels), max((citizen.pk for citizen in page), default=None)


def first_citizen_way_counts(
    branches: Iterable[str], *, channels: Sequence[str], besides: Left = lambda _people: ()
) -> dict[tuple[str, int], int]:
    """How many citizens of each place would be written to by which channel: by the first of these that they agreed to.

    ``besides``: who of some people is left out, by id.
    """
    found: Counter[tuple[str, int]] = Counter()
    branches, last = list(branches), 0
    while True:
        people, last_seen = first_citizen_ways(branches, channels=channels, after=last, most=STREAM)
        if last_seen is None:
            return dict(found)
        last, without = last_seen, set(besides(people))
        found.update((who.channel, who.territory_id) for who in people if who.citizen_id not in without)


def citizens_agreed_among(citizen_ids: Iterable[int], *, channel: str) -> dict[int, Citizen]:
    """Those of the citizens who may be written to now by this channel, and whose number is no member's."""
    found = list(Citizen.objects.agreed().filter(pk__in=list(citizen_ids)))
    reached = {who.citizen_id for who in _first_ways(found, [channel])}
    return {citizen.pk: citizen for citizen in found if citizen.pk in reached}


def citizens_number(citizen: Citizen) -> str:
    """The number (E.164), for this context alone; empty once it is gone."""
    sealed = bytes(citizen.number_sealed)
    return cipher_for(NUMBER).decrypt(sealed, row=citizen.pk) if sealed else ""


def number_hash(number: str) -> bytes:
    """What finds a citizen by their number (E.164): under the key of tombstones, which no rotation changes."""
    return keyed_hash(settings.TOLI_TOMBSTONE_KEY, HASH, number)


def number_hashes_of(member_ids: Iterable[int]) -> dict[bytes, set[int]]:
    """What would find these members' numbers among those of citizens, and who has each number."""
    found: dict[bytes, set[int]] = {}
    for member_id, phone in plain_phones(member_ids).items():
        found.setdefault(number_hash(phone), set()).add(member_id)
    return found


def _agreed_in(branches: Iterable[str]) -> CitizenQuerySet:
    return Citizen.objects.within(scope_of(list(branches))).agreed()


def _first_ways(found: Sequence[Citizen], channels: Sequence[str]) -> list[ReachedCitizen]:
    wanted = [str(channel) for channel in map(Channel, channels) if channel in OFFERED]
    said = _latest_words([citizen.pk for citizen in found])
    members, once = _members_by_number(found)
    reached = []
    for citizen in found:
        way = next((channel for channel in wanted if said.get((citizen.pk, channel))), None)
        if way is not None and citizen.pk not in members:
            key, before = bytes(citizen.number_hash), tuple(once.get(citizen.pk, ()))
            reached.append(ReachedCitizen(citizen.pk, citizen.territory_id, citizen.language, way, key, before))
    return reached


def _latest_words(citizen_ids: Sequence[int]) -> Mapping[tuple[int | None, str], bool]:
    rows = ConsentRecord.objects.filter(citizen_id__in=citizen_ids, purpose=PURPOSE)
    rows = rows.order_by("citizen_id", "channel", "-at", "-pk").distinct("citizen_id", "channel")
    return {(row.citizen_id, row.channel): row.given for row in rows}


@wall.lifted("whether a citizen's number is a member's, who hears from us as a member; nothing else is told")
def _members_by_number(found: Sequence[Citizen]) -> tuple[set[int], dict[int, list[int]]]:
    """Those whose number is a member's as well, and for each citizen the former members who had the number."""
    index = index_for(PHONE_INDEX)
    by_key = {key: citizen.pk for citizen in found for key in index.all_of(citizens_number(citizen))}
    points = ContactPoint.objects.filter(kind=ContactKind.PHONE, value_index__in=list(by_key))
    members: set[int] = set()
    once: dict[int, list[int]] = {}
    for key, member_id, state in points.values_list("value_index", "member_id", "member__state"):
        if state == MemberState.LEFT:
            once.setdefault(by_key[bytes(key)], []).append(member_id)
        else:
            members.add(by_key[bytes(key)])
    return members, once
