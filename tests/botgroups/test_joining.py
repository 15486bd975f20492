"""Who is let into a group that a bot keeps, and that the roster says what is true."""

import itertools
import json
import random
import time
from dataclasses import replace

import pytest

from tests.botgroups.conftest import code_of
from toli.accounts.domain.actor import SYSTEM
from toli.botgroups import services
from toli.botgroups.models import Chat, Order, PlatformAccount, Presence, Update
from toli.botgroups.ports import Act
from toli.botgroups.services import sealing
from toli.cards.models import Card
from toli.cards.services import revoke_card
from toli.chatgroups import services as groups
from toli.chatgroups.models import ChatGroup, WaitingPlace
from toli.emulators.telegram_world import NEEDED
from toli.integrations.telegram_groups.provider import TelegramGroupProvider
from toli.members import selectors as members
from toli.members.models import ConsentRecord, Member

pytestmark = pytest.mark.django_db


def test_a_person_makes_the_group_and_the_bot_does_the_rest(stage):
    group, chat = stage.open_group("A1")
    here = stage.world.chats[chat]
    assert group.state == "open"
    assert here.title == group.name
    assert here.description
    (link,) = here.links.values()
    assert (link.address, link.asks, link.limit) == (group.join_address, True, None)
    assert Chat.objects.get(group=group).ready_at


def test_a_card_holder_is_let_in_and_counted_as_joined(stage):
    group, chat = stage.open_group("A1")
    member, person = stage.member()
    assert group.join_address in stage.world.people[person].inbox[0]
    assert stage.world.press(person, group.join_address) == "asked"
    stage.deliver()
    assert person in stage.world.truth()[chat]
    assert stage.seat(member).state == "joined"
    ours, truth = stage.roster(chat)
    assert ours == truth


@pytest.mark.parametrize("why", ["unknown", "no_card", "revoked", "lapsed", "other_group"])
def test_others_stay_out_and_are_told_why(stage, why):
    group, chat = stage.open_group("A1")
    stage.open_group("A2")
    member, person = stage.member(
        "A2" if why == "other_group" else "A1", card=why != "no_card", connected=why != "unknown"
    )
    if why == "revoked":
        revoke_card(actor=SYSTEM, number=Card.objects.get(member=member).number, reason="lost")
    if why == "lapsed":
        Member.objects.filter(pk=member.pk).update(state="lapsed")
    before = len(stage.world.people[person].inbox)
    stage.world.press(person, group.join_address)
    stage.deliver()
    assert stage.world.truth()[chat] == set()
    assert stage.world.answers == [(chat, person, False)]
    (said,) = stage.world.people[person].inbox[before:]
    expected = {"unknown": "/me/telegram", "other_group": "https://t.me/+"}.get(why, "/me/card")
    assert expected in said


def test_the_same_news_again_late_and_in_any_order_ends_the_same(stage):
    begun = time.time()
    ticks = itertools.count(1)
    stage.world.clock = lambda: begun + next(ticks)  # each thing happens in a second of its own
    group, chat = stage.open_group("A1")
    people = [stage.member()[1] for _ in range(6)]
    strangers = [stage.world.new_person() for _ in range(3)]
    for person in people + strangers:
        stage.world.press(person, group.join_address)
    stage.deliver()
    stage.world.leave(chat, people[0])
    stage.world.leave(chat, people[1])
    stage.deliver()
    stage.world.press(people[1], group.join_address)
    stage.deliver()
    everything = list(stage.world.updates)
    asked = len(stage.world.answers)
    for update in random.Random(3).sample(everything, len(everything)):
        stage.post(update)
        if "chat_join_request" in update:
            stage.post({**update, "update_id": update["update_id"] + 1_000_000})
    Update.objects.all().delete()
    for update in reversed(everything):
        stage.post(update)
    stage.deliver()
    assert len(stage.world.answers) == asked
    assert stage.world.truth()[chat] == set(people[1:])
    ours, truth = stage.roster(chat)
    assert ours == truth
    joined = {stage.accounts[seat.member_id] for seat in group.seats.filter(state="joined")}
    assert joined == set(people[1:])
    group.refresh_from_db()
    assert group.taken == 5


