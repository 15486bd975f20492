"""Setting up the organisation's own places, and finding out whether they can be posted to."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from toli.access.domain.permissions import PLACES_MANAGE
from toli.access.policies import scope_for
from toli.accounts import selectors as accounts
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.botgroups.models import Chat
from toli.chatgroups import selectors as chatgroups
from toli.chatgroups.models import ChatGroup
from toli.compliance import services as compliance
from toli.core import clock
from toli.posting import selectors
from toli.posting.errors import PlaceExists, PlaceInvalid
from toli.posting.models import Place, PlaceState
from toli.posting.ports import Health
from toli.posting.providers import made, provider_named, secret_names
from toli.posting.services import keeping
from toli.territories import selectors as territories


@transaction.atomic
def add_place(
    *,
    actor: Actor,
    provider: str,
    settings: Mapping[str, Any],
    name: str = "",
    territory_code: str = "",
    person_login: str = "",
    group_id: int | None = None,
    language: str = "",
) -> Place:
    """Keep an account, page or channel. With ``group_id`` it is one of the registry, and has everything else there.

    Raises:
        TerritoryNotFound, GroupNotFound: not where the actor keeps places. ChannelBarred. PostProviderUnknown.
        AccountNotFound: of the person. PlaceInvalid: a setting or the name. PlaceExists.
    """
    scope = scope_for(actor, PLACES_MANAGE)
    found = provider_named(provider)
    compliance.require_channel(provider)
    made(found, settings)
    now = clock.now()
    place = Place(provider=provider, language=language, next_at=now, created_at=now)
    if group_id is not None:
        place.group = chatgroups.get_group(scope, group_id)
        if Place.objects.filter(group=place.group).exists():
            raise PlaceExists
    else:
        place.territory = territories.get_territory(scope, territory_code)
        place.name, place.person_id = _named(name), accounts.get_account(person_login).pk
    _refuse_twice(provider, _open(found, settings))
    place.save()
    _keep(place, settings)
    _trace(actor, "posting.place.add", place, {"provider": provider})
    return place


@transaction.atomic
def change_place(*, actor: Actor, place_id: int, settings: Mapping[str, Any]) -> Place:
    """Change some of a place's settings, such as a token that ran out. Raises PlaceNotFound, PlaceInvalid."""
    place = selectors.get_place(scope_for(actor, PLACES_MANAGE), place_id, lock=True)
    whole = {**keeping.stored(place), **settings}
    made(provider_named(place.provider), whole)
    _keep(place, whole)
    _trace(actor, "posting.place.change", place, {"what": sorted(settings)})
    return place


@transaction.atomic
def set_place_state(*, actor: Actor, place_id: int, state: str, reason: str = "") -> Place:
    """Pause a place, switch it off, or let it go on. What waits for it waits. Raises PlaceNotFound, ChannelBarred."""
    place = selectors.get_place(scope_for(actor, PLACES_MANAGE), place_id, lock=True)
    if state == PlaceState.ACTIVE:
        compliance.require_channel(place.provider)
    place.state = PlaceState(state)
    place.reason = "" if state == PlaceState.ACTIVE else reason or "by_hand"
    place.save(update_fields=["state", "reason"])
    _trace(actor, "posting.place.state", place, {"state": state, "reason": place.reason})
    return place


def examine_place(*, actor: Actor, place_id: int) -> Health:
    """Ask the platform whether the place can be posted to, and note its quota. Raises PlaceNotFound."""
    place = selectors.get_place(scope_for(actor, PLACES_MANAGE), place_id)
    try:
        (health,) = provider_named(place.provider).examine([keeping.settings_of(place)])
    except PlaceInvalid:
        return Health(problem="settings")
    if health.quota is not None:
        Place.objects.filter(pk=place.pk).update(
            quota_used=health.quota.used, quota_total=health.quota.total, quota_at=clock.now()
        )
    return health


def keep_groups_of_bot(group_ids: list[int]) -> None:
    """A place for each of these groups that the bot is in, so that there can be posts in it. Safe to repeat."""
    kept = Chat.objects.filter(group_id__in=group_ids, inside=True).values_list("group_id", flat=True)
    have = set(Place.objects.filter(group_id__in=group_ids).values_list("group_id", flat=True))
    now = clock.now()
    Place.objects.bulk_create(
        [
            Place(provider=selectors.KEPT_BY, group_id=group_id, next_at=now, created_at=now)
            for group_id in ChatGroup.objects.filter(pk__in=kept).values_list("pk", flat=True)
            if group_id not in have
        ],
        ignore_conflicts=True,
    )


def _named(name: str) -> str:
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= 80:
        raise PlaceInvalid(reason="1 ≤ len ≤ 80")
    return clean


def _open(provider: Any, settings: Mapping[str, Any]) -> dict[str, Any]:
    hidden = secret_names(provider)
    return {name: value for name, value in settings.items() if name not in hidden}


def _refuse_twice(provider: str, config: Mapping[str, Any]) -> None:
    if config and Place.objects.filter(provider=provider, config=dict(config)).exists():
        raise PlaceExists


def _keep(place: Place, settings: Mapping[str, Any]) -> None:
    hidden = secret_names(provider_named(place.provider))
    place.config = json.loads(json.dumps(_open(provider_named(place.provider), settings)))
    secrets = {name: value for name, value in settings.items() if name in hidden}
    if secrets:
        keeping.seal(place, secrets)
    place.save(update_fields=["config", "secrets_sealed"])


def _trace(actor: Actor, action: str, place: Place, details: dict[str, Any]) -> None:
    audit.record_act(actor, action=action, target=f"place:{place.pk}", territory_id=place.home.pk, details=details)
