"""Kits that reach citizens who agreed and are no members.

Two laws: nobody gets one whose consent does not stand at the moment of sending, and no number gets a kit twice.
"""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, example, given
from hypothesis import settings as tries
from hypothesis import strategies as st

from tests import factories as make
from tests.distribution.test_direct import QUICK, Pigeon, agreeing, begin, campaign, kit, pigeon, whatsapp
from tests.distribution.test_plans import _silence
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM
from toli.compliance import services as compliance
from toli.compliance.errors import ChannelBarred
from toli.core import clock, events, keeping
from toli.core.crypto import index_for
from toli.core.personal_data import Person, holdings
from toli.distribution import selectors, services
from toli.distribution.errors import CitizensNotReached, PlanIncomplete, PlanNotFound
from toli.distribution.models import PlanBatch
from toli.distribution.services import queueing
from toli.members.models import Citizen, ConsentRecord, ContactKind, ContactPoint, Member
from toli.members.services import citizens, set_consent, withdraw
from toli.messaging import selectors as messaging
from toli.messaging.dispatcher import Dispatcher
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.events import RecipientMissed
from toli.messaging.models import Message, Respite, Sender
from toli.messaging.ports import SendReceipt
from toli.messaging.services import dispatching, effects
from toli.sharing.models import OwnLink
from toli.sharing.selectors import own_opens
from toli.sharing.services import record_own_open
from toli.territories.errors import TerritoryNotFound

__all__ = ["campaign", "kit", "pigeon"]
BOTH = ("members", "citizens")
_numbers = iter(range(9_000_000))


def number():
    return f"+911{next(_numbers):09d}"


def agreed(place="B1", phone=None, channels=("sms",), language="hi"):
    return citizens.agree(phone=phone or number(), territory_code=place, channels=channels, language=language)


def member_with(phone, *channels, place="B1"):
    """A list made somebody a member, who agreed to material by these channels."""
    return agreeing(place, *channels, phone=phone)


def out():
    """Whoever got something: the numbers, as often as they did."""
    Dispatcher(QUICK).run_until_idle()
    return [letter.to for letter in Pigeon.carried]


def plan_for(kit, campaign, *channels, **fields):
    usual = {"territory_codes": ["UP"], "channels": channels, "starts_at": clock.now(), "audiences": ["citizens"]}
    return services.make_plan(
        actor=fields.pop("actor", SYSTEM), kit_id=kit.pk, campaign_code=campaign.code, **{**usual, **fields}
    )


class TestThePlan:
    def test_without_being_asked_for_citizens_get_nothing(self, kit, campaign, pigeon):
        agreed()
        begin(kit, campaign, "pigeon")
        assert out() == []
        assert Message.objects.count() == 0

    def test_it_names_a_channel_that_citizens_were_asked_about(self, kit, campaign, pigeon):
        with pytest.raises(CitizensNotReached):
            plan_for(kit, campaign, "assisted", "telegram")
        for audiences in ([], ["everybody"]):
            with pytest.raises(PlanIncomplete):
                plan_for(kit, campaign, "pigeon", audiences=audiences)

    def test_a_political_organisation_reaches_them_by_no_whatsapp(self, kit, campaign, pigeon):
        make.make_organisation("political")
        with pytest.raises(ChannelBarred):
            plan_for(kit, campaign, "whatsapp_cloud")

    def test_a_coordinator_plans_for_citizens_of_their_own_territory_alone(self, kit, campaign, pigeon):
        agreed("B1")
        agreed("B2")
        own = make.make_kit("07", code="own", state="approved")
        chief, neighbour = (make.make_actor({"kits.release": code}) for code in ("07", "070"))
        with pytest.raises(TerritoryNotFound):
            plan_for(own, campaign, "pigeon", actor=chief, territory_codes=["070"])
        plan = plan_for(own, campaign, "pigeon", actor=chief, territory_codes=["07"])
        (line,) = selectors.dry_run(plan)
        assert line.places == 1
        with pytest.raises(PlanNotFound):
            selectors.get_plan(scope_for(neighbour, "kits.release"), plan.pk)
        services.schedule_plan(actor=chief, plan_id=plan.pk)
        services.start_due_plans()
        services.queue_started_plans()
        assert set(out()) == {citizens.citizens_number(Citizen.objects.get(territory__code="B1"))}


