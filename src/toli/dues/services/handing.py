"""Cash goes from hand to hand, upwards: the giver says so, the receiver confirms; until then the giver holds it."""

from collections import defaultdict

from django.db import transaction

from toli.access.domain.permissions import WORK_DO
from toli.access.policies import person_of, scope_for
from toli.accounts.domain.actor import Actor, ActorKind
from toli.accounts.models import Account
from toli.audit import services as audit
from toli.core import clock, wall
from toli.dues.errors import HandoverNotFound, NoCash, ReceiverUnknown
from toli.dues.models import CashHolding, Handover
from toli.territories import selectors as territories


@transaction.atomic
def hand_over(*, actor: Actor, login: str) -> list[Handover]:
    """Say that all cash that one holds was given to the person with this login: one entry for each currency.

    Raises:
        NoCash: nothing is held, or all of it waits for an answer. ReceiverUnknown: nobody else with this login works
        in all places where the money was taken. Forbidden: nobody in person acts.
    """
    giver = person_of(actor)
    own = CashHolding.objects.select_for_update(of=("self",)).filter(holder_id=giver, handover__isnull=True)
    held = list(own.select_related("receipt").order_by("receipt_id"))
    if not held:
        raise NoCash
    receiver = _receiver(login, giver, {holding.receipt.territory_id for holding in held})
    by_currency: dict[str, list[CashHolding]] = defaultdict(list)
    for holding in held:
        by_currency[holding.receipt.currency].append(holding)
    made = []
    for currency, holdings in sorted(by_currency.items()):
        amount = sum(holding.receipt.amount for holding in holdings)
        handover = Handover.objects.create(
            giver_id=giver, receiver=receiver, amount=amount, currency=currency, at=clock.now()
        )
        CashHolding.objects.filter(pk__in=[holding.pk for holding in holdings]).update(handover=handover)
        _record(actor, "dues.hand_over", handover, receipts=len(holdings))
        made.append(handover)
    return made


@transaction.atomic
@wall.lifted("the receiver answers for money of places that they may no longer see")
def answer_handover(*, actor: Actor, handover_id: int, received: bool) -> None:
    """The receiver says whether the cash has come. Raises HandoverNotFound: it is not theirs, or was answered."""
    found = Handover.objects.select_for_update().filter(
        pk=handover_id, receiver_id=person_of(actor), confirmed_at__isnull=True, refused_at__isnull=True
    )
    handover = found.first()
    if handover is None:
        raise HandoverNotFound
    holdings = CashHolding.objects.filter(handover=handover)
    if received:
        handover.confirmed_at = clock.now()
        holdings.update(holder=handover.receiver_id, handover=None)
    else:
        handover.refused_at = clock.now()
        holdings.update(handover=None)
    handover.save(update_fields=["confirmed_at", "refused_at"])
    _record(actor, "dues.take_over" if received else "dues.refuse_cash", handover)


@wall.lifted("whether somebody above works where the money was taken")
def _receiver(login: str, giver: int, territory_ids: set[int]) -> Account:
    account = Account.objects.filter(login=login.strip(), kind=ActorKind.STAFF, is_active=True).first()
    if account is None or account.pk == giver:
        raise ReceiverUnknown
    scope = scope_for(Actor(ActorKind.STAFF, account.pk), WORK_DO)
    for territory_id in territory_ids:
        if not any(scope.covers(path) for path in territories.paths_of(territory_id)):
            raise ReceiverUnknown
    return account


def _record(actor: Actor, action: str, handover: Handover, **details: int) -> None:
    figures = {"amount": handover.amount, "currency": handover.currency, **details}
    audit.record_act(actor, action=action, target=f"handover:{handover.pk}", details=figures)
