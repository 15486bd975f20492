"""Fees on pages: the member sees and pays, the coordinator takes cash, the desk confirms and corrects."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.factories import make_headquarters, make_member
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.models import Account
from toli.dues import selectors, services
from toli.dues.domain.offers import Terms
from toli.dues.models import Receipt
from toli.members.models import Member


@pytest.fixture
def due(world):
    services.set_offer(actor=SYSTEM, drive_code=world.member.drive.code, terms=Terms("primary", 36, 10_050))
    return services.owe_for_joining(member_id=world.member.pk)


@pytest.fixture
def far_due(world, due):
    return services.owe_for_joining(member_id=make_member("B1", name="Far Away", drive=world.member.drive).pk)


@pytest.fixture
def chief(world, browser):
    return browser(make_headquarters("07"))


def page(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_member_pays_by_link_and_the_desk_confirms(due, sunita, chief, settings):
    settings.TOLI_UPI_ADDRESS, settings.TOLI_PAY_LINK = "union@bank", "https://pay.example/{amount}/{reference}"
    shown = page(sunita.get("/me/dues"))
    assert "You owe ₹100.50" in shown
    assert f"upi://pay?pa=union@bank&amp;pn=Jan%20Setu%20Union&amp;am=100.50&amp;cu=INR&amp;tn={due.reference}" in shown
    assert f"https://pay.example/100.50/{due.reference}" in shown
    assert "Somebody looks into the account" in page(sunita.post("/me/dues", follow=True))
    assert due.reference in page(chief.get("/console/t/07/payments"))
    chief.post("/console/t/07/payments", {"act": "confirm", "reference": due.reference.lower()})
    assert "You owe nothing" in page(sunita.get("/me/dues"))
    receipt = Receipt.objects.get()
    paper = page(sunita.get(f"/me/dues/{receipt.pk}"))
    assert "DRIVE/000001" in paper
    assert "Received from Sunita Devi" in paper


def test_without_ways_to_pay_there_is_cash_alone(due, sunita):
    shown = page(sunita.get("/me/dues"))
    assert "upi:" not in shown
    assert "I have paid" not in shown
    assert "coordinator in cash" in shown


def test_the_coordinator_takes_cash_and_the_member_says_not_so(due, world, coordinator, chief, browser):
    address = f"/console/members/{world.member.pk}/dues"
    assert address in page(coordinator.get(f"/console/members/{world.member.pk}"))
    assert "I have taken ₹100.50 in cash" in page(coordinator.get(address))
    assert "You are named as the collector" in page(coordinator.post(address, follow=True))
    receipt = Receipt.objects.get()
    link = services.dispute_path(receipt)
    assert "Imran Khan" in page(browser().get(link))
    assert not hasattr(Receipt.objects.get(), "dispute")
    browser().post(link)
    assert "Members say: not so" in page(chief.get("/console/t/07/dues"))
    desk = f"/console/receipts/{receipt.pk}"
    assert coordinator.get(desk).status_code == 403
    assert chief.post(desk, {"act": "answer", "answer": ""}).status_code == 400
    chief.post(desk, {"act": "answer", "answer": "it was given back"})
    assert chief.post(desk, {"act": "cancel", "reason": "given back"}).status_code == 303
    assert "Cancelled on" in page(chief.get(desk))
    assert chief.post(desk, {"act": "cancel", "reason": "given back"}).status_code == 409


def test_a_list_of_the_bank_is_read_at_the_desk(due, chief):
    csv = f"reference,amount\n{due.reference},100.50\nNOBODY,1\n".encode()
    answer = chief.post("/console/t/07/payments", {"act": "list", "file": SimpleUploadedFile("bank.csv", csv)})
    assert answer.status_code == 200
    assert "2 lines were read" in page(answer)
    assert "Lines 3" in page(answer)
    assert selectors.owed_by(due.member_id) is None
    broken = SimpleUploadedFile("bank.csv", b"a;b\n1;2")
    assert chief.post("/console/t/07/payments", {"act": "list", "file": broken}).status_code == 400


def test_the_neighbour_finds_nothing(due, far_due, world, neighbour, coordinator, chief):
    there = services.confirm_payment(actor=SYSTEM, reference=far_due.reference)
    assert neighbour.get(f"/console/members/{world.member.pk}/dues").status_code == 404
    assert neighbour.post(f"/console/members/{world.member.pk}/dues").status_code == 404
    for path in ("dues", "receipts"):
        assert neighbour.get(f"/console/t/07/{path}").status_code == 404
        shown = page(coordinator.get(f"/console/t/07/{path}"))
        assert "Far Away" not in shown
        assert there.shown not in shown
    assert chief.get(f"/console/receipts/{there.pk}").status_code == 404
    assert chief.post("/console/t/07/payments", {"act": "confirm", "reference": there.due.reference}).status_code == 400
    assert chief.get("/console/drives/drive/offers").status_code == 404


def test_headquarters_sets_what_a_membership_costs(world, headquarters):
    address = f"/console/drives/{world.member.drive.code}/offers"
    fields = {"grade": "active", "active-months": "12", "active-fee": "1,000.50", "active-currency": "inr"}
    fields |= {"active-grace_days": "15", "active-least_months": "6"}
    assert headquarters.post(address, fields).status_code == 303
    assert selectors.terms_of(world.member.drive, "active") == Terms("active", 12, 100_050, "INR", 15, 6)
    for wrong in ({"active-fee": "much"}, {"active-currency": "XXQ"}, {"active-months": "0"}):
        assert headquarters.post(address, fields | wrong).status_code == 400
    assert selectors.terms_of(world.member.drive, "primary") == Terms("primary", world.member.drive.term_months)


def test_a_member_renews_in_two_taps_when_it_is_free(world, sunita):
    assert "Renew" not in page(sunita.get("/me"))
    soon = timezone.localdate() + timedelta(days=10)
    Member.objects.filter(pk=world.member.pk).update(member_until=soon)
    assert "Renew, free" in page(sunita.get("/me"))
    assert "Renewed. Your membership runs until" in page(sunita.post("/me/dues", {"act": "renew"}, follow=True))
    assert Member.objects.get(pk=world.member.pk).member_until > soon + timedelta(days=900)


def test_whoever_has_lapsed_sees_how_to_come_back_and_little_else(world, sunita, coordinator):
    past = timezone.localdate() - timedelta(days=100)
    Member.objects.filter(pk=world.member.pk).update(member_until=past, state="lapsed")
    for closed in ("/me", "/me/group", "/me/card"):
        assert sunita.get(closed).headers["Location"] == "/me/dues"
    assert "renew, and you are back" in page(sunita.get("/me/dues"))
    assert sunita.get("/me/data").status_code == 200
    assert "Sunita Devi" in page(coordinator.get("/console/t/07/dues"))
    assert "Sunita Devi" in page(coordinator.get(f"/console/members/{world.member.pk}"))
    sunita.post("/me/dues", {"act": "renew"})
    assert sunita.get("/me").status_code == 200


def test_the_coordinator_makes_an_active_member(world, coordinator, neighbour):
    services.set_offer(actor=SYSTEM, drive_code=world.member.drive.code, terms=Terms("active", 12))
    address = f"/console/members/{world.member.pk}/dues"
    assert "Make an active member" in page(coordinator.get(address))
    assert neighbour.post(address, {"act": "promote"}).status_code == 404
    coordinator.post(address, {"act": "promote"})
    assert Member.objects.get(pk=world.member.pk).grade == "active"


def test_cash_is_handed_over_on_the_page(due, world, coordinator, chief, neighbour):
    coordinator.post(f"/console/members/{world.member.pk}/dues")
    assert "₹100.50" in page(coordinator.get("/console/cash"))
    assert "₹100.50" not in page(neighbour.get("/console/cash"))
    assert coordinator.post("/console/cash", {"login": "nobody"}).status_code == 404
    above = Account.objects.get(pk=chief.session["_auth_user_id"])
    assert "leaves your book when" in page(coordinator.post("/console/cash", {"login": above.login}, follow=True))
    handover = selectors.handovers_to(above.pk)[0]
    assert neighbour.post("/console/cash", {"act": "received", "handover": handover.pk}).status_code == 404
    assert "Did you get this?" in page(chief.get("/console/cash"))
    chief.post("/console/cash", {"act": "received", "handover": handover.pk})
    assert "You hold no cash." in page(coordinator.get("/console/cash"))
    assert "Cash not handed over yet" not in page(chief.get("/console/t/07/dues"))
