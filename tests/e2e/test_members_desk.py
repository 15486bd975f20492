"""The desk in a real browser: members, full numbers, lists, roles, the trail of it all; on phones and wide screens."""

import os
import re
from datetime import timedelta

import pytest
from axe_core_python.sync_playwright import Axe

from tests import factories as make
from toli.access.models import RoleAssignment
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.models import Session
from toli.audit import services as audit
from toli.audit.models import AuditEntry
from toli.cards.services import issue_cards
from toli.core import clock
from toli.members.models import ExportState
from toli.members.services.exports import file

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAMES = ("सुनीता देवी वर्मा", "Mohammad Imran Khan", "Lakshmi Venkateswaran Subramanian", "अनीता कुमारी")


@pytest.fixture
def stage(site):
    """Four members of one booth, their officer and their coordinator, lists in every state."""
    make.make_organisation()
    make.make_territories("IN/UP/Z1/A1/B1", "IN/UP/Z1/A2/B2")
    make.make_drive()
    members = [make.make_member("B1", name=name, phone=f"+9101234567{number}0") for number, name in enumerate(NAMES)]
    issue_cards(actor=SYSTEM)
    chief = make.make_headquarters("UP")
    holder = make.make_coordinator("Z1", name="Rahul Chandra Nair")
    place = make.Territory.objects.get(code="Z1")
    ready = make.make_export(place, chief, state=ExportState.READY, token="token", purpose="सम्मेलन की सूचना")
    file.write(ready.pk, "name")
    make.make_export(place, chief, purpose="for the district meeting on 4 December")
    make.make_export(place, holder, purpose="for the booth committee")
    return {"chief": chief, "holder": holder, "member": members[0], "ready": ready, "place": place}


def signed_in(open_page, account, path, **options):
    token = accounts.create_sign_in_link(actor=SYSTEM, account_id=account.pk, lifetime=timedelta(hours=1))
    page = open_page(f"/a/{token}", **options)
    page.click("main button")
    page.wait_for_url(re.compile("/console"))
    Session.objects.update(proved_at=clock.now())
    page.goto(path)
    return page


def record(stage):
    """Something of each kind, by people and by Toli itself."""
    told = {"actor_kind": "staff", "actor_id": stage["chief"].pk, "address": "203.0.113.77"}
    at = {"territory_id": stage["place"].pk}
    member, role = f"member:{stage['member'].pk}", {"role": "coordinator", "until": "2027-03-31"}
    audit.record(**told, **at, action="members.list", target="territory:Z1")
    audit.record(**told, **at, action="members.reveal", target=member, details={"reason": "call_back"})
    audit.record(**told, **at, action="access.grant", target=f"account:{stage['holder'].pk}", details=role)
    audit.record(**told, **at, action="members.export.ask", target=f"export:{stage['ready'].pk}", details={"rows": 4})
    audit.record(actor_kind="member", actor_id=9, address="2001:db8::1", **at, action="cards.not_me", target=member)
    audit.record(actor_kind="system", actor_id=None, **at, action="rights.erase", target=member)
    audit.seal()
    audit.record(**told, **at, action="content.withdraw", target="kit:3")


@pytest.mark.parametrize("language", ["hi", "en"])
@pytest.mark.parametrize("size", [(320, 640), (360, 740), (1280, 800)], ids=str)
def test_every_page_of_the_desk_can_be_used_by_everybody(open_page, stage, language, size):
    record(stage)
    role = RoleAssignment.objects.get(account=stage["holder"])
    member = f"/console/members/{stage['member'].pk}"
    page = signed_in(open_page, stage["chief"], "/console/", language=language, width=size[0], height=size[1])
    pages = {
        "members": "/console/t/Z1/members",
        "member": member,
        "reveal": f"{member}/reveal",
        "list-ask": "/console/t/Z1/export",
        "lists": "/console/exports",
        "lists-waiting": "/console/exports/waiting",
        "list": "/x/token",
        "list-over": "/x/unknown",
        "roles": "/console/t/Z1/staff",
        "role-give": "/console/t/Z1/staff/new",
        "role-end": f"/console/staff/{role.pk}/end",
        "trail": "/console/audit",
        "trail-narrowed": "/console/audit?group=members&place=Z1&since=2026-01-01",
        "trail-empty": "/console/audit?group=cards&who=nobody",
        "trail-entry": f"/console/audit/{AuditEntry.objects.get(action='members.reveal').pk}",
        "trail-unsealed": f"/console/audit/{AuditEntry.objects.get(action='content.withdraw').pk}",
    }
    for name, path in pages.items():
        page.goto(path)
        look(page, name)
    assert page.elsewhere == []


def look(page, name) -> None:
    """Nothing sticks out to the side, nothing is barred to a screen reader."""
    if folder := os.environ.get("TOLI_TEST_SHOTS"):
        language, width = page.get_attribute("html", "lang"), page.viewport_size["width"]
        page.screenshot(path=f"{folder}/{name}-{width}-{language}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], name
    found = Axe().run(page, options={"resultTypes": ["violations"]})["violations"]
    assert [(name, problem["id"], problem["nodes"][0]["html"]) for problem in found] == []
