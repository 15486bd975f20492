"""Putting a plan's messages into the outbox, a few thousand people at a time: members, then citizens who agreed.

Each step is a transaction that remembers how far it came, so that a process may die at any moment: nobody is left out
and nobody is written to twice. Consent and the law are asked again when each message leaves.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.audit import services as audit
from toli.content.domain.languages import language_for
from toli.content.domain.passport import variant_for
from toli.content.models import Kit, KitState
from toli.core import clock
from toli.distribution import direct, selectors
from toli.distribution.direct import PURPOSE, Way
from toli.distribution.domain.wording import Wording
from toli.distribution.models import Plan, PlanBatch, PlanState
from toli.members import selectors as members
from toli.members.selectors import Reached, ReachedCitizen
from toli.messaging import selectors as messaging
from toli.messaging.models import Audience, Batch, Sender
from toli.messaging.services import outbox
from toli.sharing import selectors as sharing
from toli.sharing import services as sharing_services
from toli.sharing.models import ShareChannel
from toli.territories import selectors as territories
from toli.territories.models import Node, Territory

AT_ONCE = 5_000


def queue_started_plans() -> int:
    """Queue the messages of all plans that have begun. Returns how many were queued. Safe to repeat at any time."""
    done = 0
    while (number := _queue_some()) is not None:
        done += number
    return done


@transaction.atomic
def _queue_some() -> int | None:
    """One step of the first plan that has one left. None: there is none."""
    waiting = Plan.objects.select_for_update(of=("self",)).filter(state=PlanState.STARTED, queued_at__isnull=True)
    plan = waiting.order_by("pk").first()
    if plan is None:
        return None
    # Nobody withdraws the kit and no other plan of it goes on meanwhile.
    kit = Kit.objects.select_for_update(of=("self",), no_key=True).get(pk=plan.kit_id)
    ways = _open_ways(plan, kit)
    if kit.state == KitState.LIVE:
        for audience in (item for item in Audience if item in plan.audiences):
            number = _queue_step(plan, kit, ways, audience)
            if number is not None:
                return number
    return _finish(plan)


def _queue_step(plan: Plan, kit: Kit, ways: Sequence[Way], audience: Audience) -> int | None:
    """A step of these people. Returns how many are new; None: their turn is over."""
    ways = [way for way in ways if way.key in direct.for_audience(plan.channels, audience)]
    if not ways:
        return None
    next_people, remembered = _TURNS[audience]
    people, last = next_people(plan, kit, direct.consents_of(ways))
    if last is None:
        return None
    setattr(plan, remembered, last)
    plan.save(update_fields=[remembered, "obstacles"])
    return _Queueing(plan, kit, ways, audience).queue(people)


@dataclass(frozen=True, slots=True)
class _Person:
    """A member or a citizen, by id, and how they are reached."""

    id: int
    reached: Reached | ReachedCitizen


def _open_ways(plan: Plan, kit: Kit) -> list[Way]:
    """The plan's channels that can carry the kit now, in its order; why the others cannot is noted in the plan."""
    found = [direct.way_of(key) for key in direct.to_members(plan.channels)]
    obstacles = {way.key: direct.obstacle_of(kit, way) for way in found}
    plan.obstacles = {key: str(why) for key, why in obstacles.items() if why is not None}
    return [way for way in found if obstacles[way.key] is None]


def _next_members(plan: Plan, kit: Kit, channels: list[str]) -> tuple[list[_Person], int | None]:
    """The next members but those who know the kit already, and the last whose turn it was; None: there are no more."""
    people, last = members.first_ways(
        selectors.branches_of(plan), purpose=PURPOSE, channels=channels, after=plan.queued_to, most=AT_ONCE
    )
    written = selectors.members_written(kit, [who.member_id for who in people])
    return [_Person(who.member_id, who) for who in people if who.member_id not in written], last


def _next_citizens(plan: Plan, kit: Kit, channels: list[str]) -> tuple[list[_Person], int | None]:
    """The same for citizens."""
    people, last = members.first_citizen_ways(
        selectors.branches_of(plan), channels=channels, after=plan.citizens_to, most=AT_ONCE
    )
    written = selectors.citizens_written(kit, people)
    return [_Person(who.citizen_id, who) for who in people if who.citizen_id not in written], last


# Who comes next of an audience, and where a plan remembers how far it came with them.
_TURNS = {Audience.MEMBERS: (_next_members, "queued_to"), Audience.CITIZENS: (_next_citizens, "citizens_to")}


def _finish(plan: Plan) -> int:
    plan.queued_at = clock.now()
    plan.save(update_fields=["queued_at", "obstacles"])
    count = sum(sum(states.values()) for states in messaging.counts(_batch_ids(plan)).values())
    if direct.to_members(plan.channels):
        audit.record_act(
            SYSTEM,
            action="distribution.post",
            target=f"plan:{plan.pk}",
            territory_id=plan.kit.territory_id,
            details={"messages": count, "left_out": plan.obstacles},
        )
    return 0


