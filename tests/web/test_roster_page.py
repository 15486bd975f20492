"""Pasting a group's participants at the desk."""

import re

import pytest

from tests import factories as make
from toli.chatgroups.models import Roster, Seat

PASTED = "+91 01234 56789, रवि कुमार, +91 55500 01111, आप"


@pytest.fixture
def group(world):
    group = make.make_group(make.make_campaign(), "UP", capacity=6)
    for number, name in (("+910123456789", "सुनीता देवी"), (make.make_phone(71), "रवि कुमार")):
        make.make_seat(make.make_member("A1", phone=number, name=name), group, "invited")
    return group


def test_what_was_found_is_shown_first_and_recorded_on_confirmation(headquarters, group):
    address = f"/console/groups/{group.pk}/roster"
    page = headquarters.post(address, {"text": PASTED})
    assert page.status_code == 200 and not Roster.objects.exists()
    counts = [int(count) for count in re.findall(r'<dd class="num">(\d+)', page.content.decode())]
    assert counts == [3, 1, 1, 0, 0, 0, 1]
    done = headquarters.post(address, {"text": PASTED, "confirm": "yes"})
    assert done["Location"] == f"/console/groups/{group.pk}?recorded=1"
    assert set(Seat.objects.filter(group=group).values_list("state", flat=True)) == {"joined"}
    assert "55500" not in headquarters.get(done["Location"]).content.decode()


def test_an_empty_text_and_a_text_without_people_are_answered_in_words(headquarters, group):
    address = f"/console/groups/{group.pk}/roster"
    for text in ("", "   ", "You"):
        page = headquarters.post(address, {"text": text})
        assert page.status_code in (400, 422) and 'role="alert"' in page.content.decode()


def test_only_those_who_run_the_group_are_offered_it(browser, headquarters, group):
    viewer = browser(make.make_coordinator("UP", name="Looks on"))
    address = f"/console/groups/{group.pk}"
    assert f"{address}/roster" in headquarters.get(address).content.decode()
    assert f"{address}/roster" not in viewer.get(address).content.decode()
    assert "<textarea" not in viewer.get(f"{address}/roster").content.decode()
    viewer.post(f"{address}/roster", {"text": PASTED, "confirm": "yes"})
    assert not Roster.objects.exists()
