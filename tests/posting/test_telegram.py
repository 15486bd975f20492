"""From a plan to Telegram and back: queued once, lawful at the moment of sending, taken back, told by name."""

from datetime import timedelta

import pytest

from tests import factories as make
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM, Actor, ActorKind
from toli.assignments.models import Assignment
from toli.compliance import services as compliance
from toli.compliance.models import SendingRefusal
from toli.core import clock
from toli.distribution import selectors as plans
from toli.distribution import services as distribution
from toli.distribution.models import Recall, Relay
from toli.emulators.faults import Fault
from toli.messaging.services import control
from toli.posting import selectors, services
from toli.posting.errors import PlaceExists, PlaceInvalid, PlaceNotFound, PostNotFound, PostStateWrong, TryFailed
from toli.posting.models import Place, Post
from toli.posting.providers import provider_named
from toli.posting.services.sending import LEASE, claim
from toli.sharing.models import OwnLink

TELEGRAM = "telegram_posts"


def _silence(*codes, hours=3):
    polls = [compliance.PollDraft(1, clock.now() + timedelta(hours=hours), codes)]
    fields = {"name_en": "By-election", "name_hi": "उपचुनाव", "announced_at": clock.now() - timedelta(days=30)}
    return compliance.add_election(actor=SYSTEM, code="by", polls=polls, **fields)


def _states():
    return dict(Post.objects.values_list("place__group_id", "state"))


def _recall(kit):
    return distribution.recall_kit(actor=SYSTEM, kit_id=kit.pk, reason="A wrong figure")


