"""Entries from a coordinator's phone: whose they are, that nothing is lost or doubled, and that the person decides."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories as make
from tests.enrolment.phones import Phone
from toli.access.domain.permissions import WORK_DO
from toli.core.errors import Forbidden
from toli.enrolment.errors import ApplicationNotFound, ChoiceMissing, DeviceNotFound, InvitationOver, KeyUnfit
from toli.enrolment.models import Application, Device, State
from toli.enrolment.services import applications as services
from toli.members.errors import AdultsOnly, ConsentMissing
from toli.members.models import Member, MemberSource

pytestmark = pytest.mark.django_db
AGREED = {"adult": True, "membership": True, "content": False}


@pytest.fixture(autouse=True)
def place():
    make.make_organisation()
    make.make_territories("IN/UP/Z1/A1/B1", "IN/UP/Z1/A1/B2", "IN/UP/Z2/A2/C1")
    make.make_drive()


@pytest.fixture
def imran():
    return make.make_actor({WORK_DO: "A1"}, account=make.make_account(name="Imran Khan"))


@pytest.fixture
def neighbour():
    return make.make_actor({WORK_DO: "A2"}, account=make.make_account(name="Next Door"))


@pytest.fixture
def phone(imran):
    return registered(imran)


def registered(actor, **fields):
    found = Phone(**fields)
    services.register_device(actor=actor, jwk=found.jwk, name="Android")
    return found


def send(actor, *records):
    return services.receive_records(actor=actor, batch=records)


def results(answers):
    return [(str(answer.result), answer.reason) for answer in answers]


def token(application):
    return services.invitation_path(application)[3:]


def confirm(application, **fields):
    given = {
        "application_id": application.pk, "name": application.name, "territory_code": application.territory.code,
        "language": "en", "consents": AGREED, **fields,
    }  # fmt: skip
    joined = services.confirm_invitation(token=token(application), choice=services.Choice(**given))
    return joined and joined.member


def texts(settings):
    return [path.read_text() for path in sorted(settings.OUTBOX_DIR.rglob("*")) if path.is_file()]


class TestWhatIsTaken:
    def test_an_entry_waits_and_makes_nobody_a_member(self, imran, phone):
        assert results(send(imran, phone.write())) == [("accepted", "")]
        found = Application.objects.get()
        assert (found.state, found.enroller_id, found.name) == (State.WAITING, imran.id, "Sunita Devi")
        assert b"123456789" not in bytes(found.number_sealed)
        assert Member.objects.count() == 0

    def test_the_same_entry_again_changes_nothing(self, imran, phone):
        record = phone.write()
        send(imran, record)
        assert results(send(imran, record, record)) == [("known", ""), ("known", "")]
        assert Application.objects.count() == 1

    def test_it_is_known_also_when_it_has_ended_and_the_phone_was_lost(self, imran, phone):
        record = phone.write()
        send(imran, record)
        services.refuse_invitation(token=token(Application.objects.get()))
        services.end_device(actor=imran, device_id=Device.objects.get().pk)
        assert results(send(imran, record)) == [("known", "not_me")]

    @pytest.mark.parametrize(
        "field, value",
        [("name", "Somebody Else"), ("phone", "0123456780"), ("territory", "B2"), ("drive", "other"),
         ("language", "hi"), ("at", "2026-01-01T10:00:00.000Z"), ("id", "00000000-0000-4000-8000-000000000000")],
    )  # fmt: skip
    def test_what_was_changed_on_the_way_is_refused(self, imran, phone, field, value):
        assert results(send(imran, {**phone.write(), field: value})) == [("refused", "signature_wrong")]
        assert Application.objects.count() == 0

    @pytest.mark.parametrize(
        "change",
        [{"name": ""}, {"name": "a\nb"}, {"id": "no"}, {"at": "yesterday"}, {"at": "2026-01-01T10:00:00"},
         {"signature": "x"}, {"phone": 5}, {"name": "x" * 201}, {"name": "\ud800"}],
    )  # fmt: skip
    def test_what_is_no_entry_is_refused(self, imran, phone, change):
        assert results(send(imran, {**phone.write(), **change})) == [("refused", "malformed")]

    @pytest.mark.parametrize("given", [None, 5, "x", [], {}])
    def test_neither_is_what_is_none_at_all(self, imran, given):
        assert results(send(imran, given)) == [("refused", "malformed")]

    def test_another_entry_under_the_same_id_is_refused(self, imran, phone):
        record = phone.write()
        other = phone.write(id=record["id"], name="Somebody Else")
        assert results(send(imran, record, other)) == [("accepted", ""), ("refused", "altered")]

    @pytest.mark.parametrize(
        "fields, reason",
        [({"phone": "12"}, "number_unfit"), ({"name": "123"}, "name_unfit"), ({"territory": "C1"}, "outside_area"),
         ({"territory": "ZZ"}, "outside_area"), ({"territory": "A1"}, "place_too_large"),
         ({"drive": "no"}, "drive_not_open")],
    )  # fmt: skip
    def test_what_does_not_fit_is_refused_by_name(self, imran, phone, fields, reason):
        assert results(send(imran, phone.write(**fields))) == [("refused", reason)]

    @pytest.mark.parametrize("ago, reason", [(timedelta(hours=-1), "from_the_future"), (timedelta(days=15), "too_old")])
    def test_a_phone_with_a_wrong_clock_is_told(self, imran, phone, ago, reason):
        at = (timezone.now() - ago).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        assert results(send(imran, phone.write(at=at))) == [("refused", reason)]

    def test_nothing_of_a_batch_is_dropped(self, imran, phone):
        first = phone.write()
        batch = [first, phone.write(name="Other Name"), first, {}, phone.write(territory="C1", phone="0123456000")]
        assert sorted(r for r, _ in results(send(imran, *batch))) == [
            "accepted", "conflict", "known", "refused", "refused",
        ]  # fmt: skip


class TestWhosePhone:
    def test_a_phone_of_somebody_else_is_refused(self, imran, neighbour, phone):
        assert results(send(neighbour, phone.write())) == [("refused", "foreign_device")]

    def test_a_phone_that_was_ended_is_refused(self, imran, phone):
        services.end_device(actor=imran, device_id=Device.objects.get().pk)
        assert results(send(imran, phone.write())) == [("refused", "device_ended")]

    def test_only_who_works_somewhere_sends(self, phone):
        nobody = make.make_actor({})
        with pytest.raises(Forbidden):
            send(nobody, phone.write())

    def test_a_neighbour_cannot_end_it(self, phone, neighbour):
        with pytest.raises(DeviceNotFound):
            services.end_device(actor=neighbour, device_id=Device.objects.get().pk)

    def test_registering_again_is_the_same_phone_and_nobody_takes_it_over(self, imran, neighbour, phone):
        services.register_device(actor=imran, jwk=phone.jwk, name="Again")
        assert Device.objects.count() == 1
        with pytest.raises(KeyUnfit):
            services.register_device(actor=neighbour, jwk=phone.jwk, name="Mine")

    @pytest.mark.parametrize("change", [{"crv": "P-384"}, {"x": "AA"}, {"x": None}, {"d": "secret"}, {"y": "A" * 43}])
    def test_only_public_keys_on_the_curve_are_taken(self, imran, change):
        with pytest.raises(KeyUnfit):
            services.register_device(actor=imran, jwk={**Phone().jwk, **change}, name="Android")


class TestWhatThePersonDecides:
    @pytest.fixture
    def asked(self, imran, phone):
        send(imran, phone.write())
        services.send_invitations()
        return Application.objects.get()

    def test_they_are_asked_once_and_reminded_once(self, asked, settings):
        (text,) = texts(settings)
        assert "Imran Khan" in text
        assert "/e/" in text
        services.send_invitations()
        assert len(texts(settings)) == 1
        Application.objects.update(texted_at=timezone.now() - timedelta(hours=25))
        assert services.send_invitations() == 1
        assert services.send_invitations() == 0

    def test_they_become_a_member_by_their_own_act(self, asked, imran):
        member = confirm(asked, name="Sunita Devi Verma", territory_code="B2")
        assert (member.name, member.territory.code, member.source) == ("Sunita Devi Verma", "B2", MemberSource.CAMP)
        asked.refresh_from_db()
        assert (asked.state, asked.member_id, asked.enroller_id) == (State.CONFIRMED, member.pk, imran.id)
        assert (asked.name, bytes(asked.number_sealed), asked.number_index) == ("", b"", None)

    @pytest.mark.parametrize("missing, error", [("adult", AdultsOnly), ("membership", ConsentMissing)])
    def test_not_without_their_consent(self, asked, missing, error):
        with pytest.raises(error):
            confirm(asked, consents={**AGREED, missing: False})
        assert Member.objects.count() == 0

    def test_this_is_not_me_deletes_at_once_and_keeps_them_from_being_written_down_again(self, asked, imran, phone):
        services.refuse_invitation(token=token(asked))
        asked.refresh_from_db()
        assert (asked.state, asked.name, asked.number_index) == (State.DECLINED, "", None)
        assert results(send(imran, phone.write())) == [("refused", "said_no")]

    def test_a_link_works_until_it_was_answered(self, asked):
        confirm(asked)
        for again in (services.find_invitation, services.refuse_invitation):
            with pytest.raises(InvitationOver):
                again(token=token(asked))

    @pytest.mark.parametrize("made_up", ["x", "", "MQ:1:1"])
    def test_a_made_up_link_leads_nowhere(self, made_up):
        with pytest.raises(InvitationOver):
            services.find_invitation(token=made_up)

    def test_who_does_not_answer_is_forgotten(self, asked):
        assert services.expire_applications() == 0
        Application.objects.update(expires_at=timezone.now())
        assert services.expire_applications() == 1
        asked.refresh_from_db()
        assert (asked.state, asked.name, asked.number_index) == (State.EXPIRED, "", None)

    def test_the_days_are_a_setting(self, imran, phone):
        with override_settings(TOLI_ENROL_DAYS=2):
            send(imran, phone.write())
        found = Application.objects.get()
        assert found.expires_at - found.received_at == timedelta(days=2)


class TestConflicts:
    def test_the_number_of_a_member_is_said_without_the_member(self, imran, phone):
        make.make_member("B1", name="Sunita Devi", phone="+910123456789")
        same, other = send(imran, phone.write()), send(imran, phone.write(name="Ravi Kumar"))
        assert [answer.state for answer in same + other] == ["conflict", "conflict"]

    def test_a_member_of_that_name_is_not_asked_again(self, imran, phone):
        make.make_member("B1", name="Sunita Devi", phone="+910123456789")
        send(imran, phone.write())
        assert services.send_invitations() == 0

    def test_two_coordinators_with_one_number_make_one_text_and_the_person_chooses(self, imran, neighbour, phone):
        theirs = registered(neighbour, territory="C1")
        send(imran, phone.write())
        send(neighbour, theirs.write(name="Sunita D.", phone="+91 01234 56789"))
        assert list(Application.objects.values_list("state", "reason")) == [("conflict", "captured_twice")] * 2
        assert services.send_invitations() == 1
        first, second = Application.objects.order_by("pk")
        assert [one.pk for one in services.find_invitation(token=token(first)).versions] == [first.pk, second.pk]
        member = confirm(first, application_id=second.pk, name="Sunita D.", territory_code="C1")
        assert member.territory.code == "C1"
        assert dict(Application.objects.values_list("pk", "state")) == {first.pk: "settled", second.pk: "confirmed"}

    def test_somebody_else_of_the_family_becomes_a_member_if_they_say_so(self, imran, phone):
        first = make.make_member("B1", name="Ravi Kumar", phone="+910123456789")
        send(imran, phone.write())
        found = Application.objects.get()
        assert services.find_invitation(token=token(found)).known
        member = confirm(found, another=True)
        assert (member.name, member.pk != first.pk) == ("Sunita Devi", True)

    def test_who_is_a_member_already_is_neither_doubled_nor_signed_in(self, imran, phone):
        make.make_member("B1", name="Ravi Kumar", phone="+910123456789")
        send(imran, phone.write())
        assert confirm(Application.objects.get()) is None
        assert (Member.objects.count(), Application.objects.get().reason) == (1, "already_member")

    def test_a_family_on_one_phone_is_asked_one_by_one(self, imran, phone):
        send(imran, phone.write(), phone.write(name="Ravi Kumar"))
        services.send_invitations()
        first, second = Application.objects.order_by("pk")
        confirm(first, ask_family=True)
        assert services.send_invitations() == 1
        second.refresh_from_db()
        assert (second.state, confirm(second, another=True).name) == ("conflict", "Ravi Kumar")

    def test_a_version_of_another_number_cannot_be_chosen(self, imran, phone):
        send(imran, phone.write(), phone.write(phone="0123456000"))
        first, second = Application.objects.order_by("pk")
        with pytest.raises(ChoiceMissing):
            confirm(first, application_id=second.pk)

    def test_taking_one_back_leaves_the_other_waiting(self, imran, phone):
        send(imran, phone.write(), phone.write(name="Typing Error"))
        first, second = Application.objects.order_by("pk")
        services.withdraw_application(actor=imran, application_id=second.pk)
        first.refresh_from_db()
        assert first.state == State.WAITING
        assert services.send_invitations() == 1

    def test_a_neighbour_cannot_take_it_back(self, imran, neighbour, phone):
        send(imran, phone.write())
        with pytest.raises(ApplicationNotFound):
            services.withdraw_application(actor=neighbour, application_id=Application.objects.get().pk)

    def test_what_a_check_holds_is_not_asked(self, imran, phone, monkeypatch):
        from toli.enrolment.services.applications import checking

        monkeypatch.setattr(checking, "_checks", [])
        services.hold_when(lambda application, number: "too_fast" if number.endswith("89") else "")
        assert [a.state for a in send(imran, phone.write(), phone.write(phone="0123456000"))] == ["held", "waiting"]
        assert services.send_invitations() == 1
        held = Application.objects.get(state="held")
        assert services.find_invitation(token=token(held)).held
        with pytest.raises(ChoiceMissing):
            confirm(held)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_entries_sent_in_any_order_and_as_often_as_you_like_end_the_same(imran, phone, data):
    Application.objects.all().delete()
    batch = [phone.write(phone=f"01234567{number:02}") for number in range(4)]
    sent = data.draw(st.lists(st.sampled_from(batch), max_size=12)) + batch
    for cut in range(0, len(sent), 3):
        send(imran, *sent[cut : cut + 3])
    assert set(Application.objects.values_list("state", flat=True)) == {"waiting"}
    assert {str(pk) for pk in Application.objects.values_list("record_id", flat=True)} == {one["id"] for one in batch}
