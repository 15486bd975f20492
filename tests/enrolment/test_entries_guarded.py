"""What a helper writes down too fast waits before anybody is asked; a named person lets it be asked, or refuses it."""

from datetime import timedelta

import pytest

from tests.enrolment.phones import Phone
from tests.factories import make_account, make_actor, make_application, make_enrolment_device, make_phone
from toli.access.policies import scope_for
from toli.core import clock
from toli.enrolment import selectors
from toli.enrolment.domain import velocity
from toli.enrolment.domain.velocity import RULES
from toli.enrolment.errors import CaseDecided
from toli.enrolment.models import Application, Case, State
from toli.enrolment.services import applications, guarding

pytestmark = pytest.mark.django_db
LIMIT = {rule.name: rule.times for rule in RULES}


@pytest.fixture(autouse=True)
def always_day(monkeypatch):
    """Whatever the hour at which the tests run: what is held at night is tried in test_velocity."""
    monkeypatch.setattr(velocity, "NIGHT", (24, 0))


@pytest.fixture
def helper(country):
    return make_actor({"work.do": "07"})


@pytest.fixture
def phone(helper):
    own = Phone(territory="A1")
    applications.register_device(actor=helper, jwk=own.jwk, name="Android")
    return own


def written_before(helper, count, **more):
    """Entries that the helper's phone sent earlier, a minute apart unless told."""
    device = make_enrolment_device(make_account(), "A1")
    device.account_id = helper.id
    apart = more.pop("apart", timedelta(seconds=50))
    now = clock.now() - more.pop("ago", timedelta(0))
    made = []
    for n in range(count):
        number = make_phone(500_000 + n * 1000)
        about = {"enroller_id": helper.id, "name": f"P{chr(97 + n % 26)} Q", "captured_at": now - apart * (n + 1)}
        entry = make_application("A1", device=device, phone=number, **about, **more)
        guarding.mark_entry(entry, number)
        entry.save()
        made.append(entry)
    return made


def send(helper, *batch):
    return applications.receive_records(actor=helper, batch=list(batch))


class TestCounting:
    def test_one_too_many_in_an_hour_is_held_with_the_rule_that_held_it(self, helper, phone):
        written_before(helper, LIMIT["enroller.hour"])
        (answer,) = send(helper, phone.write(phone="0123450001"))
        assert (answer.state, answer.reason) == ("held", "enroller.hour")
        case = Case.objects.get()
        assert (case.rule, case.holds, case.territory.code, case.entries.count()) == (
            "enroller.hour",
            "enroller",
            "A1",
            1,
        )
        assert applications.send_invitations() == LIMIT["enroller.hour"]  # the others are asked, this one is not

    def test_what_just_meets_the_figure_is_asked(self, helper, phone):
        written_before(helper, LIMIT["enroller.hour"] - 1)
        assert send(helper, phone.write(phone="0123450001"))[0].state == "waiting"

    def test_numbers_in_a_row_are_held_though_they_come_slowly(self, helper, phone):
        written = [
            phone.write(name=f"P{chr(97 + n)} Rao", phone=f"01234567{n:02}") for n in range(LIMIT["enroller.block"] + 1)
        ]
        states = [answer.state for answer in send(helper, *written)]
        assert states == ["waiting"] * LIMIT["enroller.block"] + ["held"]

    def test_names_that_are_counted_on_are_one_name(self, helper, phone):
        written = [phone.write(name=f"Member {n}", phone=f"01234{n:02}000") for n in range(LIMIT["enroller.names"] + 1)]
        assert send(helper, *written)[-1].reason == "enroller.names"

    def test_most_who_never_answer_hold_what_comes_next(self, helper, phone):
        old = clock.now() - timedelta(days=2)
        most = LIMIT["enroller.unconfirmed"]
        written_before(helper, most + 1, texted_at=old, apart=timedelta(hours=2), ago=timedelta(days=2))
        assert send(helper, phone.write(phone="0123450001"))[0].reason == "enroller.unconfirmed"

    def test_who_was_not_asked_yet_is_no_sign(self, helper, phone):
        written_before(helper, LIMIT["enroller.unconfirmed"] + 1, apart=timedelta(hours=2))
        assert send(helper, phone.write(phone="0123450001"))[0].state == "waiting"

    def test_another_helper_goes_on(self, helper, phone):
        written_before(make_actor({"work.do": "07"}), LIMIT["enroller.hour"] + 1)
        assert send(helper, phone.write(phone="0123450001"))[0].state == "waiting"


class TestDeciding:
    @pytest.fixture
    def held(self, helper, phone):
        written_before(helper, LIMIT["enroller.hour"])
        send(helper, phone.write(phone="0123450001"), phone.write(name="Ravi Rao", phone="0123450002"))
        return Case.objects.get()

    def test_the_officer_sees_the_entries_and_the_helper_no_case(self, held, officer, helper):
        scope = scope_for(officer, "enrolment.check")
        assert [row.held for row in selectors.inbox(scope, officer)] == [2]
        assert {entry.name for entry in selectors.entries_of(held)} == {"Sunita Devi", "Ravi Rao"}
        assert selectors.inbox(scope, helper) == []

    def test_released_they_are_asked_and_have_their_whole_time(self, held, officer):
        Application.objects.filter(case=held).update(expires_at=clock.now() + timedelta(hours=1))
        assert guarding.release_case(actor=officer, case_id=held.pk, reason="a large meeting") == 2
        for entry in Application.objects.filter(case=held):
            assert (entry.state, entry.reason) == (State.WAITING, "")
            assert entry.expires_at > clock.now() + timedelta(days=6)

    def test_after_a_release_the_count_begins_anew(self, held, officer, helper, phone):
        guarding.release_case(actor=officer, case_id=held.pk, reason="a large meeting")
        assert send(helper, phone.write(phone="0123450003"))[0].state == "waiting"

    def test_refused_nothing_of_them_is_left(self, held, officer):
        assert guarding.refuse_case(actor=officer, case_id=held.pk, reason="nobody knows them") == 2
        for entry in Application.objects.filter(case=held):
            assert (entry.state, entry.name, bytes(entry.number_sealed)) == (State.REFUSED, "", b"")

    def test_while_it_waits_it_is_neither_closed_nor_forgotten(self, held, officer):
        Application.objects.filter(case=held).update(expires_at=clock.now() - timedelta(days=1))
        assert applications.expire_applications() == 0
        with pytest.raises(CaseDecided):
            guarding.close_case(actor=officer, case_id=held.pk, reason="nothing to see")
