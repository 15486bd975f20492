"""Members at the desk: a list with masked numbers, one member, and the full number for a stated reason."""

import re

import pytest
from django.db import connection

from tests import factories as make
from toli.accounts.domain.actor import SYSTEM
from toli.audit.models import AuditEntry
from toli.cards.services import issue_cards
from toli.members.models import MemberState, Reveal
from toli.members.services import set_consent

PHONE = "+910123454321"
WHY = {"reason": "call_back", "note": "asked to be called at noon"}


@pytest.fixture
def person(world):
    member = make.make_member("A1", name="Geeta Rani", phone=PHONE)
    issue_cards(actor=SYSTEM, member_ids=[member.pk])
    return member


@pytest.fixture
def chief(world, browser):
    """Every permission on 07."""
    return browser(make.make_headquarters("07"))


def start_numbers_at(first):
    """The next member gets this id or a larger one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(seq, greatest(nextval(seq), %s)) FROM pg_get_serial_sequence('members_member', 'id') seq",
            [first],
        )


def text(answer):
    return answer.content.decode()


class TestList:
    def test_names_places_cards_and_a_few_digits(self, person, coordinator):
        shown = text(coordinator.get("/console/t/07/members"))
        card = person.cards.get().number
        for words in ("Geeta Rani", "Place A1", "+91 01••• ••321", f"{card[:4]}-{card[4:8]}-{card[8:]}"):
            assert words in shown
        assert "0123454321" not in shown

    def test_pages_of_fifty_follow_one_another(self, world, coordinator):
        start_numbers_at(123_456)  # ids are no figures: an address bears no comma
        members = [make.make_member("A1", name=f"Person {number:03d}.") for number in range(101)]
        address, seen, pages = "/console/t/A1/members", [], 0
        while address and pages < 9:
            shown, pages = text(coordinator.get(address)), pages + 1
            seen += [member for member in members if member.name in shown]
            rest = shown.partition('rel="next" href="')[2]
            address = rest.partition('"')[0]
        assert (seen, pages) == (members, 3)

    def test_the_address_of_a_member_with_a_large_number_opens(self, world, coordinator):
        start_numbers_at(123_456)
        member = make.make_member("A1")
        assert f'href="/console/members/{member.pk}"' in text(coordinator.get("/console/t/A1/members"))
        assert coordinator.get(f"/console/members/{member.pk}").status_code == 200

    @pytest.mark.parametrize("after", ["x", "-1", "9" * 29, "1e3", "٣", ""])
    def test_an_address_made_up_breaks_nothing(self, person, coordinator, after):
        assert coordinator.get("/console/t/07/members", {"after": after}).status_code == 200

    def test_a_place_without_members_says_so(self, coordinator, world):
        make.make_territory("IN/UP/07/A9")
        assert "There are no members here yet" in text(coordinator.get("/console/t/A9/members"))

    def test_those_who_left_are_not_listed(self, world, coordinator):
        make.make_member("A1", name="Left Person", state=MemberState.LEFT)
        assert "Left Person" not in text(coordinator.get("/console/t/07/members"))

    def test_the_entry_stands_in_the_navigation(self, coordinator):
        assert 'href="/console/t/07/members"' in text(coordinator.get("/console/t/07"))


class TestSearch:
    @pytest.mark.parametrize("words", [PHONE, "01234 54321", "०१२३४५४३२१"])
    def test_the_whole_number_finds_its_member(self, person, coordinator, words):
        shown = text(coordinator.post("/console/t/07/members", {"number": words}))
        assert "Geeta Rani" in shown
        assert "Sunita" not in shown

    @pytest.mark.parametrize("words", ["Geeta", "गीता रानी", "rani gita", "4321", "Geeta 4321"])
    def test_a_name_in_any_script_or_the_last_digits_find_a_member(self, person, coordinator, neighbour, words):
        assert "Geeta Rani" in text(coordinator.post("/console/t/07/members", {"number": words}))
        assert "Nobody found" in text(neighbour.post("/console/t/070/members", {"number": words}))

    def test_a_card_number_finds_its_holder(self, person, coordinator):
        number = person.cards.get().number
        assert "Geeta Rani" in text(coordinator.post("/console/t/07/members", {"number": number.lower()}))
        assert AuditEntry.objects.filter(action="cards.search", target=f"member:{person.pk}").exists()

    @pytest.mark.parametrize("words", [PHONE[:-1], "Nobody", "", "01234", "%", "x" * 500])
    def test_anything_less_finds_nobody(self, person, coordinator, words):
        answer = coordinator.post("/console/t/07/members", {"number": words})
        assert answer.status_code == 200
        assert "Nobody found" in text(answer)

    def test_the_neighbour_is_not_told_that_the_number_is_known(self, person, neighbour):
        known, unknown = (
            re.sub('value="[^"]+"', "", text(neighbour.post("/console/t/070/members", {"number": number})))
            for number in (PHONE, "+910123459999")
        )
        assert known == unknown
        card = person.cards.get().number
        assert "Geeta" not in text(neighbour.post("/console/t/070/members", {"number": card}))

    def test_a_number_in_the_address_is_not_looked_for(self, person, coordinator):
        assert "Nobody found" not in text(coordinator.get("/console/t/07/members", {"number": "+910123459999"}))


class TestMember:
    def test_what_the_desk_knows_without_the_number(self, world, person, coordinator):
        make.make_seat(person, world.group)
        set_consent(member_id=person.pk, purpose="content", given=True, language="hi", evidence={})
        shown = text(coordinator.get(f"/console/members/{person.pk}"))
        for words in (
            *("Geeta Rani", "Place A1", "+91 01••• ••321", world.group.name, "Wants daily material"),
            *("Primary member", "a list"),
        ):
            assert words in shown
        assert "0123454321" not in shown
        assert "Nobody so far" in shown

    def test_a_coordinator_is_offered_no_full_number(self, person, coordinator, chief):
        address = f"/console/members/{person.pk}"
        assert f"{address}/reveal" not in text(coordinator.get(address))
        assert f"{address}/reveal" in text(chief.get(address))
        assert coordinator.post(f"{address}/reveal", WHY).status_code == 403

    def test_whoever_may_look_here_but_reveal_elsewhere_only_gets_no_number(self, world, person, browser):
        account = make.make_account()
        make.make_actor({"members.view": "07", "members.reveal": "070"}, account=account)
        desk = browser(account)
        assert desk.get(f"/console/members/{person.pk}").status_code == 200
        assert desk.post(f"/console/members/{person.pk}/reveal", WHY).status_code == 404
        assert not Reveal.objects.exists()

    def test_who_has_left_has_no_page(self, world, chief):
        gone = make.make_member("A1", state=MemberState.LEFT)
        assert chief.get(f"/console/members/{gone.pk}").status_code == 404
        assert chief.post(f"/console/members/{gone.pk}/reveal", WHY).status_code == 404

    def test_whoever_moves_away_is_gone_with_the_next_request(self, world, person, chief):
        address = f"/console/members/{person.pk}"
        assert chief.get(address).status_code == 200
        person.territory = world.places["B1"]
        person.save()
        assert (chief.get(address).status_code, chief.post(f"{address}/reveal", WHY).status_code) == (404, 404)


class TestReveal:
    def test_the_number_stands_on_the_answer_and_nowhere_else(self, person, chief):
        address = f"/console/members/{person.pk}"
        asked = chief.get(f"{address}/reveal")
        assert PHONE not in text(asked)
        assert "You can look at 20 more numbers" in text(asked)
        answer = chief.post(f"{address}/reveal", WHY)
        assert PHONE in text(answer)
        assert "no-store" in answer.headers["Cache-Control"]
        assert "You can look at 19 more numbers" in text(answer)
        for page in (address, f"{address}/reveal", "/console/t/07/members"):
            assert "0123454321" not in text(chief.get(page))
        shown = text(chief.get(address))
        assert "Head Quarters" in shown
        assert "asked to be called at noon" in shown

    @pytest.mark.parametrize(
        "fields", [{}, {"reason": "call_back"}, {"reason": "curious", "note": "because"}, {**WHY, "note": "no"}]
    )
    def test_without_a_reason_there_is_none(self, person, chief, fields):
        answer = chief.post(f"/console/members/{person.pk}/reveal", fields)
        assert answer.status_code == 400
        assert "choose a reason" in text(answer)
        assert "0123454321" not in text(answer)
        assert not Reveal.objects.exists()

    def test_when_the_day_is_used_up_the_page_says_so(self, person, chief, settings):
        settings.TOLI_REVEALS_PER_DAY = 1
        address = f"/console/members/{person.pk}/reveal"
        assert chief.post(address, WHY).status_code == 200
        answer = chief.post(address, WHY)
        assert answer.status_code == 403
        assert PHONE not in text(answer)
        assert "used up" in text(chief.get(address))
        assert Reveal.objects.count() == 1

    def test_who_looked_cannot_be_written_by_the_form(self, person, chief, coordinator):
        other = make.make_account()
        hidden = {
            "account": other.pk,
            "account_id": other.pk,
            "at": "2020-01-01",
            "role": 1,
            "member": 1,
            "member_id": 1,
        }
        assert chief.post(f"/console/members/{person.pk}/reveal", {**WHY, **hidden}).status_code == 200
        seen = Reveal.objects.get()
        assert seen.account_id != other.pk
        assert (seen.member, seen.at.year > 2020) == (person, True)