def test_an_update_counts_once_and_only_with_the_secret(stage):
    group, _chat = stage.open_group("A1")
    stage.world.press(stage.world.new_person(), group.join_address)
    update = stage.emulator.courier.waiting[-1]
    assert stage.post(update, secret="").status_code == 403
    assert stage.post(update, secret="wrong").status_code == 403
    assert not Update.objects.filter(number=update["update_id"]).exists()
    for _ in range(2):
        assert stage.post(update).status_code == 200
    kept = Update.objects.get(number=update["update_id"])
    assert str(update["chat_join_request"]["from"]["id"]).encode() not in bytes(kept.content_sealed)
    stage.deliver()
    kept.refresh_from_db()
    assert bytes(kept.content_sealed) == b""
    assert stage.post({"update_id": "x"}).status_code == 400


def test_what_people_write_in_a_group_is_not_stored(stage):
    _group, chat = stage.open_group("A1")
    count = Update.objects.count()
    stage.world.say(stage.world.new_person(), "नमस्ते", chat)
    assert stage.post(stage.emulator.courier.waiting[-1]).status_code == 200
    assert Update.objects.count() == count


def test_who_leaves_or_is_thrown_out_gives_their_seat_back(stage):
    group, chat = stage.open_group("A1")
    (first, one), (second, two) = stage.member(), stage.member()
    for person in (one, two):
        stage.world.press(person, group.join_address)
    stage.deliver()
    stage.world.leave(chat, one)
    stage.world.kick(chat, two, by=next(iter(stage.world.chats[chat].people)))
    stage.deliver()
    group.refresh_from_db()
    assert [stage.seat(first).state, stage.seat(second).state, group.taken] == ["left", "left", 0]


def test_who_was_put_in_by_hand_is_counted_under_a_hash_and_takes_a_place(stage):
    group, chat = stage.open_group("A1")
    owner = next(iter(stage.world.chats[chat].people))
    stranger = stage.world.new_person("Stranger")
    member, person = stage.member()
    stage.world.add_person(chat, stranger, by=owner)
    stage.world.add_person(chat, person, by=owner)
    stage.deliver()
    group.refresh_from_db()
    assert (group.outsiders, group.taken, stage.seat(member).state) == (1, 1, "joined")
    ours, truth = stage.roster(chat)
    assert ours == truth
    assert not PlatformAccount.objects.filter(person_hash=sealing.person_hash(stranger)).exists()


@pytest.mark.parametrize("end", ["lapsed", "left", "revoked", "merged", "disconnected"])
def test_whose_membership_ends_leaves_the_group(stage, end):
    group, chat = stage.open_group("A1")
    member, person = stage.member()
    stage.world.press(person, group.join_address)
    stage.deliver()
    assert person in stage.world.truth()[chat]
    if end == "revoked":
        revoke_card(actor=SYSTEM, number=Card.objects.get(member=member).number, reason="lost")
    elif end == "disconnected":
        services.disconnect_person(actor=SYSTEM, member_id=member.pk)
    else:
        Member.objects.filter(pk=member.pk).update(state=end)
    services.align()
    stage.deliver()
    assert person not in stage.world.truth()[chat]
    assert stage.world.chats[chat].people[person] == "left", "free to come back"
    assert services.align() == 0
    ours, truth = stage.roster(chat)
    assert ours == truth


def test_whose_seat_moves_is_invited_and_stays_in_the_old_group_until_they_are_in_the_new_one(stage):
    old, old_chat = stage.open_group("A1")
    new, new_chat = stage.open_group("A2")
    member, person = stage.member()
    stage.world.press(person, old.join_address)
    stage.deliver()
    Member.objects.filter(pk=member.pk).update(territory=new.territory)
    groups.follow_member(member_id=member.pk, campaign_id=stage.campaign.pk)
    assert services.align() == 1
    stage.deliver()
    assert services.align() == 0
    assert new.join_address in stage.world.people[person].inbox[-1]
    assert person in stage.world.truth()[old_chat]
    stage.world.press(person, new.join_address)
    stage.deliver()
    services.align()
    stage.deliver()
    assert stage.world.truth() == {old_chat: set(), new_chat: {person}}
    assert stage.seat(member).state == "joined"


