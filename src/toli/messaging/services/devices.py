"""Browsers in which members allow notifications. Members are asked after they have shared something, never before."""

import json
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from toli.accounts.domain.actor import Actor
from toli.core import clock, wall
from toli.core.crypto import cipher_for, keyed_hash
from toli.core.errors import DomainError
from toli.members import selectors as members
from toli.members.domain.purposes import Channel, Purpose
from toli.members.events import MemberDisowned, MemberLeft, MembersMerged
from toli.members.services import set_consent
from toli.messaging import selectors
from toli.messaging.device_book import STREAM, SUBSCRIPTION_CONTEXT, opened
from toli.messaging.domain.devices import Subscription
from toli.messaging.errors import NotificationsOff, SubscriptionRefused
from toli.messaging.events import AddressesExpired
from toli.messaging.models import PushDevice
from toli.messaging.ports import NotifiesDevices
from toli.messaging.providers import providers
from toli.messaging.services.senders import provider_of

MOST_DEVICES = 10
_SEALED = ("pk", "subscription_sealed")


def notifier() -> NotifiesDevices:
    """The provider behind the sender of notifications, the first that is active. Raises NotificationsOff."""
    for sender in selectors.active_senders():
        kind = providers().get(sender.provider)
        if kind is None or kind.channel != Channel.PUSH:
            continue
        try:
            return cast(NotifiesDevices, provider_of(sender))
        except DomainError:
            continue
    raise NotificationsOff


def public_key() -> str:
    """What a browser has to know to allow notifications of ours; empty where there are none."""
    try:
        return notifier().public_key
    except NotificationsOff:
        return ""


@transaction.atomic
def allow_notifications(*, actor: Actor, member_id: int, subscription: Any, name: str, language: str) -> PushDevice:
    """Send the member notifications in this browser as well; that they allowed it is their consent.

    ``subscription``: as the browser wrote it. Of more than ten browsers the oldest is forgotten. Safe to repeat.

    Raises:
        NotificationsOff: nobody set up a sender for them.
        SubscriptionRefused: it is none, or of a push service that we do not send to.
    """
    device = _keep(member_id, _checked(subscription), name)
    _say(actor, member_id, given=True, language=language)
    return device


@transaction.atomic
def renew_device(*, member_id: int, subscription: Any, name: str) -> PushDevice:
    """The same browser, bound to today's key: what it was asked with before is forgotten. No new consent.

    Raises:
        NotificationsOff: nobody set up a sender, or the member wants none. SubscriptionRefused.
    """
    if not _is_wanted(member_id):
        raise NotificationsOff
    return _keep(member_id, _checked(subscription), name)


def key_to_renew_with(member_id: int) -> str:
    """Today's public key where a browser of the member's is bound to an earlier one; empty: none is."""
    bound = {opened(pk, bytes(sealed))["key"] for pk, sealed in _devices(member_id).values_list(*_SEALED)}
    key = public_key() if bound and _is_wanted(member_id) else ""
    return key if key and bound != {key} else ""


def count_bound_to_earlier_keys() -> int:
    """How many browsers are reached by an earlier key only."""
    key = public_key()
    found = PushDevice.objects.values_list(*_SEALED)
    return sum(opened(pk, bytes(sealed))["key"] != key for pk, sealed in found.iterator(chunk_size=STREAM))


@transaction.atomic
def decline_notifications(*, actor: Actor, member_id: int, language: str) -> int:
    """No notifications, on none of the member's devices: also their word when they are asked and say not now.

    Returns how many devices were forgotten. Nobody is asked again; they can turn them on themselves.
    """
    forgotten = _devices(member_id).delete()[0]
    _say(actor, member_id, given=False, language=language)
    return forgotten


def forget_expired(event: AddressesExpired) -> None:
    """Push services said that nobody is there any more."""
    if event.channel == Channel.PUSH:
        PushDevice.objects.filter(pk__in=[int(key) for key in event.keys]).delete()


def forget_devices(event: MemberLeft | MemberDisowned) -> None:
    """Who has left is told nothing more."""
    _devices(event.member_id).delete()


def hand_over(event: MembersMerged) -> None:
    """The devices of two entries of one person are that person's."""
    _devices(event.merged_id).update(member=event.survivor_id)


def _checked(subscription: Any) -> Subscription:
    provider = notifier()
    try:
        made = Subscription.from_json(subscription, provider.public_key)
    except ValueError:
        raise SubscriptionRefused from None
    if not provider.accepts(made.endpoint):
        raise SubscriptionRefused
    return made


def _is_wanted(member_id: int) -> bool:
    return members.words(member_id).get((Purpose.CONTENT.value, Channel.PUSH.value), False)


def _devices(member_id: int) -> QuerySet[PushDevice]:
    return PushDevice.objects.filter(member_id=member_id)


@wall.lifted("a browser that somebody else used before is theirs no more")
def _keep(member_id: int, made: Subscription, name: str) -> PushDevice:
    found = keyed_hash(settings.TOLI_TOMBSTONE_KEY, "messaging.endpoint", made.endpoint)
    known = {"member_id": member_id, "name": name[:60], "added_at": clock.now()}
    device, _created = PushDevice.objects.update_or_create(endpoint_hash=found, defaults=known)
    sealed = cipher_for(SUBSCRIPTION_CONTEXT).encrypt(json.dumps(made.told()), row=device.pk)
    device.subscription_sealed = sealed
    device.save(update_fields=["subscription_sealed"])
    kept = _devices(member_id).order_by("-added_at", "-pk").values_list("pk", flat=True)[:MOST_DEVICES]
    _devices(member_id).exclude(pk__in=list(kept)).delete()
    return device


def _say(actor: Actor, member_id: int, *, given: bool, language: str) -> None:
    set_consent(
        actor=actor,
        member_id=member_id,
        purpose=Purpose.CONTENT.value,
        given=given,
        language=language,
        evidence={"page": "notifications"},
        channels=(Channel.PUSH.value,),
    )
