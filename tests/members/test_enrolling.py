"""Joining, signing in, agreeing, leaving."""

from datetime import timedelta

import pytest

from tests.factories import make_account, make_actor, make_drive, make_member, make_phone
from tests.together import at_once
from toli.accounts.domain.actor import ANONYMOUS, SYSTEM, Actor, ActorKind
from toli.accounts.models import Account
from toli.audit.models import AuditEntry
from toli.core import clock
from toli.core.domain.terms import ends_on
from toli.core.models import EventRecord
from toli.members import selectors
from toli.members.errors import (
    AdultsOnly,
    ConsentMissing,
    DriveClosed,
    DriveElsewhere,
    DriveNotFound,
    MemberNotFound,
    NameInvalid,
    PhoneInvalid,
)
from toli.members.models import ConsentRecord, Member, MemberState
from toli.members.services import enrol_member, leave_organisation, open_account, set_consent
from toli.territories.errors import TerritoryNotFound

PHONE = make_phone(301)
AGREED = {"adult": True, "membership": True, "content": True}


def join(**changes):
    return enrol_member(
        **{
            "drive_code": "drive",
            "name": " Sunita  Devi ",
            "phone": PHONE,
            "territory_code": "A1",
            "language": "en",
            "consents": AGREED,
            "evidence": {"page": "join", "code": "verified"},
            **changes,
        }
    )


def member_actor(member):
    return Actor(ActorKind.MEMBER, open_account(member_id=member.pk).pk)


@pytest.mark.usefixtures("country")
class TestJoining:
    def test_whoever_joins_is_a_member_from_today(self):
        member = join()
        assert (member.name, member.territory.code, member.language, member.source) == (
            "Sunita Devi", "A1", "en", "join",
        )  # fmt: skip
        assert member.member_from == clock.today()
        assert member.member_until == ends_on(clock.today(), 36)
        assert selectors.find_by_phone(PHONE) == member
        assert member.contact_points.get().verified_at

    def test_consent_is_recorded_for_each_purpose_with_its_evidence(self):
        member = join(consents={"adult": True, "membership": True, "content": False})
        rows = {row.purpose: row for row in member.consents.all()}
        assert {purpose: row.given for purpose, row in rows.items()} == {"membership": True, "content": False}
        assert rows["membership"].notice_version == "1"
        assert rows["membership"].language == "en"
        assert rows["membership"].evidence == {"page": "join", "code": "verified"}

    def test_a_purpose_that_was_not_asked_about_is_not_recorded(self):
        member = join(consents={"adult": True, "membership": True})
        assert selectors.consents(member) == {"membership": True}

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"consents": {}}, AdultsOnly),
            ({"consents": {"membership": True}}, AdultsOnly),
            ({"consents": {**AGREED, "adult": False}}, AdultsOnly),
            ({"consents": {"adult": True, "content": True}}, ConsentMissing),
            ({"consents": {**AGREED, "membership": False}}, ConsentMissing),
            ({"drive_code": "none"}, DriveNotFound),
            ({"territory_code": "NOWHERE"}, TerritoryNotFound),
            ({"name": ""}, NameInvalid),
            ({"name": "12345"}, NameInvalid),
            ({"name": "x" * 121}, NameInvalid),
            ({"phone": "12"}, PhoneInvalid),
        ],
    )
    def test_what_is_missing_is_said_and_nothing_is_stored(self, changes, refusal):
        with pytest.raises(refusal):
            join(**changes)
        assert not Member.objects.exists()
        assert not ConsentRecord.objects.exists()
        assert not EventRecord.objects.exists()

    @pytest.mark.parametrize("days", [(1, 9), (-9, -1)])
    def test_a_drive_that_is_not_open_today_is_closed(self, days):
        opens, closes = (clock.today() + timedelta(days=day) for day in days)
        make_drive("other", opens_on=opens, closes_on=closes)
        with pytest.raises(DriveClosed):
            join(drive_code="other")

    def test_a_drive_is_open_on_its_first_and_last_day(self):
        make_drive("today", opens_on=clock.today(), closes_on=clock.today())
        assert join(drive_code="today").drive.code == "today"

    def test_a_drive_takes_people_of_its_own_territory_only(self):
        make_drive("seven", territory="07")
        with pytest.raises(DriveElsewhere):
            join(drive_code="seven", territory_code="B1")
        assert join(drive_code="seven", territory_code="A2").territory.code == "A2"

    def test_a_known_number_gives_its_member_back_whatever_its_spelling(self):
        first = join()
        for spelt in (PHONE, "0" + PHONE[3:], f"{PHONE[3:8]} {PHONE[8:]}"):
            assert join(phone=spelt, name="Someone Else", territory_code="B1") == first
        first.refresh_from_db()
        assert first.name == "Sunita Devi"
        assert Member.objects.count() == 1
        assert EventRecord.objects.filter(name="MemberEnrolled").count() == 1

    def test_an_imported_member_who_joins_stays_one_person(self):
        imported = make_member("B1", phone=PHONE)
        assert join() == imported

    def test_whoever_left_can_join_again(self):
        first = join()
        leave_organisation(actor=SYSTEM, member_id=first.pk)
        again = join()
        assert again != first
        assert selectors.find_by_phone(PHONE) == again

    def test_the_share_link_they_came_by_travels_with_the_news(self):
        member = join(source_code="7Q3K9M2XPA")
        payload = EventRecord.objects.get(name="MemberEnrolled").payload
        assert payload == {"member_id": member.pk, "source_code": "7Q3K9M2XPA"}

    def test_the_trace_holds_neither_name_nor_number(self):
        member = join(actor=Actor(ActorKind.ANONYMOUS, None, "hi", "192.0.2.1"))
        entry = AuditEntry.objects.get(action="members.join")
        assert (entry.target, entry.address, entry.details) == (f"member:{member.pk}", "192.0.2.1", {})


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("country")
def test_pressing_the_button_twice_makes_one_member():
    members = at_once(*[join] * 4)
    assert len({member.pk for member in members}) == 1
    assert Member.objects.count() == 1