def _batch_ids(plan: Plan) -> list[int]:
    return list(plan.batches.order_by("pk").values_list("batch_id", flat=True))


def _subject(kit: Kit) -> str:
    return f"kit:{kit.pk}"


class _Queueing:
    """One step: some people, each to one batch by the first of the ways that they agreed to."""

    def __init__(self, plan: Plan, kit: Kit, ways: Sequence[Way], audience: Audience) -> None:
        self.plan, self.kit, self.ways, self.audience = plan, kit, ways, audience
        self.wordings = [direct.wordings(kit, way) for way in ways]
        self.languages = sorted(item.language for item in kit.renditions.all())

    def queue(self, people: Sequence[_Person]) -> int:
        """Queue a message to each. Returns how many are new."""
        places = _places_of(self.plan, {person.reached.territory_id for person in people})
        groups: dict[tuple[Territory, int, str, int, int], list[int]] = defaultdict(list)
        for person in people:
            who = person.reached
            number = next(at for at, way in enumerate(self.ways) if way.channel == who.channel)
            language = self._language(who.language)
            variants = len(self.wordings[number][language])
            share = person.id // variants % len(self.ways[number].senders)
            key = (places[who.territory_id], number, language, variant_for(person.id, variants), share)
            groups[key].append(person.id)
        return sum(self._queue(*key, ids) for key, ids in groups.items())

    def _language(self, own: str) -> str:
        chosen = language_for(next(iter(self.plan.languages), own), self.languages)
        return chosen or self.languages[0]

    def _queue(
        self, place: Territory, number: int, language: str, variant: int, share: int, ids: list[int]
    ) -> int:  # fmt: skip
        way = self.ways[number]
        batch = self._batch(place, number, language, variant, way.senders[share])
        words = self._words_to_citizens(place, way, ids) if self._citizens else self._words_to_members(way, ids)
        return outbox.enqueue(scope=EVERYWHERE, batch=batch, members=words)

    @property
    def _citizens(self) -> bool:
        return self.audience == Audience.CITIZENS

    def _words_to_citizens(self, place: Territory, way: Way, ids: Sequence[int]) -> dict[int, list[str]]:
        """All have the link of the plan's place: one of their own would tell who of them opened it."""
        link = sharing_services.citizens_link(kit=self.kit, territory_id=place.pk, channel=way.channel)
        return {citizen_id: [sharing.own_url(link)] for citizen_id in ids}

    def _words_to_members(self, way: Way, member_ids: Sequence[int]) -> dict[int, list[str]]:
        channel = way.channel if way.channel in ShareChannel.values else ShareChannel.OTHER
        links = sharing_services.share_links(member_ids=member_ids, kit=self.kit, channel=channel)
        return {member_id: [sharing.link_url(link)] for member_id, link in links.items()}

    def _batch(self, place: Territory, number: int, language: str, variant: int, sender: Sender) -> Batch:
        """The batch of these words by this sender, made with those that come into play where it fails."""
        key: dict[str, Any] = {
            "plan": self.plan, "territory": place, "sender": sender, "audience": self.audience,
            "language": language, "variant": variant,
        }  # fmt: skip
        known = PlanBatch.objects.select_related("batch").filter(**key).first()
        if known is not None:
            return known.batch
        batch = outbox.create_batch(
            actor=SYSTEM,
            sender=sender.code,
            territory=place,
            purpose=PURPOSE,
            content=direct.content_of(self.kit, self._wording(number, language, variant), sender),
            subject=_subject(self.kit),
            expires_at=self.kit.valid_until,
            audience=self.audience,
            otherwise=self._otherwise(place, number + 1, language, variant),
        )
        PlanBatch.objects.create(batch=batch, **key)
        return batch

    def _otherwise(self, place: Territory, number: int, language: str, variant: int) -> Batch | None:
        if number >= len(self.ways):
            return None
        variant = variant_for(variant, len(self.wordings[number][language]))
        return self._batch(place, number, language, variant, self.ways[number].senders[0])

    def _wording(self, number: int, language: str, variant: int) -> Wording:
        return self.wordings[number][language][variant]


def _places_of(plan: Plan, territory_ids: Collection[int]) -> dict[int, Territory]:
    """For each of these places, the nearest of the plan's in whose branch it lies."""
    branches = sorted(((territories.path_of(place.pk), place) for place in plan.territories.all()), key=_by_depth)
    nodes = Node.objects.current().filter(territory_id__in=territory_ids).values_list("territory_id", "path")
    found: dict[int, Territory] = {}
    for branch, place in branches:
        found |= {territory_id: place for territory_id, path in nodes if path.startswith(branch)}
    return found


def _by_depth(branch: tuple[str, Territory]) -> int:
    return len(branch[0])
