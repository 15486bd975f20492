"""Asking the next person when nobody has answered."""

from collections.abc import Sequence

from django.db import transaction

from toli.access.domain.permissions import GROUPS_MANAGE
from toli.access.selectors import people_above
from toli.assignments import services as assignments
from toli.core import clock
from toli.distribution import selectors
from toli.distribution.domain.escalation import next_to_ask, term_of
from toli.distribution.models import Relay, RelayAsking, RelayState
from toli.distribution.services.relaying import ask

BATCH = 500


def escalate_relays() -> int:
    """Ask the next person for every post that is overdue. Returns how many. Safe to repeat at any time."""
    done = 0
    while number := _escalate_some():
        done += number
    return done


@transaction.atomic
def _escalate_some() -> int:
    late = Relay.objects.select_for_update(of=("self",), skip_locked=True).select_related("group", "kit")
    late = late.filter(state=RelayState.WAITING, due_at__lte=clock.now(), nobody_left=False).order_by("due_at", "pk")
    relays = list(late[:BATCH])
    upward = people_above(GROUPS_MANAGE, [relay.group.territory_id for relay in relays])
    asked = _asked(relays)
    for relay in relays:
        _pass_on(relay, upward.get(relay.group.territory_id, []), asked[relay.pk])
    return len(relays)


def _pass_on(relay: Relay, upward: Sequence[int], asked: set[int]) -> None:
    group = relay.group
    chosen = next_to_ask(admin_id=group.admin_id, deputy_id=selectors.deputy_of(group), upward=upward, asked=asked)
    if chosen is None:
        relay.nobody_left = True  # the work stays with whoever was asked last
        relay.save(update_fields=["nobody_left"])
        return
    relay.asked_id, relay.step = chosen.account_id, chosen.step
    relay.due_at = clock.now() + term_of(chosen.step)
    relay.save(update_fields=["asked", "step", "due_at"])
    assignments.cancel_for_subjects(kind="relay_kit", subjects=[f"relay:{relay.pk}"])
    ask([relay], relay.kit.code)


def _asked(relays: Sequence[Relay]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {relay.pk: {relay.group.admin_id} for relay in relays}
    for relay_id, account_id in RelayAsking.objects.filter(relay__in=relays).values_list("relay_id", "account_id"):
        found[relay_id].add(account_id)
    return found