class TestTheDryRun:
    def test_citizens_have_lines_of_their_own(self, kit, campaign, pigeon):
        whatsapp(prices={"content": "80"})
        agreeing("B1", "sms")
        agreed("B1")
        agreed("B1", channels=("whatsapp", "sms"))
        agreed("B2", channels=("whatsapp",))
        agreed("KL")  # not where the plan goes
        stopped = agreed("B1")
        citizens.end_agreement(actor=SYSTEM, citizen_id=stopped.pk, language="hi", page="withdrawal link")
        plan = plan_for(kit, campaign, "pigeon", "whatsapp_cloud", audiences=BOTH)
        found = [(line.channel, line.audience, line.sendable) for line in selectors.dry_run(plan)]
        assert found == [
            ("pigeon", "", 1), ("whatsapp_cloud", "", 0), ("pigeon", "citizens", 2), ("whatsapp_cloud", "citizens", 1)
        ]  # fmt: skip
        line = selectors.dry_run(plan)[2]
        assert line.cost is not None
        assert line.cost > 0
        assert line.duration > timedelta(0)

    def test_what_a_rule_refuses_is_counted_for_their_own_place(self, kit, campaign, pigeon):
        agreed("B1")
        agreed("B2")
        _silence("07")
        (line,) = selectors.dry_run(plan_for(kit, campaign, "pigeon"))
        assert (line.places, line.sendable, dict(line.refused)) == (2, 1, {"silence_window": 1})
        begin(kit, campaign, "pigeon", audiences=["citizens"])
        assert out() == [citizens.citizens_number(Citizen.objects.get(territory__code="B2"))]

    def test_who_has_the_kit_already_or_is_a_member_does_not_count(self, kit, campaign, pigeon):
        phone = number()
        agreed("B1", phone)
        make.make_member("B1", phone=phone)
        agreed("B1")
        begin(kit, campaign, "pigeon", audiences=["citizens"])
        (line,) = selectors.dry_run(plan_for(kit, campaign, "pigeon"))
        assert line.places == 0


