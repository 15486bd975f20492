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
from toli.members.domain.purposes import Channel, Purpose
from toli.members.events import MemberDisowned, MemberLeft, MembersMerged
from toli.members.services import set_consent
from toli.messaging import selectors
from toli.messaging.device_book import SUBSCRIPTION_CONTEXT
from toli.messaging.domain.devices import Subscription
from toli.messaging.errors import NotificationsOff, SubscriptionRefused
from toli.messaging.events import AddressesExpired
from toli.messaging.models import PushDevice
from toli.messaging.ports import NotifiesDevices
from toli.messaging.providers import providers
from toli.messaging.services.senders import provider_of

MOST_DEVICES = 10


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
    provider = notifier()
    try:
        made = Subscription.from_json(subscription, provider.public_key)
    except ValueError:
        raise SubscriptionRefused from None
    if not provider.accepts(made.endpoint):
        raise SubscriptionRefused
    device = _keep(member_id, made, name)
    _say(actor, member_id, given=True, language=language)
    return device


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
