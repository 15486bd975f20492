"""Renewing, lapsing, reminding, becoming active: until when one is a member, and what follows from it."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_campaign, make_group, make_member, make_organisation, make_seat
from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.selectors import actor_for
from toli.cards import selectors as cards
from toli.cards.domain.states import CardState
from toli.cards.services import issue_cards
from toli.chatgroups.models import Seat
from toli.core import clock, events
from toli.core.domain.terms import ends_on
from toli.core.errors import Forbidden
from toli.dues import selectors, services
from toli.dues.domain.offers import Terms
from toli.dues.domain.terms import REMIND_AT, has_lapsed, may_renew, reminder_due, renewed
from toli.dues.errors import NotOffered, OwesAlready, TooEarlyToPromote, TooEarlyToRenew
from toli.dues.models import Due, Reminder
from toli.members.errors import MemberNotFound
from toli.members.models import Member, PastMembership
from toli.members.selectors import find_by_phone
from toli.members.services import open_account

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
NOON = datetime(2026, 11, 25, 12, tzinfo=ZoneInfo("Asia/Kolkata"))


@given(DAYS, DAYS, st.integers(1, 60), st.integers(0, 90))
def test_whoever_renews_in_time_neither_loses_nor_gains_a_day(until, today, months, grace):
    begins, new = renewed(until, months, grace, today)
    assert begins == (today if has_lapsed(until, grace, today) else until)
    assert new == ends_on(begins, months) > begins
    assert not has_lapsed(new, grace, today) or not may_renew(until, today) or new < today


@given(DAYS, st.lists(st.integers(-5, 90), max_size=120))
def test_nobody_is_reminded_more_than_three_times(until, distances):
    sent, reminded = 0, []
    for left in sorted(distances, reverse=True):
        number = reminder_due(until, until - timedelta(days=left), sent)
        if number:
            reminded.append((number, left))
            sent = number
    assert [number for number, _left in reminded] == sorted({number for number, _left in reminded})
    assert len(reminded) <= len(REMIND_AT)
    assert all(0 <= left <= REMIND_AT[number - 1] for number, left in reminded)


@pytest.fixture
def noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    monkeypatch.setattr(clock, "today", lambda: NOON.date())


@pytest.fixture
def term(stand, noon, sent):
    """``term(days)``: the near member's term ends so many days from now; the fee for joining is paid."""
    services.take_cash(actor=stand.collector, member_id=stand.near.pk)

    def ends(days, fee=0):
        services.set_offer(actor=SYSTEM, drive_code="camp", terms=Terms("primary", 12, fee, grace_days=10))
        Member.objects.filter(pk=stand.near.pk).update(member_until=NOON.date() + timedelta(days=days))
        return Member.objects.get(pk=stand.near.pk)

    return ends


def acting(member):
    return actor_for(open_account(member_id=member.pk))


def test_a_free_renewal_goes_on_from_the_old_end(stand, term):
    member = term(20)
    assert services.renew(actor=acting(member)) is None
    member.refresh_from_db()
    assert member.member_until == ends_on(NOON.date() + timedelta(days=20), 12)
    assert PastMembership.objects.get(member=member).reason == "renewal"
    with pytest.raises(TooEarlyToRenew):
        services.renew(actor=acting(member))


def test_with_a_fee_it_is_renewed_when_the_money_is_there(stand, term):
    member = term(-5, fee=5_000)
    due = services.renew(actor=acting(member))
    assert services.renew(actor=acting(member)).pk == due.pk
    member.refresh_from_db()
    assert member.member_until == NOON.date() - timedelta(days=5)
    services.confirm_payment(actor=SYSTEM, reference=due.reference)
    member.refresh_from_db()
    assert member.member_until == ends_on(NOON.date() - timedelta(days=5), 12)


