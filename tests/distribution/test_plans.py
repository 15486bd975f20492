"""Plans: tried out, scheduled, begun; who is asked next; where a kit stopped; taking it back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import factories as make
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM, Actor, ActorKind
from toli.assignments import selectors as assignments
from toli.compliance import services as compliance
from toli.compliance.errors import ChannelBarred
from toli.compliance.models import SendingRefusal
from toli.content import services as content
from toli.content.models import Kit
from toli.core import clock, events
from toli.distribution import ports, selectors, services
from toli.distribution.errors import (
    KitNotApproved,
    PlanIncomplete,
    PlanNotFound,
    PlanStateWrong,
    RecallNotFound,
    RelayHeldBack,
)
from toli.distribution.models import Plan, Recall, RecallPlace, Relay, RelayAsking
from toli.members.models import ConsentRecord
from toli.messaging.models import Batch, Message, Sender
from toli.messaging.services import outbox
from toli.territories.errors import TerritoryNotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    make.make_organisation()
    make.make_territories("IN/UP/07/B1", "IN/UP/070/B2", "IN/KL")
    return make.make_campaign()


@pytest.fixture
def kit(campaign):
    return make.make_kit("IN", state="approved")


def _plan(kit, campaign, actor=SYSTEM, **fields):
    usual = {"territory_codes": ["IN"], "channels": ["assisted"], "starts_at": clock.now() + timedelta(hours=1)}
    return services.make_plan(actor=actor, kit_id=kit.pk, campaign_code=campaign.code, **{**usual, **fields})


def _silence(*codes, hours=3):
    polls = [compliance.PollDraft(1, clock.now() + timedelta(hours=hours), codes)]
    fields = {"name_en": "By-election", "name_hi": "उपचुनाव", "announced_at": clock.now() - timedelta(days=30)}
    return compliance.add_election(actor=SYSTEM, code="by", polls=polls, **fields)


def _later(monkeypatch, **delta):
    now = timezone.now() + timedelta(**delta)
    monkeypatch.setattr(clock, "now", lambda: now)


def _staff(account):
    return Actor(ActorKind.STAFF, account.pk)


class TestPlans:
    def test_a_dry_run_counts_and_changes_nothing(self, kit, campaign):
        for code in ("07", "07", "070", "KL"):
            make.make_group(campaign, code)
        members = [make.make_member(code) for code in ("B1", "B1", "B2")]
        for member in members:
            ConsentRecord.objects.create(
                member=member, purpose="content", channel="whatsapp", given=True, at=clock.now(), notice_version="1",
                language="hi",
            )  # fmt: skip
        _silence("07")
        plan = _plan(kit, campaign, territory_codes=["UP"], channels=["assisted", "whatsapp_cloud"])
        by_hand, texts = selectors.dry_run(plan)
        assert (by_hand.places, by_hand.sendable, dict(by_hand.refused)) == (3, 1, {"silence_window": 2})
        assert (texts.places, texts.sendable, dict(texts.refused)) == (3, 1, {"silence_window": 2})
        assert not Relay.objects.exists()
        assert not SendingRefusal.objects.exists()

    def test_it_begins_by_itself_at_its_time_and_once(self, kit, campaign, monkeypatch):
        inside = make.make_group(campaign, "07")
        make.make_group(campaign, "KL")
        plan = _plan(kit, campaign, territory_codes=["UP"], languages=["en"])
        assert services.schedule_plan(actor=SYSTEM, plan_id=plan.pk).state == "scheduled"
        assert Kit.objects.get(pk=kit.pk).state == "scheduled"
        assert services.start_due_plans() == 0
        _later(monkeypatch, hours=2)
        assert services.start_due_plans() == 1
        assert services.start_due_plans() == 0
        assert list(Relay.objects.values_list("group_id", "language")) == [(inside.pk, "en")]
        assert Kit.objects.get(pk=kit.pk).state == "live"

    def test_a_silence_that_began_meanwhile_is_asked_about_when_it_begins(self, kit, campaign, monkeypatch):
        silent, loud = make.make_group(campaign, "07"), make.make_group(campaign, "070")
        plan = _plan(kit, campaign)
        services.schedule_plan(actor=SYSTEM, plan_id=plan.pk)
        _silence("07", hours=49)  # not yet when it was planned
        _later(monkeypatch, hours=2)
        services.start_due_plans()
        states = dict(Relay.objects.values_list("group_id", "state"))
        assert states == {silent.pk: "refused", loud.pk: "waiting"}
        assert Relay.objects.get(group=silent).rule == "silence_window"
        assert SendingRefusal.objects.get().rule == "silence_window"

    def test_a_group_of_several_places_is_silent_when_one_of_them_is(self, kit, campaign):
        make.make_group(campaign, "UP")
        _silence("B1")
        services.release_kit(actor=SYSTEM, kit_id=kit.pk, campaign_code=campaign.code, territory_code="IN")
        assert Relay.objects.get().state == "refused"

    def test_only_groups_whose_admins_hold_the_role(self, kit, campaign, monkeypatch):
        chosen = make.make_group(campaign, "07", admin=make.make_coordinator("07"))
        make.make_group(campaign, "070")
        plan = _plan(kit, campaign, roles=["coordinator"])
        services.schedule_plan(actor=SYSTEM, plan_id=plan.pk)
        _later(monkeypatch, hours=2)
        services.start_due_plans()
        assert [relay.group_id for relay in Relay.objects.all()] == [chosen.pk]

    def test_cancelled_it_does_not_begin(self, kit, campaign, monkeypatch):
        make.make_group(campaign, "07")
        plan = _plan(kit, campaign)
        services.schedule_plan(actor=SYSTEM, plan_id=plan.pk)
        services.cancel_plan(actor=SYSTEM, plan_id=plan.pk)
        assert services.cancel_plan(actor=SYSTEM, plan_id=plan.pk).state == "cancelled"
        assert Kit.objects.get(pk=kit.pk).state == "approved"
        with pytest.raises(PlanStateWrong):
            services.schedule_plan(actor=SYSTEM, plan_id=plan.pk)
        _later(monkeypatch, hours=2)
        assert services.start_due_plans() == 0

    def test_a_kit_that_was_withdrawn_cancels_its_plans(self, kit, campaign, monkeypatch):
        plan = _plan(kit, campaign)
        services.schedule_plan(actor=SYSTEM, plan_id=plan.pk)
        content.withdraw_kit(actor=SYSTEM, kit_id=kit.pk, reason="an error")
        _later(monkeypatch, hours=2)
        assert services.start_due_plans() == 1  # the event may come later than the clock
        plan.refresh_from_db()
        assert plan.state == "cancelled"

    def test_what_a_plan_needs(self, kit, campaign):
        for wrong in ({"territory_codes": []}, {"channels": []}, {"channels": ["carrier_pigeon"]}):
            with pytest.raises(PlanIncomplete):
                _plan(kit, campaign, **wrong)
        make.make_organisation("political")
        with pytest.raises(ChannelBarred):
            _plan(kit, campaign, channels=["whatsapp_cloud"])
        draft = _plan(make.make_kit("IN", state="draft"), campaign)
        with pytest.raises(KitNotApproved):
            services.schedule_plan(actor=SYSTEM, plan_id=draft.pk)

    def test_the_neighbours_plan_is_not_there(self, campaign):
        kit = make.make_kit("IN")
        ours = make.make_actor({"kits.release": "07"})
        with pytest.raises(TerritoryNotFound):
            _plan(kit, campaign, actor=ours, territory_codes=["070"])
        theirs = _plan(kit, campaign, territory_codes=["070"])
        both = _plan(kit, campaign, territory_codes=["07", "070"])
        scope = scope_for(ours, "kits.release")
        assert selectors.plans(scope) == []
        for plan in (theirs, both):
            with pytest.raises(PlanNotFound):
                selectors.get_plan(scope, plan.pk)
            with pytest.raises(PlanNotFound):
                services.cancel_plan(actor=ours, plan_id=plan.pk)
        assert Plan.objects.filter(state="draft").count() == 2


class TestEscalation:
    @pytest.fixture
    def late(self, kit, campaign, monkeypatch):
        make.make_group(campaign, "07", admin=make.make_account(name="Imran"))
        services.release_kit(actor=SYSTEM, kit_id=kit.pk, campaign_code=campaign.code, territory_code="IN")
        _later(monkeypatch, hours=7)
        return Relay.objects.get()

    def test_nobody_answers_and_the_next_is_asked_until_nobody_is_left(self, late, monkeypatch):
        near, far = make.make_actor({"groups.manage": "07"}), make.make_actor({"groups.manage": "IN"})
        make.make_actor({"groups.manage": "070"})  # the neighbour is never asked
        assert services.escalate_relays() == 1
        assert services.escalate_relays() == 0
        assert [work.subject for work in assignments.open_work(near)] == [f"relay:{late.pk}"]
        _later(monkeypatch, hours=11)
        services.escalate_relays()
        assert assignments.open_work(near) == []
        assert len(assignments.open_work(far)) == 1
        _later(monkeypatch, hours=15)
        services.escalate_relays()
        late.refresh_from_db()
        assert (late.nobody_left, late.asked_id, late.step) == (True, far.id, "upward")
        assert list(RelayAsking.objects.order_by("pk").values_list("account_id", flat=True)) == [
            late.group.admin_id, near.id, far.id,
        ]  # fmt: skip

    def test_whoever_is_asked_may_confirm_and_the_admin_still_may(self, late):
        near = make.make_actor({"groups.manage": "07"})
        services.escalate_relays()
        services.confirm_relay(actor=_staff(late.group.admin), relay_id=late.pk)
        assert assignments.open_work(near) == []
        assert services.escalate_relays() == 0

    def test_what_may_not_be_posted_any_more_is_taken_back(self, late):
        assert selectors.why_not_now(late) is None
        _silence("07")
        assert selectors.why_not_now(late).rule == "silence_window"
        assert services.expire_relays() == 1
        assert services.expire_relays() == 0
        assert assignments.open_work(_staff(late.group.admin)) == []
        with pytest.raises(RelayHeldBack):
            services.confirm_relay(actor=_staff(late.group.admin), relay_id=late.pk)


class TestBoard:
    def test_where_it_stopped(self, kit, campaign, monkeypatch):
        done = make.make_group(campaign, "B1", admin=make.make_account(name="Asha"))
        late = make.make_group(campaign, "07", admin=make.make_account(name="Imran"))
        far = make.make_group(campaign, "070")
        make.make_group(campaign, "KL")
        services.release_kit(actor=SYSTEM, kit_id=kit.pk, campaign_code=campaign.code, territory_code="UP")
        services.confirm_relay(actor=_staff(done.admin), relay_id=Relay.objects.get(group=done).pk)
        Relay.objects.filter(group=far).update(state="refused", rule="silence_window")
        _later(monkeypatch, hours=7)
        actor = make.make_actor({"kits.view": "IN"})
        scope = scope_for(actor, "kits.view")
        place = make.make_territories()["UP"]
        board = selectors.board(scope, kit, place)
        rows = {row.territory.code: (row.standing.confirmed, row.standing.late, row.groups) for row in board.rows}
        assert rows == {"07": (1, 1, 2), "070": (0, 0, 1)}
        assert (board.total.asked, board.total.stopped) == (3, 2)
        assert {relay.group_id for relay in board.stopped} == {late.pk, far.pk}
        whole = selectors.board(scope, kit, make.make_territories()["IN"])
        assert {row.territory.code: (row.standing.asked, row.groups) for row in whole.rows} == {
            "UP": (3, 3),
            "KL": (0, 1),
        }

    def test_the_neighbour_sees_none_of_it(self, kit, campaign):
        make.make_group(campaign, "070")
        services.release_kit(actor=SYSTEM, kit_id=kit.pk, campaign_code=campaign.code, territory_code="UP")
        scope = scope_for(make.make_actor({"kits.view": "07"}), "kits.view")
        board = selectors.board(scope, kit, make.make_territories()["07"])
        assert (board.total.asked, list(board.stopped)) == (0, [])


class TestRecall:
    @pytest.fixture
    def posted(self, kit, campaign):
        groups = [make.make_group(campaign, "07"), make.make_group(campaign, "070"), make.make_group(campaign, "07")]
        services.release_kit(actor=SYSTEM, kit_id=kit.pk, campaign_code=campaign.code, territory_code="UP")
        for group in groups[:2]:
            services.confirm_relay(actor=_staff(group.admin), relay_id=Relay.objects.get(group=group).pk)
        return groups

    def test_one_act_takes_it_back_everywhere(self, kit, posted, monkeypatch):
        class Posts:
            """A program's places: three queued, five posted."""

            queued, standing = 3, 5

            def cancel_unsent(self, kit_id):
                self.queued, number = 0, self.queued
                return number

            def take_back(self, kit_id, most):
                number = min(2, self.standing)
                self.standing -= number
                return number

            def count_left(self, kit_id):
                return self.standing

        posts = Posts()
        monkeypatch.setattr(ports, "_known", [posts])
        member = make.make_member("B1")
        from toli.sharing.services import share_link

        share_link(member_id=member.pk, kit_id=kit.pk, channel="whatsapp")
        recall = services.recall_kit(actor=SYSTEM, kit_id=kit.pk, reason="A wrong figure")
        assert (recall.unsent, recall.share_pages, recall.places.count()) == (1 + 3, 1, 2)
        assert recall.deadline_at - recall.begun_at == timedelta(hours=3)
        assert Relay.objects.filter(state="cancelled").count() == 1
        assert assignments.open_work(_staff(posted[2].admin)) == []
        assert [work.kind for work in assignments.open_work(_staff(posted[0].admin))] == ["delete_post"]
        assert services.recall_automatic(recall_id=recall.pk) == 5
        assert services.recall_automatic(recall_id=recall.pk) == 0
        scope = scope_for(SYSTEM, "kits.view")
        report = selectors.recall_of(scope, kit)
        assert (report.asked, report.gone, report.automatic_seconds is not None) == (2, 0, True)
        assert {place.person_id for place in selectors.recall_rest(scope, recall)} == {g.admin_id for g in posted[:2]}

    def test_messages_that_are_queued_about_it_do_not_leave(self, kit, posted):
        member, about = make.make_member("B1"), kit.territory
        sender = Sender.objects.create(code="main", name="Main", provider="whatsapp_cloud", created_at=clock.now())
        ends = clock.now() + timedelta(hours=1)
        fields = {"sender": sender, "territory": about, "purpose": "content", "content": {}, "expires_at": ends}
        batch = Batch.objects.create(subject=f"kit:{kit.pk}", created_at=clock.now(), **fields)
        other = Batch.objects.create(subject="", created_at=clock.now(), **fields)
        for item in (batch, other):
            outbox.enqueue(scope=scope_for(SYSTEM, "kits.view"), batch=item, members=[member.pk])
        recall = services.recall_kit(actor=SYSTEM, kit_id=kit.pk, reason="an error")
        assert recall.unsent == 2  # one post that was asked for, one message
        assert list(Message.objects.order_by("batch_id").values_list("state", flat=True)) == ["cancelled", "queued"]

    def test_the_withdrawal_of_a_kit_is_a_recall_whoever_made_it(self, kit, posted):
        content.withdraw_kit(actor=SYSTEM, kit_id=kit.pk, reason="an error")
        events.deliver()
        events.deliver()
        assert Recall.objects.get().places.count() == 2

    def test_deleted_or_why_not(self, kit, posted):
        services.recall_kit(actor=SYSTEM, kit_id=kit.pk, reason="an error")
        first, second = RecallPlace.objects.order_by("pk")
        services.confirm_gone(actor=_staff(first.person), place_id=first.pk)
        services.confirm_gone(actor=_staff(first.person), place_id=first.pk)
        services.confirm_gone(actor=_staff(second.person), place_id=second.pk, deleted=False, reason="I left the group")
        report = selectors.recall_of(scope_for(SYSTEM, "kits.view"), kit)
        assert (report.gone, report.stays, report.asked) == (1, 1, 0)
        rest = list(selectors.recall_rest(scope_for(SYSTEM, "kits.view"), report.recall))
        assert [place.reason for place in rest] == ["I left the group"]

    def test_nobody_answers_for_the_neighbours_group(self, kit, posted):
        services.recall_kit(actor=SYSTEM, kit_id=kit.pk, reason="an error")
        theirs = RecallPlace.objects.get(relay__group=posted[1])
        for stranger in (make.make_actor({"groups.manage": "07"}), make.make_actor({"work.do": "070"})):
            with pytest.raises(RecallNotFound):
                services.confirm_gone(actor=stranger, place_id=theirs.pk)
        with pytest.raises(RecallNotFound):
            selectors.get_recall_place(scope_for(make.make_actor({"work.do": "07"}), "work.do"), theirs.pk)
        services.confirm_gone(actor=make.make_actor({"groups.manage": "070"}), place_id=theirs.pk)

    def test_who_does_not_answer_is_followed_by_the_next_within_the_three_hours(self, kit, posted, monkeypatch):
        recall = services.recall_kit(actor=SYSTEM, kit_id=kit.pk, reason="an error")
        near, far = make.make_actor({"groups.manage": "07"}), make.make_actor({"groups.manage": "IN"})
        _later(monkeypatch, minutes=46)
        assert services.escalate_recalls() == 2
        assert len(assignments.open_work(near)) == 1
        _later(monkeypatch, minutes=92)
        assert services.escalate_recalls() == 2
        assert len(assignments.open_work(far)) == 2  # of 070 from the first time on: nobody is responsible there
        assert clock.now() < recall.deadline_at
        _later(monkeypatch, minutes=138)
        services.escalate_recalls()
        report = selectors.recall_of(scope_for(SYSTEM, "kits.view"), kit)
        assert report.nobody_left >= 1