class TestPosting:
    def test_a_plan_posts_into_each_group_of_the_bot_and_each_channel_once(self, stage, kit):
        group, elsewhere, channel = stage.group("07"), stage.group("KL"), stage.channel("UP")
        by_hand = make.make_group(stage.campaign, "07")
        plan = stage.begin(kit, "UP", channels=[TELEGRAM, "assisted"])
        assert services.queue_plan(plan_id=plan.pk) == 0
        assert services.send_due() == 2
        assert services.send_due() == 0
        (words,) = stage.texts(group.pk)
        (said,) = stage.texts(-channel.pk)
        for place, text in ((Post.objects.get(place__group=group), words), (Post.objects.get(place=channel), said)):
            assert ("एक मिनट लगता है। 2" in text) is (place.variant == 1)
        codes = {item.territory.code: item.code for item in OwnLink.objects.all()}
        assert set(codes) == {"07", "UP"}  # each place's opens are its own
        assert said.replace("है। 2", "है।") == words.replace("है। 2", "है।").replace(codes["07"], codes["UP"])
        assert words.startswith("सूची में अपना नाम जाँचें")
        assert f"/o/{codes['07']}" in words
        assert "प्रकाशक: जन सेतु संघ" in words
        assert stage.texts(elsewhere.pk) == []
        assert [relay.group_id for relay in Relay.objects.all()] == [by_hand.pk]  # nobody carries what the bot posts
        post = Post.objects.get(place=channel)
        assert (post.state, post.address[:22]) == ("posted", "https://t.me/toli_news")

    def test_the_language_of_the_place_and_the_label_of_ai(self, stage):
        kit = make.make_kit("IN", state="approved", certificate_number="MCMC/1", made_with_ai=True)
        channel = stage.channel(language="en")
        stage.begin(kit)
        services.send_due()
        (words,) = stage.texts(-channel.pk)
        assert words.startswith("Check your name on the list")
        assert words.endswith("Published by Jan Setu Union, 1 Example Road, New Delhi\nMade with the help of AI")

    def test_a_picture_is_handed_over_once_and_stands_in_every_group(self, stage, kit):
        make.make_picture(kit)
        groups = [stage.group("07") for _ in range(5)]
        stage.begin(kit)
        services.send_due()
        assert [len(stage.texts(group.pk)) for group in groups] == [1] * 5
        assert len(stage.world.photos) == 1

    def test_a_silence_that_began_meanwhile_holds_it_back_and_is_recorded(self, stage, kit):
        silent, loud = stage.group("07"), stage.group("070")
        stage.begin(kit)
        _silence("07")
        services.send_due()
        assert _states() == {silent.pk: "refused", loud.pk: "posted"}
        assert Post.objects.get(place__group=silent).rule == "silence_window"
        assert SendingRefusal.objects.get().channel == TELEGRAM

    def test_what_waits_is_ended_when_a_silence_begins_and_does_not_go_out_late(self, stage, kit, later):
        group = stage.group("07")
        stage.begin(kit)
        services.set_place_state(actor=SYSTEM, place_id=Place.objects.get().pk, state="paused")
        _silence("07", hours=3)
        assert services.hold_back() == 1
        later(hours=4)
        services.set_place_state(actor=SYSTEM, place_id=Place.objects.get().pk, state="active")
        services.send_due()
        assert _states() == {group.pk: "refused"}
        assert stage.texts(group.pk) == []

    def test_what_is_a_day_late_does_not_go_out(self, stage, kit, later):
        group = stage.group("07")
        stage.begin(kit)
        later(hours=25)
        assert services.hold_back() == 1
        assert _states() == {group.pk: "expired"}

    def test_quiet_hours_let_it_wait(self, stage, kit):
        group = stage.group("07")
        stage.begin(kit)
        now = clock.now().astimezone(clock.timezone.get_default_timezone())
        compliance.set_rules(
            actor=SYSTEM, quiet_from=(now - timedelta(minutes=5)).time(), quiet_until=(now + timedelta(hours=1)).time()
        )
        services.send_due()
        post = Post.objects.get()
        assert (post.state, post.rule, post.attempts) == ("queued", "quiet_hours", 0)
        assert post.ready_at > clock.now()
        assert stage.texts(group.pk) == []

    def test_a_flood_is_obeyed_and_nothing_is_lost_or_doubled(self, stage, kit, later):
        groups = [stage.group("07") for _ in range(6)]
        stage.begin(kit)
        stage.emulator.flood.every, stage.emulator.flood.storm = 4, 1
        for minutes in range(1, 12):
            services.send_due()
            stage.emulator.flood._storm_until = 0
            later(minutes=minutes)
        assert set(_states().values()) == {"posted"}
        assert [len(stage.texts(group.pk)) for group in groups] == [1] * 6
        assert stage.emulator.flood.refused > 0

    def test_a_lost_answer_is_unknown_and_a_person_settles_it(self, stage, kit, later):
        group = stage.group("07")
        stage.begin(kit)
        stage.emulator.faults.kind, stage.emulator.faults.times = Fault.LOST, 1
        services.send_due()
        later(hours=1)
        services.send_due()
        assert _states() == {group.pk: "unknown"}
        assert len(stage.texts(group.pk)) == 1
        post = Post.objects.get()
        assert services.settle_unknown(actor=SYSTEM, post_id=post.pk, stands=True).state == "posted"
        with pytest.raises(PostStateWrong):
            services.settle_unknown(actor=SYSTEM, post_id=post.pk, stands=True)

    def test_p1_a_dead_worker_leaves_the_unknown_and_a_late_word_of_another_call_does_not_count(
        self, stage, kit, later
    ):
        stage.group("07")
        stage.begin(kit)
        (held,) = claim(provider_named(TELEGRAM))
        assert claim(provider_named(TELEGRAM)) == []
        later(seconds=LEASE.total_seconds() + 1)
        services.send_due()
        assert Post.objects.get(pk=held.pk).state == "unknown"
        assert stage.texts(Place.objects.get().group_id) == []

    def test_lacking_rights_pause_the_place_and_its_posts_wait(self, stage, kit):
        channel = stage.channel()
        chat = stage.world.chats[stage.chats[-channel.pk]]
        rights, chat.rights = chat.rights, frozenset({"can_manage_chat"})
        stage.begin(kit)
        services.send_due()
        channel.refresh_from_db()
        assert (channel.state, channel.reason[:4]) == ("paused", "need")
        chat.rights = rights
        services.set_place_state(actor=SYSTEM, place_id=channel.pk, state="active")
        Post.objects.update(ready_at=clock.now())
        Place.objects.update(next_at=clock.now())
        services.send_due()
        assert len(stage.texts(-channel.pk)) == 1

    def test_a_text_that_does_not_fit_is_refused_whole(self, stage, kit):
        kit.renditions.update(texts=["x" * 4000 + "y" * 200])
        stage.group("07")
        stage.begin(kit)
        services.send_due()
        assert (Post.objects.get().state, Post.objects.get().reason) == ("failed", "does_not_fit")

    def test_nothing_goes_out_of_a_database_that_was_put_back(self, stage, kit):
        stage.group("07")
        stage.begin(kit)
        control.pause(actor=SYSTEM)
        assert services.send_due() == 0
        control.resume(actor=SYSTEM)
        assert services.send_due() == 1

    def test_what_was_queued_when_a_backup_was_made_is_called_off_and_looked_for_when_it_is_recalled(self, stage, kit):
        """It may stand there, and nobody knows by which name."""
        group = stage.group("07")
        stage.begin(kit)
        assert control.resume(actor=SYSTEM, cancel_queued=True) == 1
        assert services.send_due() == 0
        assert list(Post.objects.values_list("state", "reason")) == [("cancelled", "restored")]
        recall = _recall(kit)
        distribution.recall_automatic(recall_id=recall.pk)
        assert Post.objects.get().state == "stays"
        assert Assignment.objects.get().assignee_id == group.admin_id