def test_one_account_belongs_to_one_member_and_a_new_one_takes_the_place_of_the_old(stage):
    group, chat = stage.open_group("A1")
    member, person = stage.member()
    stage.world.press(person, group.join_address)
    stage.deliver()
    other, _own = stage.member(connected=False)
    address = services.start_address(actor=SYSTEM, member_id=other.pk)
    code = address.partition("start=")[2]
    stage.world.start(person, code)
    stage.deliver()
    assert not PlatformAccount.objects.filter(member=other).exists()
    second = stage.world.new_person()
    stage.world.start(second, services.start_address(actor=SYSTEM, member_id=member.pk).partition("start=")[2])
    stage.deliver()
    assert person not in stage.world.truth()[chat]
    third = stage.world.new_person()
    stage.world.start(third, "nonsense")
    stage.deliver()
    assert "/me/telegram" in stage.world.people[third].inbox[0]
    assert ConsentRecord.objects.filter(member=member, channel="telegram", given=True).exists()


def test_a_code_works_once(stage):
    member, _person = stage.member(connected=False)
    code = services.start_address(actor=SYSTEM, member_id=member.pk).partition("start=")[2]
    first, second = stage.world.new_person(), stage.world.new_person()
    stage.world.start(first, code)
    stage.deliver()
    stage.world.start(second, code)
    stage.deliver()
    account = PlatformAccount.objects.get(member=member)
    assert bytes(account.person_hash) == sealing.person_hash(first)


def test_rights_that_the_bot_lacks_are_named_and_nothing_is_lost_until_it_has_them(stage):
    (group,) = groups.open_state_groups(actor=SYSTEM, campaign_code="connect", territory_code="A1")
    chat = stage.make_chat(group, rights=NEEDED - {"can_invite_users"})
    stage.deliver()
    kept = Chat.objects.get(group=group)
    assert (kept.missing, kept.ready_at) == ("can_invite_users", None)
    stage.world.set_rights(chat, next(iter(stage.world.chats[chat].people)), NEEDED)
    stage.deliver()
    group.refresh_from_db()
    assert group.state == "open"


def test_a_group_that_becomes_a_supergroup_stays_the_same_group(stage):
    (group,) = groups.open_state_groups(actor=SYSTEM, campaign_code="connect", territory_code="A1")
    owner = stage.world.new_person("Owner")
    small = stage.world.new_group(owner, "New group", supergroup=False)
    stage.world.add_bot(small, owner, code=code_of(group))
    stage.deliver()
    large = stage.world.migrate(small)
    member, person = stage.member()
    group.refresh_from_db()
    stage.world.press(person, group.join_address)
    stage.deliver()
    assert Chat.objects.get(group=group).number == large
    assert stage.world.truth()[large] == {person}
    assert stage.seat(member).state == "joined"


def test_nobody_connects_a_group_without_its_code(stage):
    groups.open_state_groups(actor=SYSTEM, campaign_code="connect", territory_code="A1")
    owner = stage.world.new_person("Owner")
    chat = stage.world.new_group(owner, "Not ours")
    stage.world.add_bot(chat, owner, code="guessed")
    stage.deliver()
    assert Chat.objects.get(number=chat).group is None
    assert not ChatGroup.objects.filter(state="open").exists()


def test_a_storm_of_please_wait_loses_nobody(stage):
    group, chat = stage.open_group("A1")
    people = [stage.member()[1] for _ in range(8)]
    for person in people:
        stage.world.press(person, group.join_address)
    stage.emulator.flood.every, stage.emulator.flood.storm = 5, 1
    stage.deliver()
    assert stage.emulator.flood.refused
    assert stage.world.truth()[chat] == set(people)
    assert not Order.objects.filter(state="failed").exists()


def test_numbers_of_people_are_not_kept_once_something_is_done(stage):
    group, _chat = stage.open_group("A1")
    _member, person = stage.member()
    stage.world.press(person, group.join_address)
    stage.deliver()
    assert {bytes(sealed) for sealed in Order.objects.values_list("person_sealed", flat=True)} == {b""}
    assert json.dumps(person) not in str(list(Presence.objects.values()))


def test_who_finds_no_place_waits_in_line_and_is_asked_in_when_one_is_free(stage):
    group, chat = stage.open_group("A1")
    ChatGroup.objects.update(capacity=1)
    first, second = stage.member()[1], stage.member(language="en")
    stage.world.press(first, group.join_address)
    stage.deliver()
    inbox = stage.world.people[second[1]].inbox
    assert "waiting list" in inbox[-1]
    stage.world.press(second[1], group.join_address)
    stage.deliver()
    assert WaitingPlace.objects.filter(member=second[0], ended_at=None).count() == 1
    stage.world.leave(chat, first)
    stage.deliver()
    groups.serve_waiting(campaign_id=stage.campaign.pk)
    for _ in range(2):
        services.align()
        stage.deliver()
    asked_in = [said for said in inbox if "Your place is there" in said]
    assert len(asked_in) == 1 and group.join_address in asked_in[0]
    stage.world.press(second[1], group.join_address)
    stage.deliver()
    assert stage.world.truth()[chat] == {second[1]}