def test_whoever_does_not_renew_lapses_is_told_and_can_come_back(stand, term, sent):
    make_organisation()
    member = term(-10)
    issue_cards(actor=SYSTEM, member_ids=[member.pk])
    card = cards.card_of(member.pk)
    seat = make_seat(member, make_group(make_campaign(), "A1"))
    assert services.lapse(actor=SYSTEM, dry_run=True) == services.lapse(actor=SYSTEM) == 0  # the last day of grace
    term(-11)
    assert services.lapse(actor=SYSTEM, dry_run=True) == 1
    assert Member.objects.get(pk=member.pk).state == "active"
    before = len(sent)
    assert services.lapse(actor=SYSTEM) == 1
    assert [text.kind for text in sent[before:]] == ["lapsed"]
    assert services.lapse(actor=SYSTEM) == 0
    events.deliver()
    member.refresh_from_db()
    assert (member.state, Seat.objects.get(pk=seat.pk).state) == ("lapsed", "left")
    assert cards.verify_card(cards.card_path(card)).state is CardState.EXPIRED
    assert services.renew(actor=acting(member)) is None
    events.deliver()
    member.refresh_from_db()
    assert (member.state, member.member_until) == ("active", ends_on(NOON.date(), 12))
    new = cards.card_of(member.pk)
    assert (new.valid_until, cards.verify_card(cards.card_path(new)).state) == (member.member_until, CardState.VALID)
    assert [past.reason for past in PastMembership.objects.filter(member=member).order_by("pk")] == [
        "lapsed",
        "returned",
    ]


def test_a_lapsed_member_is_known_by_their_number_and_not_doubled(stand, term):
    member = term(-100)
    services.lapse(actor=SYSTEM)
    phone = "+910999999999"
    again = make_member("A1", phone=phone, state="lapsed")
    assert find_by_phone(phone).pk == again.pk
    assert list(selectors.ending(EVERYWHERE, stand.drive.territory).values_list("pk", flat=True)) == [member.pk]


def test_whoever_says_they_have_paid_waits_for_an_answer(stand, term):
    member = term(-30, fee=5_000)
    services.renew(actor=acting(member))
    services.claim_paid(actor=acting(member))
    assert services.lapse(actor=SYSTEM) == 0
    Due.objects.filter(member=member, state="claimed").update(state="open")
    assert services.lapse(actor=SYSTEM) == 1


def test_nothing_ends_at_night_and_only_by_the_system(stand, term, monkeypatch, sent):
    term(-30)
    monkeypatch.setattr(clock, "now", lambda: NOON.replace(hour=21))
    assert (services.lapse(actor=SYSTEM), services.remind(actor=SYSTEM)) == (0, 0)
    for act in (services.lapse, services.remind):
        with pytest.raises(Forbidden):
            act(actor=stand.chief)


def test_reminders_leave_once_each(stand, term, sent):
    for days, more in ((61, 0), (60, 1), (59, 0), (30, 1), (29, 0), (7, 1), (6, 0), (0, 0)):
        term(days)
        # the same term comes nearer: what was noted is of its last day
        Reminder.objects.update(until=NOON.date() + timedelta(days=days))
        before = len(sent)
        assert services.remind(actor=SYSTEM) == more, days
        assert len(sent) - before == more


def test_a_member_becomes_active_when_the_conditions_hold(stand, term):
    member = term(500)
    with pytest.raises(NotOffered):
        services.promote(actor=stand.collector, member_id=member.pk)
    services.set_offer(actor=SYSTEM, drive_code="camp", terms=Terms("active", 12, 20_000, least_months=6))
    with pytest.raises(TooEarlyToPromote):
        services.promote(actor=stand.collector, member_id=member.pk)
    Member.objects.update(member_from=date(2026, 5, 25))
    with pytest.raises(MemberNotFound):
        services.promote(actor=stand.collector, member_id=stand.far.pk)
    due = services.promote(actor=stand.collector, member_id=member.pk)
    assert (due.amount, Member.objects.get(pk=member.pk).grade) == (20_000, "primary")
    services.take_cash(actor=stand.collector, member_id=member.pk)
    assert Member.objects.get(pk=member.pk).grade == "active"
    with pytest.raises(NotOffered):
        services.promote(actor=stand.collector, member_id=member.pk)


def test_one_fee_after_the_other(stand, noon):
    Member.objects.filter(pk=stand.near.pk).update(member_until=NOON.date())
    with pytest.raises(OwesAlready):
        services.renew(actor=acting(stand.near))
