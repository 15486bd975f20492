"""A drill by two officers in a real browser, in Hindi, and the letter on a member's small phone."""

from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone

from tests import factories as make
from toli.access.models import Role, RoleAssignment
from toli.members import services as members
from toli.rights import services
from toli.rights.models import BreachCase
from toli.territories.models import Territory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def staged(site):
    """A coordinator who looked at a number, the member, and two privacy officers."""
    make.make_organisation()
    make.make_territories("IN/UP/07/A1")
    member = make.make_member("A1", name="सुनीता देवी", carded=True)
    chief = make.make_actor({"members.reveal": "IN"})
    members.reveal_phone(actor=chief, member_id=member.pk, reason="other", note="no reason")
    role = Role.objects.create(
        code="privacy", name_en="Privacy officer", permissions=["rights.handle", "members.view", "territory.view"]
    )
    officers = [make.make_account(name=name, language="hi") for name in ("One", "Two")]
    for officer in officers:
        RoleAssignment.objects.create(
            account=officer, role=role, territory=Territory.objects.get(code="IN"), valid_from="2020-01-01"
        )
    return member, officers


@pytest.fixture
def signed_in(open_page, site):
    def open_(account, path, **options):
        client = Client()
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        make.prove(client)
        page = open_page("/help", language="hi", **options)
        key = configured.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": key, "value": client.cookies[key].value, "url": site}])
        page.goto(path)
        return page

    return open_


def _open_case(page, *, drill):
    now = timezone.localtime()
    page.get_by_role("link", name="मामला खोलें").click()
    page.fill("[name=title]", "नंबर बेचे गए")
    page.fill("[name=began_at]", f"{now - timedelta(hours=2):%Y-%m-%dT%H:%M}")
    page.fill("[name=ended_at]", f"{now + timedelta(hours=1):%Y-%m-%dT%H:%M}")
    if drill:
        page.check("[name=drill]")
    page.get_by_role("button", name="मामला खोलें").click()
    page.wait_for_url("**/console/breaches/*")
    case = BreachCase.objects.get()
    assert abs(case.began_at - (now - timedelta(hours=2))) < timedelta(minutes=2), "the hours are those of the place"
    services.find_affected(case_id=case.pk)
    page.reload()
    return case


def _write_words(page):
    for name, words in (
        ("happened_hi", "एक व्यक्ति ने नंबर बेचे।"), ("happened_en", "A person sold numbers."),
        ("measures_hi", "खाता बंद है।"), ("measures_en", "The account is closed."),
    ):  # fmt: skip
        page.fill(f"[name={name}]", words)
    page.get_by_role("button", name="लिख लें").click()


def test_two_officers_do_a_drill_and_nothing_leaves(staged, signed_in, settings):
    _member, (one, two) = staged
    page = signed_in(one, "/console/breaches", width=320, height=640)
    _open_case(page, drill=True)
    assert page.get_by_role("heading", name="1 व्यक्ति पर असर").is_visible()
    _write_words(page)
    page.get_by_role("button", name="मंज़ूरी माँगें").click()
    assert page.get_by_role("button", name="मंज़ूर करें (कुछ नहीं जाता)").count() == 0, "not by the same person"
    other = signed_in(two, page.url)
    other.get_by_role("button", name="मंज़ूर करें (कुछ नहीं जाता)").click()
    other.get_by_role("button", name="मामला बंद करें").click()
    assert BreachCase.objects.get().state == "closed"
    assert not list(settings.OUTBOX_DIR.glob("*"))


def test_a_member_reads_the_letter_on_a_small_phone(staged, signed_in):
    member, (one, two) = staged
    page = signed_in(one, "/console/breaches")
    case = _open_case(page, drill=False)
    _write_words(page)
    page.get_by_role("button", name="मंज़ूरी माँगें").click()
    other = signed_in(two, page.url)
    other.get_by_role("button", name="मंज़ूर करें: 1 व्यक्ति को भेजें").click()
    assert services.send_letters(case_id=case.pk) == 1
    phone = signed_in(members.open_account(member_id=member.pk), "/me/data", width=320, height=640)
    phone.get_by_role("link", name="पत्र पढ़ें").click()
    assert phone.get_by_text("एक व्यक्ति ने नंबर बेचे।").is_visible()
    assert phone.get_by_text("मोबाइल नंबर", exact=True).is_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
