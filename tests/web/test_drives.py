"""Drives on the desk, posters, and links by which members invite others."""

import re
from datetime import date

import pytest

from tests.factories import make_account, make_drive, make_phone
from tests.web.conftest import code_in
from toli.access.domain.permissions import STANDARD_ROLES
from toli.access.models import Role, RoleAssignment
from toli.accounts.domain.actor import SYSTEM
from toli.members import selectors, services
from toli.members.models import Drive, DriveCount, JoinCode, Member
from toli.territories.models import Territory
from toli.web.console import drives as pages


def _join(client, sent, serial=777, name="Meena Kumari"):
    client.post("/join", {"step": "number", "name": name, "phone": make_phone(serial)})
    client.post("/join", {"step": "code", "code": code_in(sent)})
    page = client.get("/join").content.decode()
    client.post("/join", {"step": "place", "territory": re.search(r'name="territory" value="(\w+)"', page)[1]})
    return client.post("/join", {"step": "consent", "agree": "adult membership"})


def test_an_inviters_link_knows_place_language_and_inviter(world, browser, sent, sunita):
    page = sunita.get("/me").content.decode()
    address = re.search(r'href="(/j/\w+)"', page)[1]
    visitor = browser()
    assert visitor.get(address).headers["Location"] == "/join?lang=en"
    _join(visitor, sent)
    new = Member.objects.get(name="Meena Kumari")
    assert new.territory.code == "A1"
    assert "1 person has joined by your link" in sunita.get("/me").content.decode()
    assert "Meena" not in sunita.get("/me").content.decode()
    assert {(row.step, row.source, row.count) for row in DriveCount.objects.all()} == {
        (step, "inviter", 1) for step in ("started", "code", "place", "joined")
    }
    assert services.inviter_code(member_id=world.member.pk).code in address  # always the same one


def test_the_link_of_somebody_who_left_leads_nowhere(world, browser):
    code = services.inviter_code(member_id=world.member.pk).code
    services.leave_organisation(actor=SYSTEM, member_id=world.member.pk)
    assert browser().get(f"/j/{code}").status_code == 404


def test_a_poster_knows_drive_place_and_language(world, coordinator, browser, sent):
    make_drive("other", territory="07")
    page = coordinator.post("/console/drives/drive/posters/07", {"language": "hi", "level": "ac"}, follow=True)
    text = page.content.decode()
    assert "<svg" in text
    assert text.count('class="sheet"') == 1
    code = JoinCode.objects.get()
    assert (code.territory.code, code.language, code.drive.code) == ("A1", "hi", "drive")
    coordinator.post("/console/drives/drive/posters/07", {"language": "hi", "level": "ac"})
    assert JoinCode.objects.count() == 1  # printed again, the same
    visitor = browser()
    assert visitor.get(f"/j/{code.code.upper()}").headers["Location"] == "/join?lang=hi"
    _join(visitor, sent)
    assert Member.objects.get(name="Meena Kumari").drive.code == "drive"
    code.refresh_from_db()
    assert code.joined == 1


def test_a_poster_of_a_drive_that_is_over_names_the_one_that_is_open(world, browser, sent):
    old = make_drive("old", name_en="Spring drive")
    code = services.make_posters(actor=SYSTEM, drive_code="old", territory_code="A1", language="en")[0]
    Drive.objects.filter(pk=old.pk).update(closes_on=date(2021, 1, 1))
    visitor = browser()
    page = visitor.get(f"/j/{code.code}").content.decode()
    assert "Spring drive is over" in page
    assert "Membership drive is open now" in page
    _join(visitor, sent)
    assert Member.objects.get(name="Meena Kumari").drive.code == "drive"


def test_a_poster_of_a_place_that_was_redrawn_leads_to_what_is_above_it(world, browser, sent):
    code = services.make_posters(actor=SYSTEM, drive_code="drive", territory_code="A1", language="en")[0]
    Territory.objects.filter(code="A1").update(valid_to=date(2030, 1, 1))
    Territory.objects.get(code="A1").nodes.update(valid_to=date(2030, 1, 1))
    visitor = browser()
    visitor.get(f"/j/{code.code}")
    visitor.post("/join", {"step": "number", "name": "Meena", "phone": make_phone(777)})
    visitor.post("/join", {"step": "code", "code": code_in(sent)})
    assert "Place 07" in visitor.get("/join").content.decode()


