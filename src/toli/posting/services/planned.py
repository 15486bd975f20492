"""From a plan to posts: which places it means, what will become of them, and queueing them when it begins."""

from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from toli.compliance.selectors import judge_all
from toli.compliance.services import SendingQuestion
from toli.content import selectors as content
from toli.content.domain.passport import variant_for
from toli.core import clock, jobs
from toli.distribution.domain.forecast import Allowance, Forecast
from toli.distribution.models import Plan, PlanState
from toli.posting import selectors
from toli.posting.domain.composing import language_of
from toli.posting.domain.forecast import Room, duration
from toli.posting.errors import PlaceInvalid
from toli.posting.models import Place, Post
from toli.posting.ports import PostProvider
from toli.posting.providers import provider_named, providers
from toli.posting.selectors import KEPT_BY
from toli.posting.services import keeping
from toli.posting.services.places import keep_groups_of_bot
from toli.posting.services.writing import Writer

ASKED_AT_ONCE = 20  # accounts whose platform is asked while somebody waits for the page
TOO_LATE = timedelta(hours=24)  # what has not gone out by then does not go out any more


@transaction.atomic
def queue_plan(*, plan_id: int) -> int:
    """Queue a post for each place that the plan means, once for each kit. Returns how many are new. Safe to repeat."""
    plan = Plan.objects.select_related("kit").get(pk=plan_id)
    channels = [channel for channel in plan.channels if channel in providers()]
    if not channels or plan.state != PlanState.STARTED or not content.is_current(plan.kit):
        return 0
    if KEPT_BY in channels:
        keep_groups_of_bot([group.pk for group in selectors.groups_of_bot(plan)])
    places = selectors.places_of_plan(plan, channels)
    before = Post.objects.filter(kit=plan.kit).count()
    Post.objects.bulk_create([_post(plan, place) for place in places], ignore_conflicts=True, batch_size=1000)
    transaction.on_commit(lambda: jobs.enqueue_once("posting.send"))
    return Post.objects.filter(kit=plan.kit).count() - before


def _post(plan: Plan, place: Place) -> Post:
    now = clock.now()
    language = content.rendition_for(plan.kit, language_of(place.language, plan.languages)).language
    texts = content.texts_for(plan.kit, language, provider_named(place.provider).platform)
    return Post(
        place=place,
        plan=plan,
        kit=plan.kit,
        language=language,
        variant=variant_for(place.pk, len(texts)),
        created_at=now,
        ready_at=now,
        expires_at=min(plan.kit.valid_until, now + TOO_LATE),
    )


class PostingChannels:
    """What distribution asks about channels by which programs post."""

    def names(self, *, ready: bool = False) -> list[str]:
        """Platforms that posts go to by themselves; ``ready``: only those on which there are places."""
        return [key for key in providers() if not ready or selectors.has_places(key)]

    def groups(self, channels: Collection[str]) -> set[int]:
        """Groups of the registry that these channels serve: nobody has to carry anything there."""
        return selectors.groups_served(channels)

    def forecast(self, plan_id: int, channel: str) -> Forecast:
        """What the plan would do by this channel. Changes nothing."""
        plan = Plan.objects.select_related("kit").get(pk=plan_id)
        places = selectors.places_of_plan(plan, [channel])
        if channel == KEPT_BY:
            have = {place.group_id for place in places}
            places += [
                Place(pk=None, provider=KEPT_BY, group=group)
                for group in selectors.groups_of_bot(plan)
                if group.pk not in have
            ]
        refused = _refused(plan, channel, places)
        provider = provider_named(channel)
        allowances = _allowances(provider, places)
        rooms = [Room(_left(place)) for place in places if place.pk not in allowances]
        rooms += [Room(max(0, found.total - found.used), found.period) for found in allowances.values()]
        lasting = duration(rooms, per_second=provider.capabilities.per_second)
        return Forecast(channel, len(places), refused, lasting, allowances=tuple(allowances.values()))


def _refused(plan: Plan, channel: str, places: list[Place]) -> Counter[str]:
    at = max(plan.starts_at, clock.now())
    heard = selectors.heard_in(places)
    asked = [(number, there) for number, found in enumerate(heard) for there in found]
    questions = [
        SendingQuestion(there, channel, "content", at, plan.kit_id, whole_branch=True) for _number, there in asked
    ]
    why: dict[int, str] = {}
    for (number, _there), answer in zip(asked, judge_all(questions), strict=True):
        if answer is not None and answer.final:
            why.setdefault(number, str(answer.rule))
    writer = Writer()
    for number, place in enumerate(places):
        if number not in why and place.state != "active":
            why[number] = "place_paused"
        language = language_of(place.language, plan.languages)
        if number not in why and writer.text(plan.kit, channel, language, place.pk or 0) is None:
            why[number] = "does_not_fit"
    return Counter(why.values())


def _allowances(provider: PostProvider, places: Sequence[Place]) -> dict[int, Allowance]:
    """By place, what its platform says at this moment; what it said last where it does not answer. Keeps nothing."""
    if provider.capabilities.per_day:
        return _as_counted(provider, places)
    if not provider.capabilities.counts_posts:
        return {}
    told = {place.pk: _as_told(place) for place in places}
    asked, settings = [], []
    for place in places[:ASKED_AT_ONCE]:
        with suppress(PlaceInvalid):
            settings.append(keeping.settings_of(place))
            asked.append(place)
    for place, health in zip(asked, provider.examine(settings) if settings else [], strict=True):
        if health.quota is not None:
            quota = health.quota
            told[place.pk] = Allowance(place.title, quota.used, quota.total, quota.period, clock.now())
    return {key: found for key, found in told.items() if found is not None}


def _as_counted(provider: PostProvider, places: Sequence[Place]) -> dict[int, Allowance]:
    """By place, what was begun today of what one app may begin, where the platform tells nobody how many are used."""
    able, now = provider.capabilities, clock.now()
    midnight = now.astimezone(ZoneInfo(able.day_in)).replace(hour=0, minute=0, second=0, microsecond=0)
    today = Post.objects.filter(place__provider=provider.key, tried_at__gte=midnight)
    used = Counter(config.get(able.day_of) for config in today.values_list("place__config", flat=True))
    day = timedelta(days=1)
    return {
        place.pk: Allowance(place.title, used[place.config.get(able.day_of)], able.per_day, day, now)
        for place in places
    }


def _as_told(place: Place) -> Allowance | None:
    if place.quota_total is None or place.quota_used is None:
        return None
    return Allowance(place.title, place.quota_used, place.quota_total, timedelta(days=1), place.quota_at)


def _left(place: Place) -> int | None:
    if place.quota_total is None or place.quota_used is None:
        return None
    return max(0, place.quota_total - place.quota_used)
