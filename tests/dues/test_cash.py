"""The cash book: what is held adds up, and moves only when the receiver says so."""

import pytest

from tests.dues.conftest import FEE, build, staff
from tests.factories import make_coordinator, make_headquarters, make_member
from tests.together import at_once
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import area_of
from toli.accounts.models import Account
from toli.core import wall
from toli.dues import selectors, services
from toli.dues.errors import HandoverNotFound, HandoverWaits, NoCash, ReceiverUnknown
from toli.dues.models import CashHolding


def login(actor):
    return Account.objects.get(pk=actor.id).login


def held(actor):
    return [(row["held"], row["waiting"]) for row in selectors.cash_of(actor.id)]


def behind(actor):
    return wall.behind(paths=area_of(actor).paths, account=actor.id)


def test_cash_moves_when_the_receiver_confirms_and_not_before(stand):
    country, receipt = stand.drive.territory, None
    with behind(stand.collector):
        receipt = services.take_cash(actor=stand.collector, member_id=stand.near.pk)
        (handover,) = services.hand_over(actor=stand.collector, login=login(stand.chief))
        with pytest.raises(NoCash):
            services.hand_over(actor=stand.collector, login=login(stand.chief))
    assert (held(stand.collector), held(stand.chief)) == ([(FEE, FEE)], [])
    with pytest.raises(HandoverWaits):
        services.cancel_receipt(actor=stand.chief, receipt_id=receipt.pk, reason="pressed by mistake")
    with pytest.raises(HandoverNotFound):
        services.answer_handover(actor=stand.collector, handover_id=handover.pk, received=True)
    assert selectors.not_handed_over(EVERYWHERE, country) == [{"currency": "INR", "held": FEE}]
    with behind(stand.chief):
        services.answer_handover(actor=stand.chief, handover_id=handover.pk, received=True)
    assert (held(stand.collector), held(stand.chief)) == ([], [(FEE, 0)])
    assert selectors.not_handed_over(EVERYWHERE, country) == []
    with pytest.raises(HandoverNotFound):
        services.answer_handover(actor=stand.chief, handover_id=handover.pk, received=False)


def test_what_did_not_come_stays_with_the_giver(stand):
    services.take_cash(actor=stand.collector, member_id=stand.near.pk)
    (handover,) = services.hand_over(actor=stand.collector, login=login(stand.chief))
    services.answer_handover(actor=stand.chief, handover_id=handover.pk, received=False)
    assert held(stand.collector) == [(FEE, 0)]
    assert len(services.hand_over(actor=stand.collector, login=login(stand.chief))) == 1


def test_money_is_given_only_to_those_who_work_where_it_was_taken(stand):
    services.take_cash(actor=stand.collector, member_id=stand.near.pk)
    for nobody in (login(stand.collector), "nobody", login(staff(make_coordinator("070")))):
        with behind(stand.collector), pytest.raises(ReceiverUnknown):
            services.hand_over(actor=stand.collector, login=nobody)


def test_a_cancelled_receipt_is_nobodys_cash(stand):
    receipt = services.take_cash(actor=stand.collector, member_id=stand.near.pk)
    services.cancel_receipt(actor=stand.chief, receipt_id=receipt.pk, reason="pressed by mistake")
    assert not CashHolding.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_money_is_handed_over_once_however_often_one_presses():
    stand, above = build(), staff(make_headquarters("UP"))
    member = make_member("A1", drive=stand.drive)
    services.owe_for_joining(member_id=member.pk)
    for member_id in (stand.near.pk, member.pk):
        services.take_cash(actor=stand.collector, member_id=member_id)
    names = [login(stand.chief), login(above)] * 2
    found = at_once(*[lambda name=name: services.hand_over(actor=stand.collector, login=name) for name in names])
    made = [handovers for handovers in found if isinstance(handovers, list)]
    assert [handover.amount for handovers in made for handover in handovers] == [2 * FEE]
    assert all(isinstance(other, NoCash) for other in found if not isinstance(other, list))