def test_posters_are_fetched_as_a_file(world, coordinator, neighbour, monkeypatch):
    home = "/console/drives/drive/posters/07"
    assert coordinator.get(f"{home}/file").status_code == 303  # none was made yet
    shown = coordinator.post(home, {"language": "en", "level": ""}, follow=True).content.decode()
    address = re.search(rf'href="({home}/file[^"]+)"', shown)[1].replace("&amp;", "&")
    answer = coordinator.get(address)
    assert answer.content.startswith(b"%PDF-1.7")
    assert "posters-drive-07-en.pdf" in answer["Content-Disposition"]
    assert neighbour.get(address).status_code == 404
    monkeypatch.setattr(pages, "MOST_IN_A_FILE", 0)
    assert coordinator.get(address).status_code == 400
    assert "toli drive poster" in coordinator.get(f"{home}?language=en&level=").content.decode()


def test_coordinators_make_posters_of_their_own_area_only(world, coordinator):
    assert coordinator.get("/console/drives/drive/posters/070").status_code == 404
    assert coordinator.post("/console/drives/drive/posters/070", {"language": "hi"}).status_code == 404
    assert not JoinCode.objects.exists()


def test_counts_of_a_drive_are_those_of_ones_own_area(world, coordinator, neighbour, headquarters, browser, sent):
    for serial, place in ((801, "A1"), (802, "A1"), (803, "B1")):
        visitor = browser()
        visitor.get(f"/join?t={place}")
        _join(visitor, sent, serial, f"Meena {serial}")
    drive = selectors.get_drive("drive")
    assert '<b class="num">2</b>' in coordinator.get("/console/drives/drive").content.decode()
    assert '<b class="num">1</b>' in neighbour.get("/console/drives/drive").content.decode()
    assert '<b class="num">3</b>' in headquarters.get("/console/drives/drive").content.decode()
    assert coordinator.get("/console/drives/drive?at=070").status_code == 404
    assert coordinator.get("/console/drives/drive?at=UP").status_code == 404
    assert "2 joined" in coordinator.get("/console/drives").content.decode()
    assert drive.counts.count() == 8


def test_who_sees_no_members_is_told_no_small_count(world, browser, sent):
    role = Role.objects.create(code="content", name_en="content", permissions=list(STANDARD_ROLES["content"][2]))
    account = make_account()
    RoleAssignment.objects.create(
        account=account, role=role, territory=Territory.objects.get(code="IN"), valid_from=date(2020, 1, 1)
    )
    visitor = browser()
    visitor.get("/join?t=A1")
    _join(visitor, sent)
    page = browser(account).get("/console/drives/drive").content.decode()
    assert "&lt;5" in page
    assert "Place UP" not in page


def test_headquarters_announces_changes_and_closes_a_drive(world, headquarters):
    fields = {
        "code": "spring", "name_en": "Spring", "name_hi": "वसंत", "territory_code": "UP", "notice_version": "1",
        "opens_on": "2020-03-01", "closes_on": "2090-04-01", "target": "500",
    }  # fmt: skip
    assert headquarters.post("/console/drives/new", fields).headers["Location"] == "/console/drives/spring"
    wrong = headquarters.post("/console/drives/spring/edit", {**fields, "act": "change", "closes_on": "2019-01-01"})
    assert wrong.status_code == 400
    headquarters.post("/console/drives/spring/edit", {**fields, "act": "change", "target": "900"})
    assert selectors.get_drive("spring").target == 900
    headquarters.post("/console/drives/spring/edit", {"act": "close"})
    assert not selectors.is_open(selectors.get_drive("spring"))
    assert "over" in headquarters.get("/console/drives").content.decode()


def test_a_drive_elsewhere_is_not_there(world, coordinator):
    make_drive("far", territory="070")
    assert coordinator.get("/console/drives/far").status_code == 404
    assert "/console/drives/far" not in coordinator.get("/console/drives").content.decode()


@pytest.mark.parametrize("path", ["/console/drives/new", "/console/drives/drive/edit"])
def test_coordinators_change_no_drives(world, coordinator, path):
    assert coordinator.get(path).status_code == 403