def test_whose_groups_link_is_being_changed_does_not_wait_in_line(stage):
    group, _chat = stage.open_group("A1")
    member, person = stage.member(language="en")
    groups.report_leak(actor=SYSTEM, group_id=group.pk)
    stage.world.press(person, group.join_address)
    stage.deliver()
    assert "Your place is kept" in stage.world.people[person].inbox[-1]
    assert not WaitingPlace.objects.filter(member=member).exists()


@pytest.mark.parametrize("died", ["before it was said", "after it was said"])
def test_why_somebody_is_turned_away_is_never_said_twice(stage, monkeypatch, died):
    group, chat = stage.open_group("A1")
    person = stage.world.new_person()
    stage.world.press(person, group.join_address)
    carry_out = TelegramGroupProvider.carry_out

    def dies(self, tasks):
        if died == "after it was said":  # and before the request is declined
            carry_out(self, [replace(task, act=Act.TELL) for task in tasks])
        raise KeyboardInterrupt

    monkeypatch.setattr(TelegramGroupProvider, "carry_out", dies)
    with pytest.raises(KeyboardInterrupt):
        stage.deliver()
    monkeypatch.setattr(TelegramGroupProvider, "carry_out", carry_out)
    stage.deliver()
    said = [text for text in stage.world.people[person].inbox if "members with a card" in text]
    assert len(said) == (died == "after it was said")
    assert stage.world.answers[-1] == (chat, person, False)


def test_what_was_not_said_as_telegram_said_to_wait_is_said_later(stage):
    group, _chat = stage.open_group("A1")
    people = [stage.world.new_person() for _ in range(6)]
    for person in people:
        stage.world.press(person, group.join_address)
    stage.emulator.flood.every, stage.emulator.flood.storm = 4, 1
    stage.deliver()
    assert stage.emulator.flood.refused
    assert [len(stage.world.people[person].inbox) for person in people] == [1] * 6


@pytest.mark.parametrize(("word", "answer"), [("/stop", "no more"), ("रोकें", "नहीं लिखेंगे")])
def test_a_word_that_means_stop_ends_messages_until_the_member_connects_again(stage, word, answer):
    old, chat = stage.open_group("A1")
    new, _chat = stage.open_group("A2")
    member, person = stage.member(language="en")
    stage.world.press(person, old.join_address)
    stage.deliver()
    inbox = stage.world.people[person].inbox
    before = len(inbox)
    for _ in range(2):
        stage.world.say(person, word)
        stage.deliver()
    assert len(inbox) == before + 1 and answer in inbox[-1]
    word_now = members.words(member.pk)
    assert word_now[("membership", "telegram")] is False and word_now.get(("membership", "sms")) is not False
    stage.world.start(person)
    stage.deliver()
    assert members.words(member.pk)[("membership", "telegram")] is False, "a start without a code agrees to nothing"
    Member.objects.filter(pk=member.pk).update(territory=new.territory)
    groups.follow_member(member_id=member.pk, campaign_id=stage.campaign.pk)
    services.align()
    stage.deliver()
    assert not [said for said in inbox if "Your group is now" in said]
    assert person in stage.world.truth()[chat], "stopping is not leaving"
    stage.world.start(person, services.start_address(actor=SYSTEM, member_id=member.pk).partition("start=")[2])
    stage.deliver()
    assert members.words(member.pk)[("membership", "telegram")] is True
    assert new.join_address in inbox[-1]


def test_a_stop_in_a_group_is_not_stored_and_a_stranger_is_not_answered(stage):
    _group, chat = stage.open_group("A1")
    person = stage.world.new_person()
    count = Update.objects.count()
    stage.world.say(person, "stop", chat)
    stage.deliver()
    assert Update.objects.count() == count
    stage.world.start(person)
    stage.deliver()
    said = len(stage.world.people[person].inbox)
    stage.world.say(person, "stop")
    stage.deliver()
    assert len(stage.world.people[person].inbox) == said
    assert not ConsentRecord.objects.filter(channel="telegram").exists()