@pytest.mark.usefixtures("country")
class TestAccounts:
    def test_the_account_is_made_on_first_use(self):
        member = make_member("A1", language="hi")
        account = open_account(member_id=member.pk)
        assert (account.kind, account.display_name, account.language) == ("member", member.name, "hi")
        assert open_account(member_id=member.pk) == account
        assert Account.objects.count() == 1
        assert selectors.member_of(Actor(ActorKind.MEMBER, account.pk)) == member

    def test_nobody_signs_in_as_a_member_who_left_or_never_was(self):
        gone = make_member("A1", state=MemberState.LEFT)
        for member_id in (gone.pk, 999_999):
            with pytest.raises(MemberNotFound):
                open_account(member_id=member_id)

    def test_staff_visitors_and_the_system_are_no_members(self):
        for actor in (SYSTEM, ANONYMOUS, Actor(ActorKind.STAFF, make_account().pk), Actor(ActorKind.MEMBER, 0)):
            assert selectors.member_of(actor) is None


@pytest.mark.usefixtures("country")
class TestLeaving:
    def test_a_member_leaves_by_their_own_act(self):
        member = join()
        actor = member_actor(member)
        leave_organisation(actor=actor, member_id=member.pk)
        member.refresh_from_db()
        assert member.state == MemberState.LEFT
        assert selectors.member_of(actor) is None
        assert selectors.find_by_phone(PHONE) is None
        assert EventRecord.objects.get(name="MemberLeft").payload == {"member_id": member.pk}
        assert AuditEntry.objects.get(action="members.leave").target == f"member:{member.pk}"

    def test_nobody_can_make_another_leave(self):
        member, other = make_member("A1"), make_member("A1")
        everything = {"members.import": "IN", "members.view": "IN"}
        for actor in (member_actor(other), make_actor(everything), ANONYMOUS):
            with pytest.raises(MemberNotFound):
                leave_organisation(actor=actor, member_id=member.pk)
        member.refresh_from_db()
        assert member.state == MemberState.ACTIVE

    def test_leaving_twice_tells_the_news_once(self):
        member = make_member("A1")
        leave_organisation(actor=SYSTEM, member_id=member.pk)
        with pytest.raises(MemberNotFound):
            leave_organisation(actor=SYSTEM, member_id=member.pk)
        assert EventRecord.objects.filter(name="MemberLeft").count() == 1


@pytest.mark.usefixtures("country")
class TestConsent:
    def test_the_latest_word_counts_and_every_word_is_kept(self):
        member = join()
        for given in (False, True, False):
            set_consent(member_id=member.pk, purpose="content", given=given, language="hi", evidence={"page": "data"})
        assert selectors.consents(member) == {"membership": True, "content": False}
        assert list(
            member.consents.filter(purpose="content", channel="sms").order_by("pk").values_list("given", flat=True)
        ) == [True, False, True, False]  # fmt: skip

    def test_there_is_no_consent_without_a_member_or_a_purpose(self):
        with pytest.raises(MemberNotFound):
            set_consent(member_id=0, purpose="content", given=True, language="hi", evidence={})
        with pytest.raises(ValueError, match="religion"):
            set_consent(member_id=make_member("A1").pk, purpose="religion", given=True, language="hi", evidence={})