class TestSending:
    def test_they_read_the_link_of_the_place_and_how_to_stop(self, kit, campaign, pigeon):
        citizen = agreed("B1", language="en")
        begin(kit, campaign, "pigeon", audiences=["citizens"])
        assert out() == [citizens.citizens_number(citizen)]
        (letter,) = Pigeon.carried
        link = OwnLink.objects.get()
        assert (link.territory.code, link.platform) == ("UP", "citizens:sms")
        for part in (f"{settings.BASE_URL}/o/{link.code}", "Published by", "Made with the help of AI", "To stop"):
            assert part in letter.content.text
        token = letter.content.text.split("/c/")[1].split()[0]
        withdraw(token=token, what="all", language="en")
        citizen.refresh_from_db()
        assert (citizen.ended_at is not None, bytes(citizen.number_sealed)) == (True, b"")

    def test_the_number_stands_nowhere_beside_the_citizen(self, kit, campaign, pigeon):
        citizen = agreed("B1")
        phone = citizens.citizens_number(citizen)
        begin(kit, campaign, "pigeon", audiences=["citizens"])
        out()
        assert phone[-10:] not in str(list(Message.objects.values())) + str(list(PlanBatch.objects.values()))

    def test_once_the_word_is_taken_back_nothing_that_waits_leaves(self, kit, campaign, pigeon):
        citizen = agreed("B1")
        begin(kit, campaign, "pigeon", audiences=["citizens"])
        citizens.end_agreement(actor=SYSTEM, citizen_id=citizen.pk, language="hi", page="withdrawal link")
        assert out() == []
        message = Message.objects.get()
        assert (message.state, message.reason) == ("failed", "no_consent")

    def test_a_way_that_was_taken_out_is_used_no_more(self, kit, campaign, pigeon):
        phone = number()
        agreed("B1", phone, channels=("sms", "whatsapp"))
        begin(kit, campaign, "pigeon", audiences=["citizens"])
        agreed("B1", phone, channels=("whatsapp",))
        assert out() == []

    def test_quiet_hours_put_it_off(self, kit, campaign, pigeon):
        agreed("B1")
        begin(kit, campaign, "pigeon", audiences=["citizens"])
        hour = timezone.localtime()
        quiet = ((hour - timedelta(hours=1)).time(), (hour + timedelta(hours=2)).time())
        compliance.set_rules(actor=SYSTEM, quiet_from=quiet[0], quiet_until=quiet[1])
        assert out() == []
        assert (Message.objects.get().state, Message.objects.get().reason) == ("queued", "quiet_hours")

    def test_who_became_a_member_meanwhile_gets_it_as_one(self, kit, campaign, pigeon):
        phone = number()
        agreed("B1", phone)
        begin(kit, campaign, "pigeon", audiences=["citizens"])
        member_with(phone, "sms")
        begin(kit, campaign, "pigeon")
        assert out() == [phone]
        assert Message.objects.get(state="sent").member is not None

    def test_who_had_it_as_a_citizen_does_not_get_it_as_a_member(self, kit, campaign, pigeon):
        phone = number()
        agreed("B1", phone)
        begin(kit, campaign, "pigeon", audiences=["citizens"])
        assert out() == [phone]
        member_with(phone, "sms")
        begin(kit, campaign, "pigeon", audiences=BOTH)
        assert out() == [phone]

    def test_who_stopped_and_agreed_anew_does_not_get_it_again(self, kit, campaign, pigeon):
        phone = number()
        first = agreed("B1", phone)
        begin(kit, campaign, "pigeon", audiences=["citizens"])
        assert out() == [phone]
        citizens.end_agreement(actor=SYSTEM, citizen_id=first.pk, language="hi", page="withdrawal link")
        agreed("B1", phone)
        begin(kit, campaign, "pigeon", audiences=["citizens"])
        assert out() == [phone]

    def test_who_had_it_as_a_member_and_left_does_not_get_it_again(self, kit, campaign, pigeon):
        phone = number()
        member_id = member_with(phone, "sms")
        begin(kit, campaign, "pigeon")
        assert out() == [phone]
        Member.objects.filter(pk=member_id).update(state="left")
        agreed("B1", phone)
        begin(kit, campaign, "pigeon", audiences=["citizens"])
        assert out() == [phone]

    def test_steps_go_on_where_the_last_one_ended(self, kit, campaign, pigeon, monkeypatch):
        monkeypatch.setattr(queueing, "AT_ONCE", 2)
        found = {agreed("B1").pk for _ in range(5)}
        agreeing("B1", "sms")
        plan = begin(kit, campaign, "pigeon", audiences=BOTH)
        assert set(Message.objects.exclude(citizen=None).values_list("citizen_id", flat=True)) == found
        assert Message.objects.exclude(member=None).count() == 1
        assert (plan.citizens_to, plan.queued_at is not None) == (max(found), True)

    def test_a_second_plan_and_overlapping_places_write_to_nobody_twice(self, kit, campaign, pigeon):
        agreed("B1")
        begin(kit, campaign, "pigeon", territory_codes=["IN", "UP", "07"], audiences=["citizens"])
        begin(kit, campaign, "pigeon", audiences=["citizens"])
        assert Message.objects.get().batch.territory.code == "07"

    def test_whom_the_provider_cannot_reach_is_written_to_by_the_next_channel(self, kit, campaign, pigeon):
        whatsapp()
        both = agreed("B1", channels=("sms", "whatsapp"))
        only = agreed("B1", channels=("whatsapp",))
        begin(kit, campaign, "whatsapp_cloud", "pigeon", audiences=["citizens"])
        for missed in Message.objects.filter(sender__code="main").select_related("batch"):
            effects.try_otherwise(RecipientMissed(0, missed.batch_id, missed.batch.otherwise_id, missed.citizen_id))
        assert out() == [citizens.citizens_number(both)]
        assert not Message.objects.filter(sender__code="birds", citizen=only).exists()

    def test_a_provider_that_says_they_want_no_more_ends_it_as_the_button_does(
        self, kit, campaign, pigeon, monkeypatch
    ):
        citizen = agreed("B1")

        async def send(self, payloads, *, flight):
            return [SendReceipt(Verdict.OPTED_OUT) for _ in payloads]

        monkeypatch.setattr(Pigeon, "send", send)
        begin(kit, campaign, "pigeon", audiences=["citizens"])
        out()
        events.deliver()
        citizen.refresh_from_db()
        assert (citizen.ended_at is not None, bytes(citizen.number_sealed)) == (True, b"")
        assert ConsentRecord.objects.get(given=False).evidence == {"page": "told pigeon"}

    def test_a_sender_leaves_them_alone_for_as_long_as_members(self, kit, campaign, pigeon):
        pigeon.recipient_gap = 3600
        pigeon.save()
        agreed("B1")
        begin(kit, campaign, "pigeon", audiences=["citizens"])
        assert len(out()) == 1
        other = make.make_kit("IN", code="other", state="approved")
        begin(other, campaign, "pigeon", audiences=["citizens"])
        assert len(out()) == 1
        assert Respite.objects.get().citizen is not None


