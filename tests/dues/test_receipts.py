"""Receipts: numbers without gap and double, never changed, added up to the same sum from every side."""

import random

import pytest
from django.db import DatabaseError, connection, transaction

from tests.dues.conftest import FEE, build, staff
from tests.factories import make_coordinator, make_member
from tests.together import at_once
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM
from toli.core import wall
from toli.core.errors import DomainError
from toli.dues import selectors, services
from toli.dues.errors import CancelReasonMissing, NothingOwed, ReceiptCancelled, ReceiptNotFound
from toli.dues.models import Due, Receipt, ReceiptSeries
from toli.members.errors import MemberNotFound
from toli.territories.selectors import path_of


def test_cash_is_receipted_by_number_and_the_collector_is_named(stand, sent):
    receipt = services.take_cash(actor=stand.collector, member_id=stand.near.pk)
    assert (receipt.number, receipt.shown, receipt.taken_by_id) == (1, "CAMP/000001", stand.collector.id)
    assert (receipt.amount, receipt.currency, receipt.way) == (FEE, "INR", "cash")
    with pytest.raises(NothingOwed):
        services.take_cash(actor=stand.collector, member_id=stand.near.pk)
    services.tell_receipt(receipt_id=receipt.pk)
    assert len(sent) == 1
    assert "You paid ₹100 in cash to Imran Khan. Receipt CAMP/000001." in sent[0].text


def test_the_neighbours_money_is_out_of_reach(stand):
    with pytest.raises(MemberNotFound):
        services.take_cash(actor=stand.collector, member_id=stand.far.pk)
    due = selectors.owed_by(stand.far.pk)
    with pytest.raises(NothingOwed):
        services.confirm_payment(actor=stand.chief, reference=due.reference)
    there = services.confirm_payment(actor=SYSTEM, reference=due.reference)
    with pytest.raises(ReceiptNotFound):
        services.cancel_receipt(actor=stand.chief, receipt_id=there.pk, reason="not my area")
    assert services.confirm_statement(
        actor=stand.chief, text=f"reference,amount\n{due.reference},100"
    ).counts() == {"lines": 1, "confirmed": 0, "already": 0, "unknown": 1, "wrong_amount": 0}  # fmt: skip
    with wall.behind(paths=[path_of(stand.near.territory_id)]):
        assert not Receipt.objects.exists()
        assert set(Due.objects.values_list("member_id", flat=True)) == {stand.near.pk}


def test_a_receipt_cannot_be_changed_deleted_or_numbered_by_hand(stand):
    receipt = services.take_cash(actor=stand.collector, member_id=stand.near.pk)
    for change in (lambda: Receipt.objects.update(amount=1), lambda: Receipt.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    again = Receipt.objects.get(pk=receipt.pk)
    again.pk, again.number = None, 77
    again.save(force_insert=True)
    assert list(Receipt.objects.order_by("pk").values_list("number", flat=True)) == [1, 2]
    with (
        pytest.raises(DatabaseError),
        wall.behind(paths=[path_of(stand.near.territory_id)]),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE dues_receiptseries SET last = 100")


def test_a_mistake_is_cancelled_once_and_owed_again(stand):
    receipt = services.take_cash(actor=stand.collector, member_id=stand.near.pk)
    with pytest.raises(CancelReasonMissing):
        services.cancel_receipt(actor=stand.chief, receipt_id=receipt.pk, reason=" x ")
    services.cancel_receipt(actor=stand.chief, receipt_id=receipt.pk, reason="pressed by mistake")
    with pytest.raises(ReceiptCancelled):
        services.cancel_receipt(actor=stand.chief, receipt_id=receipt.pk, reason="pressed by mistake")
    assert selectors.owed_by(stand.near.pk).pk == receipt.due_id
    assert selectors.sums(EVERYWHERE, stand.drive.territory)[0]["paid"] == 0
    assert services.take_cash(actor=stand.collector, member_id=stand.near.pk).number == 2


def test_a_list_of_the_bank_loses_no_line(stand):
    near, far = selectors.owed_by(stand.near.pk).reference, selectors.owed_by(stand.far.pk).reference
    text = f"reference,amount\n{near},100.00\n{near},100.00\n{far},99\nNOBODY,1\n"
    report = services.confirm_statement(actor=SYSTEM, text=text)
    assert report.counts() == {"lines": 4, "confirmed": 1, "already": 1, "unknown": 1, "wrong_amount": 1}
    assert Receipt.objects.count() == 1


def test_a_member_disputes_by_the_link_and_is_answered(stand):
    receipt = services.take_cash(actor=stand.collector, member_id=stand.near.pk)
    token = services.dispute_path(receipt).removeprefix("/d/")
    services.dispute(token=token)
    services.dispute(token=token)
    assert [found.receipt_id for found in selectors.open_disputes(scope_for(stand.chief, "dues.manage"))] == [
        receipt.pk
    ]
    services.answer_dispute(actor=stand.chief, receipt_id=receipt.pk, answer="the money was given back")
    assert selectors.open_disputes(EVERYWHERE) == []
    with pytest.raises(ReceiptNotFound):
        services.dispute(token=token[:-2] + "xx")


@pytest.mark.django_db(transaction=True)
def test_numbers_have_no_gap_and_no_double_whoever_collects_at_once():
    stand = build()
    people = [stand.collector, staff(make_coordinator("07")), staff(make_coordinator("070"))]
    members = [make_member("A1" if n % 2 else "B1", drive=stand.drive).pk for n in range(24)]
    for member_id in members:
        services.owe_for_joining(member_id=member_id)
    draw = random.Random(4)

    def collect(person):
        """Every member, some twice, some in vain: in an order of one's own; now and then it fails after the number."""
        for member_id in draw.sample(members, len(members)):
            try:
                with transaction.atomic():
                    services.take_cash(actor=person, member_id=member_id)
                    if draw.random() < 0.3:
                        raise LookupError
            except (DomainError, LookupError):
                continue

    assert at_once(*[lambda person=person: collect(person) for person in people * 2]) == [None] * 6
    receipts = list(Receipt.objects.order_by("number"))
    assert [receipt.number for receipt in receipts] == list(range(1, len(receipts) + 1))
    assert len({receipt.due_id for receipt in receipts}) == len(receipts) > 10
    assert ReceiptSeries.objects.get().last == len(receipts)
    total = sum(receipt.amount for receipt in receipts)
    country = stand.drive.territory
    assert selectors.sums(EVERYWHERE, country)[0]["paid"] == total
    assert sum(row["cash"] for row in selectors.sums_by_collector(EVERYWHERE, country)) == total
    places = [stand.near.territory, stand.far.territory]
    assert sum(sum(row["paid"] for row in selectors.sums(EVERYWHERE, place)) for place in places) == total
