"""The desk of whoever makes material: keys that approve, counts while one writes, plans, the board, the recall."""

import os
from datetime import timedelta

import pytest
from django.utils import timezone

from tests import factories as make
from tests.distribution.test_direct import gone_out
from tests.e2e.rules import broken_rules
from tests.e2e.test_journeys import _signed_in
from tests.messaging.conftest import whatsapp_settings
from tests.pictures import picture
from toli.accounts.domain.actor import SYSTEM
from toli.compliance import services as compliance
from toli.content import services as content
from toli.content.models import Kit
from toli.content.services.pictures import PictureDraft
from toli.distribution import services
from toli.distribution.models import Plan, Recall, Relay
from toli.members.services import agree
from toli.messaging.models import Message
from toli.messaging.services.senders import create_sender as make_sender

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ALT = {"hi": "एक सूची", "en": "A list"}


@pytest.fixture
def desk():
    """Two places with groups, an election in one of them, kits in several states."""
    make.make_organisation()
    make.make_territories("IN/UP/07/A1", "IN/UP/070/B1")
    campaign = make.make_campaign(code="connect")
    for code in ("07", "070", "070"):
        make.make_group(campaign, code, admin=make.make_coordinator(code))
    polls = [compliance.PollDraft(1, timezone.now() + timedelta(hours=5), ["07"])]
    fields = {"name_en": "General election 2029", "name_hi": "आम चुनाव 2029"}
    announced = timezone.now() - timedelta(days=20)
    compliance.add_election(actor=SYSTEM, code="ls", polls=polls, announced_at=announced, **fields)
    return campaign


def look(page, name):
    """Nothing sticks out to the side, nothing is barred to a screen reader."""
    if folder := os.environ.get("TOLI_TEST_SHOTS"):
        language, width = page.get_attribute("html", "lang"), page.viewport_size["width"]
        page.screenshot(path=f"{folder}/{name}-{width}-{language}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], name
    found = broken_rules(page)
    assert [(name, problem["id"], problem["nodes"][0]["html"]) for problem in found] == []


@pytest.mark.parametrize(("language", "width"), [("hi", 360), ("en", 1280)])
def test_from_the_draft_to_the_recall(open_page, desk, language, width):
    writer, chief = make.make_headquarters(), make.make_headquarters()
    kit = make.make_kit("IN", state="draft", code="water", created_by=writer, made_with_ai=True, topic="Water")
    actor = make.make_actor({"kits.edit": "IN"}, account=writer)
    clean = content.read_picture(actor=actor, data=picture("PNG", size=(1200, 630)))
    content.set_picture(actor=actor, kit_id=kit.pk, picture=PictureDraft(clean, ALT))
    content.make_media(kit_id=kit.pk)

    page = _signed_in(open_page, chief, f"/console/kits/{kit.pk}/edit", language=language, width=width)
    page.fill("textarea[name=text_en]", "word " * 60)
    assert "bad" in page.locator("textarea[name=text_en] + .fits .chip:has-text('X ')").get_attribute("class")
    look(page, "edit")
    page.goto(f"/console/kits/{kit.pk}/platforms")
    look(page, "platforms")
    for field, chip in (("email_subject_en", "120"), ("email_en", "8000"), ("telegram_en", "982")):
        box = page.locator(f"[name={field}]")
        box.evaluate("field => field.closest('details').open = true")
        box.fill("नमस्ते 🙂\n\n🙂" if field != "email_subject_en" else "नमस्ते 🙂")
        used = {"email_subject_en": 8, "email_en": 11, "telegram_en": 9}[field]  # Telegram: the longer of two variants
        assert box.locator("+ .fits .chip").inner_text().split()[-1] == f"{used}/{chip}"
    look(page, "platforms-mail")
    content.submit_kit(actor=SYSTEM, kit_id=kit.pk)
    page.goto("/console/approvals")
    look(page, "approvals")
    with page.expect_navigation():
        page.keyboard.press("a")
    assert Kit.objects.get().state == "approved"

    page.goto(f"/console/kits/{kit.pk}/plan")
    look(page, "plan-new")
    page.click("main form button.btn")
    look(page, "plan")
    page.click("main .tools form button >> nth=0")
    page.goto("/console/calendar")
    look(page, "calendar")
    for path in ("elections", "elections/ls", "elections/new"):
        page.goto(f"/console/{path}")
        look(page, path.replace("/", "-"))

    services.release_kit(actor=SYSTEM, kit_id=kit.pk, campaign_code="connect", territory_code="IN")
    first = Relay.objects.filter(state="waiting").order_by("pk").first()
    services.confirm_relay(actor=SYSTEM, relay_id=first.pk)
    Relay.objects.filter(state="waiting").update(due_at=timezone.now())
    services.escalate_relays()
    Relay.objects.filter(state="waiting").update(due_at=timezone.now())
    page.goto(f"/console/kits/{kit.pk}/cascade?at=UP")
    look(page, "cascade")
    page.goto(f"/console/kits/{kit.pk}")
    look(page, "kit")
    for provider, states in (("email_smtp", ("sent", "sent", "unknown")), ("web_push", ("sent",))):
        gone_out(kit, provider, *states, place="07", scope="IN")
    page.fill("input[name=reason]", "A wrong figure")
    page.click("main form:has(input[name=reason]) button")
    page.goto(f"/console/kits/{kit.pk}/recall")
    look(page, "recall")
    assert Recall.objects.get().places.count() == 1


@pytest.mark.parametrize(("language", "width"), [("hi", 320), ("hi", 360), ("en", 1280)])
def test_a_plan_to_citizens_who_agreed(open_page, desk, language, width):
    chief = make.make_headquarters()
    kit = make.make_kit("IN", state="approved", code="water", topic="Water")
    make_sender(
        actor=SYSTEM, code="main", name="Main", provider="whatsapp_cloud", kit_template="toli_kit",
        prices={"content": "86.31"}, settings=whatsapp_settings("https://graph.facebook.com"),
    )  # fmt: skip
    for phone in ("+912000000017", "+912000000018"):
        agree(phone=phone, territory_code="A1", channels=["whatsapp"], language="hi")
    page = _signed_in(open_page, chief, f"/console/kits/{kit.pk}/plan", language=language, width=width)
    page.check("input[name=channels][value=whatsapp_cloud]")
    page.uncheck("input[name=channels][value=assisted]")
    page.check("input[name=audiences][value=citizens]")
    look(page, "citizens-new")
    with page.expect_navigation():
        page.click("main form button.btn")
    look(page, "citizens-tried")
    assert page.locator("main section.card").count() == 2
    with page.expect_navigation():
        page.click("main .tools form button >> nth=0")
    Plan.objects.update(starts_at=timezone.now())
    services.start_due_plans()
    services.queue_started_plans()
    page.reload()
    look(page, "citizens-begun")
    page.goto("/console/delivery")
    look(page, "citizens-delivery")
    page.goto(f"/console/delivery/{Message.objects.exclude(citizen=None).first().batch_id}")
    look(page, "citizens-batch")
