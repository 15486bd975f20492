"""Receiving money: cash by a named collector, payments that an officer has seen in the bank's books.

The receipt's number comes from a trigger of the table (see the migration): it counts up a row of the drive's series,
which stays locked until the transaction ends. So numbers have no gap and no double, also when a transaction fails, and
nothing slow (no message) may happen before the end: who paid is told afterwards.
"""

from django.db import transaction

from toli.access.domain.permissions import DUES_MANAGE, WORK_DO
from toli.access.policies import person_of, scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import clock
from toli.core.domain import base32
from toli.core.events import publish
from toli.dues.domain.statement import MOST_LINES, Fate, Line, Report, StatementUnreadable, read_statement
from toli.dues.errors import NothingOwed, StatementWrong
from toli.dues.events import MoneyReceived
from toli.dues.models import OWED, CashHolding, Due, DueState, Receipt, Way
from toli.dues.services.renewing import carry_out
from toli.members.models import Member
from toli.members.selectors import get_known_member


@transaction.atomic
def take_cash(*, actor: Actor, member_id: int) -> Receipt:
    """The acting person has taken in cash what the member owes, and is named as the collector.

    Raises:
        MemberNotFound: also when out of scope. NothingOwed. Forbidden: nobody in person acts.
    """
    member = get_known_member(scope_for(actor, WORK_DO), member_id)
    collector = person_of(actor)
    due = (
        Due.objects.select_for_update(of=("self",))
        .select_related("member")
        .filter(member=member, state__in=OWED)
        .first()
    )
    if due is None:
        raise NothingOwed
    return _receive(actor, due, Way.CASH, collector)


@transaction.atomic
def confirm_payment(*, actor: Actor, reference: str) -> Receipt:
    """An officer has seen the payment with this reference. Raises NothingOwed: nobody in the area owes it."""
    due = _owed(actor, base32.normalise(reference))
    if due is None:
        raise NothingOwed
    return _receive(actor, due, Way.LINK, actor.id)


@transaction.atomic
def confirm_statement(*, actor: Actor, text: str) -> Report:
    """Confirm what a bank's list says was paid. What is not exactly a due of the actor's area is only counted.

    Raises:
        StatementWrong: the list lacks a column, or is too long.
    """
    try:
        lines = read_statement(text)
    except StatementUnreadable:
        raise StatementWrong(most=MOST_LINES) from None
    report = Report()
    for line in lines:
        report.lines[_settle(actor, line)].append(line.number)
    audit.record_act(actor, action="dues.statement", target="dues", details=dict(report.counts()))
    return report


def _settle(actor: Actor, line: Line) -> Fate:
    due = _owed(actor, line.reference)
    if due is not None:
        if not line.pays(due.amount, due.currency):
            return Fate.WRONG_AMOUNT
        _receive(actor, due, Way.LINK, actor.id)
        return Fate.CONFIRMED
    scope = scope_for(actor, DUES_MANAGE)
    paid = Due.objects.filter(reference=line.reference, state=DueState.PAID, member__in=Member.objects.within(scope))
    return Fate.ALREADY if paid.exists() else Fate.UNKNOWN


def _owed(actor: Actor, reference: str) -> Due | None:
    inside = Member.objects.within(scope_for(actor, DUES_MANAGE))
    found = Due.objects.select_for_update(of=("self",)).select_related("member")
    return found.filter(reference=reference, state__in=OWED, member__in=inside).first()


def _receive(actor: Actor, due: Due, way: Way, taken_by: int | None) -> Receipt:
    member, now = due.member, clock.now()
    if member is None:
        raise NothingOwed
    receipt = Receipt.objects.create(
        drive_id=due.drive_id,
        number=0,  # the trigger puts the next one here
        due=due,
        territory_id=member.territory_id,
        amount=due.amount,
        currency=due.currency,
        way=way,
        taken_by_id=taken_by,
        at=now,
    )
    receipt.refresh_from_db(fields=["number"])
    if way == Way.CASH and taken_by:
        CashHolding.objects.create(receipt=receipt, holder_id=taken_by)
    due.state, due.settled_at = DueState.PAID, now
    due.save(update_fields=["state", "settled_at"])
    carry_out(actor, due, member)
    audit.record_act(
        actor,
        action="dues.receive",
        target=f"member:{member.pk}",
        territory_id=member.territory_id,
        details={"receipt": receipt.pk, "amount": due.amount, "currency": due.currency, "way": way.value},
    )
    publish(MoneyReceived(receipt_id=receipt.pk))
    return receipt
