"""Who was written down at a camp and says yes passes the same checks as everybody else."""

import pytest

from tests.enrolment.conftest import AGREED, join, make_helper_case
from tests.factories import make_application, make_phone
from toli.cards.models import Card
from toli.enrolment.domain.velocity import RULES
from toli.enrolment.models import Arrival, Case, State
from toli.enrolment.services import applications, guarding
from toli.members.models import DriveCount, Member, MemberState
from toli.members.services import disown_membership

LIMIT = {rule.name: rule.times for rule in RULES}
BLOCK, DEVICE = LIMIT["block.day"], LIMIT["device.hour"]


def say_yes(entry, device=""):
    choice = applications.Choice(entry.pk, entry.name, entry.territory.code, "en", AGREED)
    joined = applications.confirm_invitation(
        token=applications.invitation_path(entry)[3:], choice=choice, device=device
    )
    entry.refresh_from_db()
    return joined


@pytest.fixture
def entry(country):
    return make_application("A1", name="Ravi Kumar")


def test_a_yes_counts_for_the_helper_the_range_and_the_phone_on_which_it_is_said(entry):
    assert not say_yes(entry, device="own-phone").held
    arrival = Arrival.objects.get()
    assert (arrival.enroller_id, bool(arrival.device_key), bool(arrival.block_key)) == (entry.enroller_id, True, True)
    assert entry.state == State.CONFIRMED


def test_the_drive_counts_them_as_written_down_by_a_helper(entry):
    say_yes(entry)
    rows = {(row.step, row.source, row.count) for row in DriveCount.objects.all()}
    assert rows == {(step, "camp", 1) for step in ("code", "place", "joined")}


def test_a_helper_who_says_yes_for_many_on_one_phone_is_noticed(country):
    first = make_application("A1", name="Person", phone=make_phone(1000))
    entries = [make_application("A1", name=f"P {chr(97 + n)}", phone=make_phone(n * 1000), device=first.device)
               for n in range(2, DEVICE + 3)]  # fmt: skip
    assert [say_yes(one, device="helpers-other-phone").held for one in entries] == [False] * DEVICE + [True]
    assert Case.objects.get().rule == "device.hour"


def test_a_hundred_honest_answers_in_one_hour_are_not_held(country):
    first = make_application("A1", name="Person", phone=make_phone(1000))
    entries = [make_application("A1", name=f"P {chr(97 + n % 26)}{chr(97 + n // 26)}", phone=make_phone(n * 1000),
                                device=first.device) for n in range(2, 72)]  # fmt: skip
    assert not any(say_yes(one).held for one in entries)


def test_numbers_in_a_row_wait_though_a_helper_wrote_them_down(country):
    for number in range(BLOCK):
        join(number, device=f"phone-{number}", phone=make_phone(7000 + number))
    entry = make_application("A1", name="Ravi Kumar", phone=make_phone(7500))
    assert say_yes(entry).held
    assert entry.state == State.CHECKED
    assert (entry.name, bytes(entry.number_sealed)) == ("", b"")


class TestWhileTheHelpersCaseWaits:
    @pytest.fixture
    def held(self, entry):
        make_helper_case(entry.enroller_id)
        assert say_yes(entry).held
        return entry

    def test_who_says_yes_waits_without_a_card(self, held):
        assert Member.objects.get().state == MemberState.HELD
        assert not Card.objects.exists()

    def test_release_lets_them_go_on_where_they_stopped(self, held, officer):
        assert guarding.release_case(actor=officer, case_id=Case.objects.get().pk, reason="called two of them") == 1
        held.refresh_from_db()
        assert (held.state, Member.objects.get().state) == (State.CONFIRMED, MemberState.ACTIVE)
        assert Card.objects.filter(welcomed_at__isnull=True).count() == 1

    def test_the_entry_follows_a_refusal_and_its_undoing(self, held, officer):
        case = Case.objects.get()
        guarding.refuse_case(actor=officer, case_id=case.pk, reason="nobody answers")
        held.refresh_from_db()
        assert held.state == State.REFUSED
        guarding.restore_case(actor=officer, case_id=case.pk, reason="they came to the office")
        held.refresh_from_db()
        assert held.state == State.CONFIRMED

    def test_a_no_of_the_person_stays_a_no(self, held, officer):
        member = Member.objects.get()
        disown_membership(member_id=member.pk)
        guarding.count_not_me(member_id=member.pk)
        held.refresh_from_db()
        assert held.state == State.DECLINED
        assert guarding.release_case(actor=officer, case_id=Case.objects.filter(kind="velocity").get().pk,
                                     reason="called two of them") == 0  # fmt: skip
        held.refresh_from_db()
        assert held.state == State.DECLINED