class TestDryRun:
    def test_it_counts_places_refusals_and_minutes_and_changes_nothing(self, stage, kit):
        stage.group("07"), stage.group("070"), stage.group("KL"), stage.channel("UP")
        off = stage.channel("07", name="other_news")
        services.set_place_state(actor=SYSTEM, place_id=off.pk, state="paused")
        _silence("070")
        plan = stage.plan(kit, "UP")
        before = Place.objects.count()
        (found,) = plans.dry_run(plan)
        assert (found.channel, found.places, found.sendable) == (TELEGRAM, 4, 1)
        assert dict(found.refused) == {"silence_window": 2, "place_paused": 1}  # the channel of UP is heard in 070
        assert found.duration == timedelta(seconds=1)
        assert (Post.objects.count(), Place.objects.count()) == (0, before)


class TestRecall:
    def test_what_waits_does_not_go_out_and_what_stands_is_deleted(self, stage, kit):
        sent, waiting = stage.group("07"), stage.channel()
        services.set_place_state(actor=SYSTEM, place_id=waiting.pk, state="paused")
        stage.begin(kit)
        services.send_due()
        recall = _recall(kit)
        assert recall.unsent == 1
        distribution.recall_automatic(recall_id=recall.pk)
        recall.refresh_from_db()
        assert recall.automatic_done_at is not None
        assert stage.texts(sent.pk) == []
        counts = selectors.counts(EVERYWHERE, kit)
        assert (counts.deleted, counts.held_back, counts.posted) == (1, 1, 0)
        assert not Assignment.objects.exists()

    def test_after_48_hours_a_named_person_is_asked(self, stage, kit, later):
        group = stage.group("07")
        stage.begin(kit)
        services.send_due()
        for message in stage.world.chats[stage.chats[group.pk]].messages.values():
            message["date"] -= 49 * 3600
        recall = _recall(kit)
        distribution.recall_automatic(recall_id=recall.pk)
        post = Post.objects.get()
        assert (post.state, post.reason) == ("stays", "message can't be deleted for everyone")
        work = Assignment.objects.get()
        assert (work.kind, work.assignee_id, work.details["group"]) == ("delete_post", group.admin_id, group.name)
        assert Recall.objects.get().automatic_done_at is not None
        stranger = Actor(ActorKind.STAFF, make.make_coordinator("KL").pk)
        with pytest.raises(PostNotFound):
            services.confirm_deleted(actor=stranger, post_id=post.pk)
        services.confirm_deleted(actor=Actor(ActorKind.STAFF, group.admin_id), post_id=post.pk)
        assert Post.objects.get().state == "deleted"
        assert Assignment.objects.get().state == "done"

    def test_who_does_not_delete_it_is_followed_by_the_second_admin_and_those_above(self, stage, kit, later):
        """As with what people posted; each has the work while it is theirs, and may still say so afterwards."""
        group = stage.group("07")
        group.deputy = make.make_account(name="Deputy")
        group.save()
        above = make.make_account(name="Above")
        make.make_actor({"groups.manage": "UP"}, account=above)
        post = self._staying(stage, kit, group)
        assert services.escalate_deletions() == 0
        for minutes, person in ((46, group.deputy_id), (92, above.pk)):
            later(minutes=minutes)
            assert services.escalate_deletions() == 1
            assert Assignment.objects.get(state="open").assignee_id == person
            assert services.escalate_deletions() == 0
        later(minutes=140)
        assert services.escalate_deletions() == 1
        assert selectors.counts(EVERYWHERE, kit).nobody_left == 1
        services.confirm_deleted(actor=Actor(ActorKind.STAFF, group.deputy_id), post_id=post.pk)
        later(days=2)
        assert services.escalate_deletions() == 0
        assert not Assignment.objects.filter(state="open").exists()

    def test_when_everybody_was_asked_it_is_said_and_the_work_stays(self, stage, kit, later):
        group = stage.group("07")
        post = self._staying(stage, kit, group)
        later(minutes=46)
        assert services.escalate_deletions() == 1
        post.refresh_from_db()
        assert post.nobody_left
        assert Assignment.objects.get(state="open").assignee_id == group.admin_id
        assert selectors.counts(EVERYWHERE, kit).nobody_left == 1
        later(days=1)
        assert services.escalate_deletions() == 0

    def test_an_answer_that_it_stays_ends_the_asking(self, stage, kit, later):
        group = stage.group("07")
        post = self._staying(stage, kit, group)
        services.confirm_deleted(
            actor=Actor(ActorKind.STAFF, group.admin_id), post_id=post.pk, deleted=False, reason="Closed"
        )
        later(days=1)
        assert services.escalate_deletions() == 0

    def _staying(self, stage, kit, group):
        stage.begin(kit)
        services.send_due()
        for message in stage.world.chats[stage.chats[group.pk]].messages.values():
            message["date"] -= 49 * 3600
        recall = _recall(kit)
        distribution.recall_automatic(recall_id=recall.pk)
        return Post.objects.get(state="stays")

    def test_where_the_platform_asks_to_wait_the_recall_is_not_over_before(self, stage, kit, later):
        for _ in range(3):
            stage.group("07")
        stage.begin(kit)
        services.send_due()
        stage.emulator.flood.every, stage.emulator.flood.storm = 1, 60
        recall = _recall(kit)
        distribution.recall_automatic(recall_id=recall.pk)
        recall.refresh_from_db()
        assert recall.automatic_done_at is None
        stage.emulator.flood.every, stage.emulator.flood._storm_until = 0, 0
        later(minutes=2)
        assert distribution.go_on_recalling() == 3
        recall.refresh_from_db()
        assert recall.automatic_done_at is not None
        assert set(_states().values()) == {"deleted"}

    def test_what_is_being_sent_while_it_is_recalled_is_deleted_after(self, stage, kit):
        group = stage.group("07")
        stage.begin(kit)
        original = provider_named(TELEGRAM).publish
        taken = []

        def recalled_meanwhile(posts):
            receipts = original(posts)
            taken.append(_recall(kit))
            return receipts

        provider_named(TELEGRAM).publish = recalled_meanwhile
        try:
            services.send_due()
        finally:
            del provider_named(TELEGRAM).publish
        assert len(stage.texts(group.pk)) == 1
        distribution.recall_automatic(recall_id=taken[0].pk)
        assert stage.texts(group.pk) == []

    def test_one_of_which_nobody_knows_is_looked_at_by_a_person(self, stage, kit):
        stage.group("07")
        stage.begin(kit)
        stage.emulator.faults.kind, stage.emulator.faults.times = Fault.LOST, 1
        services.send_due()
        distribution.recall_automatic(recall_id=_recall(kit).pk)
        assert (Post.objects.get().state, Post.objects.get().reason) == ("stays", "unknown")
        assert Assignment.objects.get().kind == "delete_post"


