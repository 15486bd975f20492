"""My data, and the officer's inbox."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from tests import factories as make
from toli.access.models import Role, RoleAssignment
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.models import OneTimeCode
from toli.core import clock
from toli.members import services as members
from toli.members.selectors import words
from toli.rights import services
from toli.rights.models import RightsRequest
from toli.territories.models import Territory
from toli.web.templatetags.toli import day


def page_of(answer):
    return answer.content.decode()


@pytest.fixture
def officer(world, browser):
    account = make.make_account(name="Privacy Officer")
    role = Role.objects.create(code="privacy", name_en="Privacy officer", permissions=["rights.handle", "members.view"])
    RoleAssignment.objects.create(
        account=account, role=role, territory=Territory.objects.get(code="07"), valid_from="2020-01-01"
    )
    return browser(account)


def filed(member, kind="complaint", words="somebody called me", days_ago=0):
    account = members.open_account(member_id=member.pk)
    from toli.accounts.selectors import actor_for

    request = services.file_request(actor=actor_for(account), member_id=member.pk, kind=kind, words=words)
    if days_ago:
        past = timedelta(days=days_ago)
        RightsRequest.objects.filter(pk=request.pk).update(
            filed_at=request.filed_at - past, due_at=request.due_at - past, not_before=request.not_before - past
        )
    return request


class TestMember:
    def test_each_way_is_switched_by_itself(self, world, sunita):
        sunita.post("/me/data", {"purpose": "content", "channel": "whatsapp", "given": "yes"})
        sunita.post("/me/data", {"purpose": "membership", "channel": "call", "given": "no"})
        said = words(world.member.pk)
        assert (said["content", "whatsapp"], said["membership", "call"]) == (True, False)
        assert ("content", "sms") not in said
        assert sunita.post("/me/data", {"purpose": "content", "channel": "pigeon"}).status_code == 400

    def test_who_looked_and_why_and_which_lists(self, world, sunita):
        chief = make.make_actor({"members.reveal": "IN", "members.export": "IN"})
        members.reveal_phone(actor=chief, member_id=world.member.pk, reason="call_back", note="asked to be called")
        export = members.ask_for_export(actor=chief, territory_code="A1", columns=["name"], purpose="meeting on Sunday")
        members.make_export(export_id=export.pk)
        page = page_of(sunita.get("/me/data"))
        assert "asked to be called" in page
        assert "meeting on Sunday" in page

    def test_two_taps_ask_for_erasure_and_one_takes_it_back(self, world, sunita):
        assert "Yes, erase my data" in page_of(sunita.get("/me/data/erase"))
        page = page_of(sunita.post("/me/data/erase", follow=True))
        assert "Your data will be erased" in page
        sunita.post("/me/data/erase")
        assert RightsRequest.objects.get().state == "open"
        page = page_of(sunita.post("/me/data/erase", {"take_back": "yes"}, follow=True))
        assert "Taken back" in page
        assert RightsRequest.objects.get().state == "taken_back"

    def test_a_name_is_corrected_at_once_and_a_place_is_asked_for(self, world, sunita):
        answer = sunita.post("/me/data/correct", {"name": "Sunita Kumari", "language": "en", "place": "I live in A2"})
        assert answer.status_code == 303
        world.member.refresh_from_db()
        assert world.member.name == "Sunita Kumari"
        assert RightsRequest.objects.get().kind == "correction"
        assert sunita.post("/me/data/correct", {"name": "", "language": "en"}).status_code == 400

    @pytest.mark.parametrize("kind", ["nomination", "complaint"])
    def test_words_are_sent_and_seen_again(self, world, sunita, kind):
        assert sunita.post(f"/me/data/ask/{kind}", {"words": ""}).status_code == 400
        page = page_of(sunita.post(f"/me/data/ask/{kind}", {"words": "Ravi, my brother"}, follow=True))
        assert "Ravi, my brother" in page
        assert sunita.get("/me/data/ask/revenge").status_code == 404

    def test_the_copy_is_one_file_without_anything_from_elsewhere(self, world, sunita):
        answer = sunita.post("/me/data/copy")
        text = page_of(answer)
        assert answer["Content-Disposition"].startswith("attachment")
        assert "no-store" in answer["Cache-Control"]
        assert world.member.name in text
        assert not re.search(r"(src|href|action)=", text)
        data = json.loads(unescape(re.search(r'<pre id="data">(.*)</pre>', text, re.DOTALL)[1]))
        assert data["members.member"][0]["name"] == world.member.name
        assert "Get the file" in page_of(sunita.get("/me/data/copy"))

    def test_what_a_person_wrote_cannot_break_out_of_the_copy(self, world, sunita):
        filed(world.member, words="</script><script>alert(1)</script>")
        text = page_of(sunita.post("/me/data/copy"))
        assert "<script>alert" not in text
        assert "<script" not in text


class TestOfficer:
    def test_the_most_urgent_comes_first_with_its_clock(self, world, officer):
        filed(world.member)
        filed(world.member, "nomination", "Ravi", days_ago=31)
        page = page_of(officer.get("/console/rights"))
        assert page.index("Nomination") < page.index("Complaint")
        assert "2 days late" in page or "1 day late" in page
        assert "29 days left" in page

    def test_an_answer_closes_it_and_the_member_reads_it(self, world, officer, sunita):
        request = filed(world.member)
        assert "somebody called me" in page_of(officer.get(f"/console/rights/{request.pk}"))
        address = f"/console/rights/{request.pk}/answer"
        assert "Please write an answer" in page_of(officer.post(address, {"answer": ""}))
        assert officer.post(address, {"answer": "We asked them to stop."}).status_code == 303
        assert "We asked them to stop." in page_of(sunita.get("/me/data"))
        assert officer.post(address, {"answer": "Again."}).status_code == 409

    def test_an_erasure_shows_what_it_takes_and_is_handed_to_a_job(self, world, officer):
        request = filed(world.member, "erasure", days_ago=4)
        page = page_of(officer.get(f"/console/rights/{request.pk}"))
        assert "What erasure takes" in page
        assert "Erase it all" in page
        assert officer.post(f"/console/rights/{request.pk}/erase").status_code == 303
        request.refresh_from_db()
        assert request.state == "confirmed"
        services.carry_out(request_id=request.pk)
        page = page_of(officer.get("/console/rights?closed=1"))
        assert "Erasure" in page
        assert world.member.name not in page

    def test_not_before_the_member_can_no_longer_take_it_back(self, world, officer):
        request = filed(world.member, "erasure")
        assert "Erase it all" not in page_of(officer.get(f"/console/rights/{request.pk}"))
        assert officer.post(f"/console/rights/{request.pk}/erase").status_code == 409

    def test_what_was_said_on_the_telephone_is_entered(self, world, officer):
        address = f"/console/members/{world.member.pk}/request"
        assert officer.post(address, {"kind": "complaint", "words": ""}).status_code == 400
        answer = officer.post(address, {"kind": "copy", "words": ""})
        assert answer.headers["Location"] == f"/console/rights/{RightsRequest.objects.get().pk}"

    def test_another_branch_is_not_there(self, world, officer):
        request = filed(make.make_member("B1", name="Far Away"))
        assert officer.get(f"/console/rights/{request.pk}").status_code == 404
        assert "Far Away" not in page_of(officer.get("/console/rights"))
        assert officer.post(f"/console/rights/{request.pk}/nonsense").status_code == 404

    def test_a_late_request_after_the_member_moved_shows_no_name(self, world, officer):
        filed(world.member)
        world.member.territory = Territory.objects.get(code="070")
        world.member.save()
        assert world.member.name not in page_of(officer.get("/console/rights"))


class TestSchedule:
    def test_the_officer_reads_what_is_kept_how_long_and_what_was_done_last(self, world, officer):
        code = OneTimeCode(address_index=b"", purpose="join", code_hash=b"", created_at=clock.now())
        code.expires_at = clock.now() - timedelta(days=3)
        code.save()
        services.carry_out_schedule(actor=SYSTEM)
        page = unescape(page_of(officer.get("/console/rights/schedule")))
        assert "One-time codes" in page
        assert f"1 on {day(timezone.now())}" in page
        assert "365 days since it was recorded" in page
        assert page_of(officer.get("/console/rights")).count('href="/console/rights/schedule"') == 1

    def test_others_do_not(self, world, sunita):
        assert sunita.get("/console/rights/schedule").status_code in {302, 303, 403}
