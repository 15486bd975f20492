"""Plans, the calendar, the board and the recall on the desk; the work that follows from them."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tests import factories as make
from tests.distribution.test_direct import gone_out
from tests.messaging.conftest import whatsapp_settings
from toli.accounts.domain.actor import SYSTEM
from toli.compliance import services as compliance
from toli.distribution import services
from toli.distribution.models import Plan, RecallPlace, Relay
from toli.members.services import citizens, set_consent
from toli.messaging.models import Message, Sender
from toli.messaging.services import senders

pytestmark = pytest.mark.django_db


@pytest.fixture
def approved(world):
    return make.make_kit("IN", state="approved", code="water")


def _soon(**delta):
    return (timezone.localtime() + timedelta(**delta)).strftime("%Y-%m-%dT%H:%M")


def _silence(*codes):
    polls = [compliance.PollDraft(1, timezone.now() + timedelta(hours=3), codes)]
    fields = {"name_en": "By-election", "name_hi": "उपचुनाव", "announced_at": timezone.now() - timedelta(days=30)}
    compliance.add_election(actor=SYSTEM, code="by", polls=polls, **fields)


def _release(kit, world):
    services.release_kit(actor=SYSTEM, kit_id=kit.pk, campaign_code=world.campaign.code, territory_code="IN")


def test_a_plan_is_tried_out_scheduled_and_stands_in_the_calendar(headquarters, world, approved):
    _silence("07")
    page = headquarters.get(f"/console/kits/{approved.pk}/plan").content.decode()
    assert "WhatsApp Cloud API" not in page  # nothing sends by it
    assert "set up a sender first" in page
    assert headquarters.post(f"/console/kits/{approved.pk}/plan", {"areas": "IN"}).status_code == 400
    fields = {"areas": "IN", "channels": ["assisted"], "starts_at": _soon(minutes=30)}
    answer = headquarters.post(f"/console/kits/{approved.pk}/plan", fields)
    plan = Plan.objects.get()
    assert answer.headers["Location"] == f"/console/plans/{plan.pk}"
    tried = headquarters.get(f"/console/plans/{plan.pk}").content.decode()
    assert "Silence before the close of poll" in tried
    headquarters.post(f"/console/plans/{plan.pk}/schedule")
    listed = headquarters.get("/console/calendar").content.decode()
    assert "water" in listed
    assert "phase 1, 1 place: silence" in listed
    headquarters.post(f"/console/plans/{plan.pk}/cancel")
    assert headquarters.post(f"/console/plans/{plan.pk}/schedule").status_code == 409
    assert headquarters.post(f"/console/plans/{plan.pk}/nonsense").status_code == 404


def test_a_plan_to_members_directly_says_whom_it_reaches_for_how_much(headquarters, world, approved):
    senders.create_sender(
        actor=SYSTEM, code="main", name="Main", provider="whatsapp_cloud", kit_template="toli_kit",
        prices={"content": "86.31"}, settings=whatsapp_settings("https://graph.facebook.com"),
    )  # fmt: skip
    member = make.make_member("07")
    set_consent(
        member_id=member.pk, purpose="content", given=True, language="hi", evidence={}, channels=("whatsapp",)
    )  # fmt: skip
    assert 'value="whatsapp_cloud"' in headquarters.get(f"/console/kits/{approved.pk}/plan").content.decode()
    fields = {
        "areas": "IN", "channels": ["assisted", "whatsapp_cloud"], "audiences": ["members"],
        "starts_at": _soon(minutes=-1),
    }  # fmt: skip
    headquarters.post(f"/console/kits/{approved.pk}/plan", fields)
    plan = Plan.objects.get()
    assert "₹0.87" in headquarters.get(f"/console/plans/{plan.pk}").content.decode()
    Sender.objects.update(kit_template="")
    assert "needs a template" in headquarters.get(f"/console/plans/{plan.pk}").content.decode()
    assert headquarters.post(f"/console/plans/{plan.pk}/schedule").status_code == 409
    Sender.objects.update(kit_template="toli_kit")
    assert headquarters.post(f"/console/plans/{plan.pk}/schedule").status_code == 303
    services.start_due_plans()
    assert "being made" in headquarters.get(f"/console/plans/{plan.pk}").content.decode()
    services.queue_started_plans()
    assert "Waiting" in headquarters.get(f"/console/plans/{plan.pk}").content.decode()


def test_citizens_who_agreed_are_off_until_ticked_and_stand_apart(headquarters, world, approved):
    senders.create_sender(
        actor=SYSTEM, code="main", name="Main", provider="whatsapp_cloud", kit_template="toli_kit",
        prices={"content": "86.31"}, settings=whatsapp_settings("https://graph.facebook.com"),
    )  # fmt: skip
    citizen = citizens.agree(phone="+912000000017", territory_code="07", channels=["whatsapp"], language="hi")
    page = headquarters.get(f"/console/kits/{approved.pk}/plan").content.decode()
    ticked = [box for box in re.findall(r"<input[^>]*>", page) if 'name="audiences"' in box and " checked" in box]
    assert len(ticked) == 1
    assert 'value="members"' in ticked[0]
    fields = {"areas": "IN", "starts_at": _soon(minutes=-1)}
    address = f"/console/kits/{approved.pk}/plan"
    for wrong in ({"channels": ["whatsapp_cloud"]}, {"channels": ["assisted"], "audiences": ["citizens"]}):
        assert headquarters.post(address, {**fields, **wrong}).status_code == 400
    headquarters.post(address, {**fields, "channels": ["whatsapp_cloud"], "audiences": ["members", "citizens"]})
    plan = Plan.objects.get()
    tried = headquarters.get(f"/console/plans/{plan.pk}").content.decode()
    assert "WhatsApp Cloud API, to citizens who agreed" in tried
    assert "₹0.87" in tried
    headquarters.post(f"/console/plans/{plan.pk}/schedule")
    services.start_due_plans()
    services.queue_started_plans()
    told = headquarters.get(f"/console/plans/{plan.pk}").content.decode()
    told += headquarters.get("/console/delivery").content.decode()
    assert "Citizens who agreed" in headquarters.get("/console/delivery").content.decode()
    message = Message.objects.get()
    told += headquarters.get(f"/console/delivery/{message.batch_id}").content.decode()
    assert message.citizen == citizen
    assert "2000000017" not in told


def test_a_political_organisation_cannot_choose_the_cloud_api(headquarters, world, approved):
    make.make_organisation("political")
    page = headquarters.get(f"/console/kits/{approved.pk}/plan").content.decode()
    assert 'value="whatsapp_cloud"' not in page
    assert "Meta bars" in page
    fields = {"areas": "IN", "channels": ["whatsapp_cloud"], "starts_at": _soon(minutes=30)}
    assert headquarters.post(f"/console/kits/{approved.pk}/plan", fields).status_code == 400
    assert not Plan.objects.exists()


def test_the_board_says_where_it_stopped_and_with_whom(headquarters, coordinator, neighbour, world, approved):
    _release(approved, world)
    Relay.objects.filter(group=world.group).update(due_at=timezone.now() - timedelta(hours=1))
    page = headquarters.get(f"/console/kits/{approved.pk}/cascade").content.decode()
    assert "stopped in 1" in page
    assert "with Group Admin" in page
    assert world.group.name in coordinator.get(f"/console/kits/{approved.pk}/cascade").content.decode()
    assert world.group.name not in neighbour.get(f"/console/kits/{approved.pk}/cascade").content.decode()
    assert neighbour.get(f"/console/kits/{approved.pk}/cascade?at=07").status_code == 404


def test_who_runs_a_group_is_told_not_to_post_in_the_silence(browser, world, approved):
    admin = make.make_coordinator("07", name="Imran Khan")
    type(world.group).objects.filter(pk=world.group.pk).update(admin=admin)
    _release(approved, world)
    client = browser(admin)
    assert "I have posted it" in client.get("/console/work").content.decode()
    _silence("07")
    page = client.get("/console/work").content.decode()
    assert "Do not post now" in page
    assert "I have posted it" not in page


def test_a_recall_asks_by_name_and_is_answered_from_the_work_queue(
    headquarters, browser, coordinator, neighbour, world, approved
):
    admin = make.make_coordinator("07", name="Imran Khan")
    type(world.group).objects.filter(pk=world.group.pk).update(admin=admin)
    _release(approved, world)
    Relay.objects.filter(kit=approved).update(state="confirmed", confirmed_by=admin)
    headquarters.post(f"/console/kits/{approved.pk}/withdraw", {"reason": "A wrong figure"})
    page = headquarters.get(f"/console/kits/{approved.pk}/recall").content.decode()
    assert "asked: Imran Khan" in page
    assert "minutes left" in page
    client = browser(admin)
    assert "Delete the post in" in client.get("/console/work").content.decode()
    first, second = RecallPlace.objects.order_by("pk")
    works = {work.details["place_id"]: work.pk for work in admin.work.filter(kind="delete_post", state="open")}
    client.post(f"/console/work/{works[first.pk]}", {"done": "yes"})
    client.post(f"/console/work/{works[second.pk]}", {"done": "no"})  # a reason is owed
    client.post(f"/console/work/{works[second.pk]}", {"done": "no", "reason": "I left the group"})
    assert list(RecallPlace.objects.order_by("pk").values_list("state", flat=True)) == ["gone", "stays"]
    done = headquarters.get(f"/console/kits/{approved.pk}/recall").content.decode()
    assert "everybody has answered" in done
    assert "I left the group" in done
    assert "I left the group" in neighbour.get(f"/console/kits/{approved.pk}/recall").content.decode()  # their own
    assert "I left the group" not in coordinator.get(f"/console/kits/{approved.pk}/recall").content.decode()
    assert headquarters.get(f"/console/kits/{world.kit.pk}/recall").status_code == 404


def test_a_recall_names_the_messages_that_nobody_can_take_back(headquarters, world, approved):
    for provider, states in (("email_smtp", ["sent", "sent", "unknown"]), ("web_push", ["sent"]), ("sms", ["failed"])):
        gone_out(approved, provider, *states, place="07", scope="IN")
    services.recall_kit(actor=SYSTEM, kit_id=approved.pk, reason="A wrong figure")
    page = headquarters.get(f"/console/kits/{approved.pk}/recall").content.decode()
    assert "What cannot be taken back" in page
    assert "3 messages had gone to people before, and of 1 more it is not known." in page
    assert '<b>E-mail</b><small class="num">0 delivered · 2 taken by the provider · of 1 nobody knows' in page
    assert "Its link leads to a page that says that this was withdrawn." in page
    assert "<b>Notifications</b>" in page
    assert "where this does not stand any more" in page
    assert "<b>SMS</b>" not in page