class TestWhatIsSeen:
    def test_progress_and_batches_show_citizens_apart(self, kit, campaign, pigeon):
        agreeing("B1", "sms")
        agreed("B1")
        agreed("B1")
        plan = begin(kit, campaign, "pigeon", audiences=BOTH)
        out()
        found = {(way.channel, way.audience): dict(way.states) for way in selectors.progress(plan)}
        assert found == {("pigeon", ""): {"sent": 1}, ("pigeon", "citizens"): {"sent": 2}}
        assert {batch.audience for batch in messaging.batches(EVERYWHERE)} == {"members", "citizens"}

    def test_opens_stand_with_the_plan_and_not_with_what_programs_posted(self, kit, campaign, pigeon):
        agreed("B1")
        plan = begin(kit, campaign, "pigeon", audiences=["citizens"])
        out()
        for address in ("10.0.0.1", "10.0.0.2", "10.0.0.2"):
            code = OwnLink.objects.get().code
            record_own_open(code=code, address=address, user_agent="Mozilla/5.0 (Linux; Android 14) Mobile")
        (way,) = selectors.progress(plan)
        assert (way.opened, own_opens(EVERYWHERE, kit)) == (2, 0)

    def test_a_recall_covers_what_is_unsent(self, kit, campaign, pigeon):
        agreed("B1")
        begin(kit, campaign, "pigeon", audiences=["citizens"])
        assert services.recall_kit(actor=SYSTEM, kit_id=kit.pk, reason="A wrong figure").unsent == 1
        assert out() == []

    def test_after_its_term_nobody_can_be_found_from_a_message(self, kit, campaign, pigeon):
        agreed("B1")
        begin(kit, campaign, "pigeon", audiences=["citizens"])
        out()
        Message.objects.update(sent_at=clock.now() - timedelta(days=200))
        term = next(item for item in keeping.terms() if item.key == "messaging.messages")
        term.store.clear(clock.now() - timedelta(days=180), 100)
        message = Message.objects.get()
        assert (message.citizen, message.params, message.state) == (None, None, "sent")

    def test_a_copy_and_an_erasure_find_what_went_to_their_number_before_they_joined(self, kit, campaign, pigeon):
        phone = number()
        citizen = agreed("B1", phone, language="en")
        agreed("B1")
        begin(kit, campaign, "pigeon", audiences=["citizens"])
        out()
        citizens.end_agreement(actor=SYSTEM, citizen_id=citizen.pk, language="hi", page="join")
        member = make.make_member("B1", phone=phone)
        person = Person(member.pk, 0, member.name, (phone,))
        holding = next(item for item in holdings() if item.key == "messaging.messages")
        assert holding.count(person) == 1
        (row,) = holding.export(person)
        assert f"/o/{OwnLink.objects.get().code}" in row["text"]
        holding.erase(person)
        assert Message.objects.filter(citizen=citizen).count() == 0
        assert Message.objects.exclude(citizen=None).count() == 1


