"""Who did what, at the desk: in sentences, within one's own area, filtered, page by page; looking is an entry too."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests import factories as make
from toli.access import trail
from toli.access.models import Role, RoleAssignment
from toli.access.services import ensure_standard_roles
from toli.audit import services as audit
from toli.audit.models import AuditEntry
from toli.core import clock
from toli.members.models import Member
from toli.web.console.trail_things import shortened

TRAIL = "/console/audit"


@pytest.fixture
def officers(world, browser):
    """``officers(code)``: the privacy officer of a place, in their browser."""
    ensure_standard_roles()

    def make_one(code):
        account = make.make_account(name=f"Officer {code}")
        place = make.Territory.objects.get(code=code)
        role = Role.objects.get(code="privacy")
        RoleAssignment.objects.create(account=account, role=role, territory=place, valid_from=clock.today())
        return browser(account)

    return make_one


@pytest.fixture
def officer(officers):
    return officers("07")


@pytest.fixture
def asha(world):
    return make.make_account(name="Asha Verma")


def note(actor, action="members.reveal", target="member:17", place="A1", **fields):
    territory = make.Territory.objects.get(code=place) if place else None
    audit.record(
        actor_kind=actor.kind if actor else "system",
        actor_id=actor.pk if actor else None,
        address="203.0.113.77",
        action=action,
        target=target,
        territory_id=territory.pk if territory else None,
        **fields,
    )
    return AuditEntry.objects.latest("pk")


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def sentences(answer):
    return re.findall(r"<b>([^<]*)</b>", text(answer).partition('<ul class="list">')[2])


class TestList:
    def test_sentences_with_who_when_where(self, officer, asha):
        with time_machine.travel(datetime(2026, 11, 25, 6, 30, tzinfo=UTC), tick=False):
            note(asha)
        shown = text(officer.get(TRAIL))
        assert "Asha Verma saw the full number of member 17." in shown
        assert "25 November, 12:00 · Place A1 · 203.0.113.77" in shown

    def test_in_hindi(self, officer, asha):
        note(asha)
        assert "Asha Verma ने सदस्य 17 का पूरा नंबर देखा।" in text(officer.get(TRAIL + "?lang=hi"))

    def test_the_latest_stands_first(self, officer, asha):
        note(asha)
        note(asha, "access.grant", f"account:{asha.pk}")
        assert sentences(officer.get(TRAIL))[:2] == [
            "Asha Verma gave a role to Asha Verma.",
            "Asha Verma saw the full number of member 17.",
        ]

    def test_members_are_numbers_without_name_or_whole_address(self, officer, world):
        account = make.make_account(kind="member", name="Sunita Devi")
        note(account, "members.leave", f"member:{world.member.pk}")
        note(account, "accounts.revoke_session", f"account:{account.pk}")
        shown = text(officer.get(TRAIL))
        assert f"A member ended a membership: member {world.member.pk}." in shown
        assert "A member ended sign-ins of a member&#x27;s account." in shown
        assert "Sunita" not in shown
        assert "203.0.113.77" not in shown
        assert "203.0.113.x" in shown

    def test_nothing_yet_is_said(self, officer):
        assert "As soon as somebody does something" in text(officer.get(TRAIL))
        assert "Nothing was found" in text(officer.get(TRAIL + "?group=material"))

    def test_pages_follow_one_another_without_gap(self, officer, asha):
        notes = [note(asha, target=f"member:{number}").pk for number in range(101)]
        address, seen, pages = TRAIL + "?group=members", [], 0
        while address and pages < 9:
            shown, pages = text(officer.get(address)), pages + 1
            seen += [int(number) for number in re.findall(r'href="/console/audit/(\d+)"', shown)]
            address = shown.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
            assert not address or "group=members" in address
        assert (seen, pages) == (list(reversed(notes)), 3)

    @pytest.mark.parametrize("query", ["before=x", "before=9" * 9, "group=nonsense", "since=yesterday", "until=32.13."])
    def test_an_address_made_up_breaks_nothing(self, officer, asha, query):
        note(asha)
        assert officer.get(f"{TRAIL}?{query}").status_code in {200, 400}

    def test_the_end_of_all_calendars(self, officer, asha):
        note(asha)
        assert "full number" in text(officer.get(TRAIL + "?until=9999-12-31"))


class TestScope:
    @pytest.mark.parametrize(("place", "seen"), [("07", True), ("A1", True), ("UP", True), ("070", False)])
    def test_only_of_ones_own_area(self, officers, asha, place, seen):
        found = note(asha)
        officer = officers(place)
        assert ("Asha Verma" in text(officer.get(TRAIL))) is seen
        assert officer.get(f"{TRAIL}/{found.pk}").status_code == (200 if seen else 404)

    def test_what_is_of_no_place_is_for_the_country(self, officers, asha):
        found = note(asha, place=None)
        assert officers("IN").get(f"{TRAIL}/{found.pk}").status_code == 200
        assert officers("UP").get(f"{TRAIL}/{found.pk}").status_code == 404

    def test_ones_own_acts_are_seen_wherever_they_were(self, officer):
        account = RoleAssignment.objects.get(account__display_name="Officer 07").account
        found = note(account, place="B1")
        assert officer.get(f"{TRAIL}/{found.pk}").status_code == 200
        assert f"/console/audit/{found.pk}" in text(officer.get(TRAIL))

    def test_a_coordinator_may_not(self, coordinator):
        assert coordinator.get(TRAIL).status_code == 403

    def test_a_place_elsewhere_is_not_found(self, officer):
        assert officer.get(TRAIL + "?place=070").status_code == 404

    @pytest.mark.parametrize("number", [10**9, 2**63, 10**30])
    def test_an_entry_that_is_not_there(self, officer, number):
        assert officer.get(f"{TRAIL}/{number}").status_code == 404


class TestFilters:
    def test_by_group(self, officer, asha):
        note(asha)
        note(asha, "access.grant", f"account:{asha.pk}")
        assert sentences(officer.get(TRAIL + "?group=roles")) == ["Asha Verma gave a role to Asha Verma."]

    def test_by_person(self, officer, asha):
        other = make.make_account(name="Binod Lal")
        note(asha)
        note(other)
        assert sentences(officer.get(f"{TRAIL}?who={asha.login}")) == ["Asha Verma saw the full number of member 17."]

    def test_a_member_with_the_same_number_is_not_that_person(self, officer, asha):
        note(asha)
        audit.record(
            actor_kind="member",
            actor_id=asha.pk,
            action="members.leave",
            target="member:3",
            territory_id=make.Territory.objects.get(code="A1").pk,
        )
        assert "member 3" not in text(officer.get(f"{TRAIL}?who={asha.login}"))

    def test_an_unknown_login_and_one_without_entries_look_the_same(self, officer, asha):
        answers = [text(officer.get(f"{TRAIL}?who={login}")) for login in ("nobody-there", asha.login)]
        bare = [answer.replace("nobody-there", "?").replace(asha.login, "?") for answer in answers]
        assert bare[0].partition("<main")[2] == bare[1].partition("<main")[2]

    def test_by_place(self, officers, asha):
        note(asha, place="A1")
        note(asha, "access.grant", f"account:{asha.pk}", place="B1")
        assert sentences(officers("UP").get(TRAIL + "?place=07")) == ["Asha Verma saw the full number of member 17."]

    def test_by_days_both_included(self, officer, asha):
        for day, number in ((23, 1), (24, 2), (25, 3), (26, 4)):
            with time_machine.travel(datetime(2026, 11, day, 18, 29, 59, tzinfo=UTC), tick=False):  # 23:59:59 in India
                note(asha, target=f"member:{number}")
        shown = text(officer.get(TRAIL + "?since=2026-11-24&until=2026-11-25"))
        assert [number for number in range(1, 5) if f"member {number}." in shown] == [2, 3]

    def test_warnings_of_the_week_are_told(self, officer, asha):
        with time_machine.travel(clock.now() - timedelta(days=8)):
            note(None, "accounts.sign_in_refused", "account:0")
        assert "warning" not in text(officer.get(TRAIL)).partition("<details")[0]
        note(None, "accounts.sign_in_refused", "account:0")
        assert "1 warning in the last 7 days" in text(officer.get(TRAIL))


class TestEntry:
    def test_everything_that_was_kept(self, officer, asha):
        found = note(asha, details={"reason": "call_back"})
        shown = text(officer.get(f"{TRAIL}/{found.pk}"))
        for words in ("The member asked to be called", asha.login, "Place A1", "203.0.113.77", "members.reveal"):
            assert words in shown
        assert f'href="{TRAIL}?who={asha.login}"' in shown

    def test_sealed_and_not_yet(self, officer, asha):
        found = note(asha)
        assert "within a minute" in text(officer.get(f"{TRAIL}/{found.pk}"))
        audit.seal()
        position = AuditEntry.objects.get(pk=found.pk).position
        assert f"It stands at position {position} of the chain." in text(officer.get(f"{TRAIL}/{found.pk}"))

    def test_the_way_to_the_thing_for_those_who_may_go_there(self, officers, world, asha):
        member = Member.objects.get(pk=world.member.pk)
        found = note(asha, target=f"member:{member.pk}")
        officer = officers("07")
        assert f'href="/console/members/{member.pk}"' in text(officer.get(f"{TRAIL}/{found.pk}"))
        Role.objects.filter(code="privacy").update(permissions=["audit.view"])
        assert f'href="/console/members/{member.pk}"' not in text(officer.get(f"{TRAIL}/{found.pk}"))

    def test_a_number_that_slipped_in_is_not_shown(self, officer, asha):
        found = note(asha, details={"oops": "call +91 01234 56789"})
        assert "56789" not in text(officer.get(f"{TRAIL}/{found.pk}"))


class TestLooking:
    def looks(self):
        return AuditEntry.objects.filter(action=trail.LOOKED)

    def test_it_is_written_down_once_an_hour(self, officer, asha):
        found = note(asha)
        for address in (TRAIL, TRAIL + "?group=roles", f"{TRAIL}/{found.pk}"):
            officer.get(address)
        assert self.looks().count() == 1
        with time_machine.travel(clock.now() + timedelta(minutes=61)):
            officer.get(TRAIL)
        assert self.looks().count() == 2

    def test_each_person_has_their_own(self, officers):
        officers("07").get(TRAIL)
        officers("UP").get(TRAIL)
        assert self.looks().count() == 2

    def test_it_belongs_to_where_the_person_looks(self, officers):
        officers("07").get(TRAIL)
        assert "Officer 07 looked at the audit trail." in text(officers("UP").get(TRAIL))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("203.0.113.77", "203.0.113.x"),
        ("2001:db8:1:2::5", "2001:db8:1::/48"),
        ("", ""),
        ("no address", ""),
    ],
)
def test_addresses_of_members_lose_their_end(address, shown):
    assert shortened(address) == shown