class TestPlaces:
    def test_a_place_is_kept_tried_and_found_by_its_own_branch_only(self, stage):
        channel = stage.channel("07")
        mine = scope_for(make.make_actor({"places.manage": "07"}), "places.manage")
        twin = scope_for(make.make_actor({"places.manage": "070"}), "places.manage")
        assert selectors.get_place(mine, channel.pk) == channel
        with pytest.raises(PlaceNotFound):
            selectors.get_place(twin, channel.pk)
        health = services.examine_place(actor=SYSTEM, place_id=channel.pk)
        assert (health.name, health.problem) == ("News", "")
        assert services.try_place(actor=SYSTEM, place_id=channel.pk).state == "deleted"
        assert stage.texts(-channel.pk) == []

    def test_what_is_wrong_is_said_before_anything_is_kept(self, stage):
        stage.channel()
        with pytest.raises(PlaceExists):
            stage.channel()
        for settings in ({}, {"chat_id": "not a name"}, {"chat_id": "@x", "colour": "red"}):
            with pytest.raises(PlaceInvalid):
                services.add_place(
                    actor=SYSTEM, provider=TELEGRAM, settings=settings, name="X", territory_code="IN",
                    person_login=make.make_account().login,
                )  # fmt: skip
        assert Place.objects.count() == 1

    def test_health_says_what_is_lacking(self, stage):
        channel = stage.channel()
        stage.world.chats[stage.chats[-channel.pk]].rights = frozenset({"can_post_messages"})
        health = services.examine_place(actor=SYSTEM, place_id=channel.pk)
        assert health.problem == "lacks can_delete_messages"

    def test_a_silence_forbids_tests_too(self, stage):
        channel = stage.channel("07")
        _silence("07")
        with pytest.raises(TryFailed):
            services.try_place(actor=SYSTEM, place_id=channel.pk)


def test_p4_two_workers_never_hold_the_same_post(stage, kit):
    for _ in range(4):
        stage.group("07")
    stage.begin(kit)
    first = claim(provider_named(TELEGRAM), most=2)
    second = claim(provider_named(TELEGRAM), most=10)
    assert len(first) == len(second) == 2
    assert not {post.pk for post in first} & {post.pk for post in second}
