"""The browsers in which members allowed notifications, as addresses: all those of a member are one."""

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.db.models import QuerySet

from toli.core.crypto import cipher_for
from toli.messaging.models import PushDevice

SUBSCRIPTION_CONTEXT = "messaging_pushdevice.subscription"
STREAM = 5000


class DeviceBook:
    """An address is a JSON list of the member's devices, each as Subscription.told() with its ``id``."""

    def holders(self) -> QuerySet[Any, Any]:
        return PushDevice.objects.values("member_id")

    def addresses(self, member_ids: QuerySet[Any, Any], *, few: bool) -> Iterator[tuple[int, str]]:
        found = PushDevice.objects.filter(member__in=member_ids).order_by("member_id", "pk")
        rows = found.values_list("member_id", "pk", "subscription_sealed")
        for member_id, devices in groupby(rows if few else rows.iterator(chunk_size=STREAM), key=lambda row: row[0]):
            yield member_id, json.dumps([opened(pk, bytes(sealed)) for _member, pk, sealed in devices])


def opened(pk: int, sealed: bytes) -> dict[str, str]:
    """One device as its provider is told of it."""
    return {"id": str(pk), **json.loads(cipher_for(SUBSCRIPTION_CONTEXT).decrypt(sealed, row=pk))}
