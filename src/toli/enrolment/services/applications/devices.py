"""Phones that may send entries: registered by their owner while signed in, ended when lost."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from toli.access.domain.permissions import WORK_DO
from toli.access.policies import person_of, scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import clock
from toli.core.errors import Forbidden
from toli.enrolment import selectors
from toli.enrolment.domain.records import key_from_jwk, key_id
from toli.enrolment.errors import DeviceNotFound, KeyUnfit
from toli.enrolment.models import Device
from toli.territories import selectors as territories


@transaction.atomic
def register_device(*, actor: Actor, jwk: Mapping[str, Any], name: str) -> Device:
    """Let entries come from the phone that holds the other half of this key. Doing it again changes nothing.

    Raises:
        Forbidden: the actor works nowhere. KeyUnfit: no public key on P-256, or one that another account has.
    """
    account_id, scope = person_of(actor), scope_for(actor, WORK_DO)
    if scope.is_empty:
        raise Forbidden
    try:
        point = key_from_jwk(jwk)
    except ValueError:
        raise KeyUnfit from None
    device, made = Device.objects.get_or_create(
        key_id=key_id(point),
        defaults={
            "account_id": account_id,
            "territory": territories.roots(scope)[0],
            "point": point,
            "name": " ".join(name.split())[:60],
            "registered_at": clock.now(),
        },
    )
    if device.account_id != account_id:
        raise KeyUnfit
    if made:
        audit.record_act(
            actor,
            action="enrolment.register_device",
            target=f"enrolment-device:{device.pk}",
            territory_id=device.territory_id,
        )
    return device


@transaction.atomic
def end_device(*, actor: Actor, device_id: int) -> Device:
    """Take nothing more from the phone. What it has sent stays. Safe to repeat.

    Raises DeviceNotFound: it is not the actor's own, and not in the area where they work.
    """
    scope = scope_for(actor, WORK_DO)
    device = selectors.devices(scope, account_id=actor.id).select_for_update(of=("self",)).filter(pk=device_id).first()
    if device is None:
        raise DeviceNotFound
    if device.ended_at is None:
        device.ended_at = clock.now()
        device.save(update_fields=["ended_at"])
        audit.record_act(
            actor,
            action="enrolment.end_device",
            target=f"enrolment-device:{device.pk}",
            territory_id=device.territory_id,
        )
    return device
