"""Somebody at the desk, on a phone: finds a member in the other script, joins two entries, and takes it back."""

import pytest
from playwright.sync_api import expect

from tests import factories as make
from tests.matrix.stage import _browser
from toli.members.models import Member
from toli.members.services import find_pairs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(site, open_page):
    make.make_organisation()
    make.make_territories("IN/UP/07/A1")
    make.make_drive()
    make.make_campaign()
    make.make_member("A1", name="सुनीता देवी", phone="+910123450001")
    make.make_member("A1", name="Suneeta Devi", phone="+910123450002")
    find_pairs()
    page = open_page("/help", language="en")
    cookies = _browser(make.make_coordinator("07")).cookies
    page.context.add_cookies([{"name": name, "value": morsel.value, "url": site} for name, morsel in cookies.items()])
    return page


def test_a_member_is_found_in_the_other_script_and_two_entries_become_one_and_two_again(desk):
    desk.goto("/console/t/07/members")
    desk.get_by_label("Find by name").fill("sunita 0001")
    desk.get_by_role("button", name="Find").click()
    expect(desk.get_by_role("link", name="सुनीता देवी")).to_be_visible()
    expect(desk.get_by_role("link", name="Suneeta Devi")).to_have_count(0)

    desk.goto("/console/duplicates")
    expect(desk.get_by_text("same name in two scripts")).to_be_visible()
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
    desk.get_by_role("button", name="The same person").click()
    expect(desk.get_by_role("heading", name="Entries joined to this one")).to_be_visible()
    assert sorted(Member.objects.values_list("state", flat=True)) == ["active", "merged"]

    desk.get_by_role("button", name="Take it back").click()
    expect(desk.get_by_role("heading", name="Entries joined to this one")).to_have_count(0)
    assert set(Member.objects.values_list("state", flat=True)) == {"active"}