# -- the laws ----------------------------------------------------------------------------------------

PEOPLE = 3
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["agree", "stop", "member", "leave", "refuse", "plan", "plan both", "plan members", "send"]),
        st.integers(0, PEOPLE - 1),
    ),
    max_size=14,
)


@pytest.mark.django_db
@given(steps=STEPS)
@example(steps=[("agree", 0), ("plan", 0), ("stop", 0), ("agree", 0)])  # their first message waits, and never leaves
@tries(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_law_nobody_without_consent_at_that_moment_and_no_number_twice(kit, campaign, pigeon, steps):
    with transaction.atomic():
        _live(make.make_kit("IN", code=f"k{next(_numbers)}", state="approved"), campaign, steps)
        transaction.set_rollback(True)


def _live(kit, campaign, steps):
    phones = [number() for _ in range(PEOPLE)]
    Pigeon.carried.clear()
    for act, who in [*steps, ("plan both", 0), ("send", 0)]:
        phone, before = phones[who], len(Pigeon.carried)
        _act(kit, campaign, act, phone)
        for letter in Pigeon.carried[before:]:
            assert _may_hear(letter.to), (act, letter.to)
    got = [letter.to for letter in Pigeon.carried]
    assert len(got) == len(set(got))
    assert {phone for phone in phones if _may_hear(phone)} <= set(got)


def _act(kit, campaign, act, phone):
    known = _members(phone)
    if act == "agree" and not known:
        agreed("B1", phone)
    elif act == "stop" and (found := citizens.agreed_with(phone)):
        citizens.end_agreement(actor=SYSTEM, citizen_id=found[0], language="hi", page="withdrawal link")
    elif act == "member" and not known:
        member_with(phone, "sms")
    elif act == "leave":
        Member.objects.filter(pk__in=known).update(state="left")
    elif act == "refuse":
        for member_id in known:
            set_consent(
                member_id=member_id, purpose="content", given=False, language="hi", evidence={}, channels=["sms"]
            )
    elif act.startswith("plan"):
        begin(kit, campaign, "pigeon", audiences={"plan": ["citizens"], "plan both": BOTH}.get(act, ["members"]))
    elif act == "send":
        out_here()


def out_here():
    """Claim, board and settle in this transaction: what the dispatcher does in its lanes."""
    sender = Sender.objects.get(code="birds")
    held = dispatching.claim(sender, most=100, worker="w")
    with dispatching.boarding(sender, Pigeon(None), held) as boarded:
        receipts = [SendReceipt(Verdict.ACCEPTED, "ref") for _ in boarded.going]
    dispatching.settle([*boarded.news, *map(dispatching.judged, boarded.going, receipts)])


def _members(phone):
    points = ContactPoint.objects.filter(kind=ContactKind.PHONE, value_index=index_for("phone").of(phone))
    return list(points.filter(member__state="active").values_list("member_id", flat=True))


def _may_hear(phone):
    """As the ledger says, read here by other means than the service's."""
    rows = ConsentRecord.objects.filter(purpose="content", channel="sms")
    known = _members(phone)
    if known:
        return rows.filter(member_id=known[0]).order_by("at", "pk").last().given
    found = Citizen.objects.filter(number_hash=citizens.number_hash(phone), ended_at=None).first()
    return found is not None and rows.filter(citizen=found).order_by("at", "pk").last().given
