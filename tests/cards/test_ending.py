"""Ending and replacing cards, the published list, and keys that change."""

from datetime import timedelta

import pytest

from tests.factories import make_actor, make_member
from toli.accounts.domain.actor import ANONYMOUS, SYSTEM
from toli.audit.models import AuditEntry
from toli.cards import keys, selectors
from toli.cards.domain import key_file, offline, revocation
from toli.cards.errors import CardKeyInUse, CardKeyNotFound, CardNotFound, EndReasonMissing, NoKeyLeft
from toli.cards.models import Card, EndedCard, RevokedList
from toli.cards.services import (
    add_key,
    end_card,
    issue_cards,
    publish_revoked,
    reissue_cards,
    replace_card,
    retire_key,
    revoke_card,
    revoked_file,
    rotating,
    to_reissue,
    withdraw_key,
)
from toli.core import clock
from toli.core.errors import Forbidden
from toli.core.models import EventRecord
from toli.members.errors import MemberNotFound
from toli.members.models import MemberState
from toli.members.services import leave_organisation
from toli.rights.services import erase_member

pytestmark = pytest.mark.usefixtures("country")


class Ring(dict):
    """Keys as the secrets file holds them, without the file."""

    def add(self):
        version = max(self) + 1
        self[version] = bytes([version]) * 32
        return version

    def retire(self, version):
        del self[version]


@pytest.fixture
def ring(settings):
    settings.TOLI_CARD_KEYS = Ring({1: b"1" * 32})
    return settings.TOLI_CARD_KEYS


def carded(code="A1", count=1):
    members = [make_member(code) for _ in range(count)]
    issue_cards(actor=SYSTEM)
    return members if count > 1 else members[0]


def checked(card):
    """What an app finds with what is published now."""
    files = keys.published()
    revoked = revocation.open_sealed(revoked_file(), files.trusted())
    path = selectors.card_path(card)
    return offline.check(path, keys=files, revoked=revoked, now=clock.now(), today=clock.today()).state


class TestEnding:
    def test_a_card_is_ended_with_a_reason_and_both_checks_say_so(self):
        member = carded()
        card = selectors.card_of(member.pk)
        publish_revoked()
        assert checked(card) == "valid"
        end_card(actor=make_actor({"cards.issue": "07"}), member_id=member.pk, reason=" lost  on the bus ")
        publish_revoked()
        card.refresh_from_db()
        assert card.revoked_because == "lost on the bus"
        assert checked(card) == selectors.verify_card(selectors.card_path(card)).state == "revoked"

    @pytest.mark.parametrize("reason", ["", "    ", "lost", "x" * 201])
    def test_without_a_reason_nothing_happens(self, reason):
        member = carded()
        for act in (end_card, replace_card):
            with pytest.raises(EndReasonMissing):
                act(actor=SYSTEM, member_id=member.pk, reason=reason)
        assert selectors.card_of(member.pk)

    def test_it_can_be_taken_back_by_a_new_card(self):
        member = carded()
        end_card(actor=SYSTEM, member_id=member.pk, reason="by mistake")
        new = replace_card(actor=SYSTEM, member_id=member.pk, reason="it was a mistake")
        assert selectors.verify_card(selectors.card_path(new)).state == "valid"
        assert Card.objects.filter(member=member).count() == 2

    def test_a_card_that_counts_is_replaced_in_one_step(self):
        member = carded()
        old = selectors.card_of(member.pk)
        new = replace_card(actor=make_actor({"cards.issue": "07"}), member_id=member.pk, reason="photo was wrong")
        assert new.number != old.number
        assert selectors.verify_card(selectors.card_path(old)).state == "revoked"
        assert selectors.verify_card(selectors.card_path(new)).state == "valid"
        assert AuditEntry.objects.filter(action="cards.replace", target=f"member:{member.pk}").exists()
        assert EventRecord.objects.filter(name="CardsIssued").exists()

    @pytest.mark.parametrize("code", ["070", "B1"])
    def test_the_neighbour_ends_and_replaces_nothing(self, code):
        member = carded()
        actor = make_actor({"cards.issue": code})
        with pytest.raises(CardNotFound):
            end_card(actor=actor, member_id=member.pk, reason="reported lost")
        with pytest.raises(MemberNotFound):
            replace_card(actor=actor, member_id=member.pk, reason="reported lost")

    def test_who_left_gets_no_new_card(self):
        member = carded()
        leave_organisation(actor=SYSTEM, member_id=member.pk)
        with pytest.raises(MemberNotFound):
            replace_card(actor=SYSTEM, member_id=member.pk, reason="asked for one")


class TestTheList:
    def test_it_holds_ended_cards_those_who_left_and_the_erased(self):
        ended, left, erased, kept = carded(count=4)
        old = {member.pk: selectors.card_of(member.pk) for member in (ended, left, erased, kept)}
        revoke_card(actor=SYSTEM, number=old[ended.pk].number, reason="reported lost")
        leave_organisation(actor=SYSTEM, member_id=left.pk)
        erase_member(actor=SYSTEM, member_id=erased.pk, because="asked")
        assert publish_revoked() == 3
        assert [checked(old[member.pk]) for member in (ended, left, erased, kept)] == ["revoked"] * 3 + ["valid"]

    def test_the_tag_of_an_erased_card_leads_to_nobody_and_goes_when_the_card_would_have_expired(self, monkeypatch):
        member = carded()
        erase_member(actor=SYSTEM, member_id=member.pk, because="asked")
        assert EndedCard.objects.count() == 1
        day = EndedCard.objects.get().valid_until
        monkeypatch.setattr(clock, "today", lambda: day + timedelta(days=1))
        assert publish_revoked() == 0
        assert not EndedCard.objects.exists()

    def test_expired_cards_are_left_out(self):
        member = carded()
        end_card(actor=SYSTEM, member_id=member.pk, reason="reported lost")
        Card.objects.update(valid_until=clock.today() - timedelta(days=1))
        assert publish_revoked() == 0

    def test_it_is_made_where_there_is_none_and_stored_once(self):
        assert not RevokedList.objects.exists()
        assert revoked_file() == revoked_file()
        publish_revoked()
        assert RevokedList.objects.count() == 1

    def test_leaving_and_ending_ask_for_a_new_list(self, monkeypatch):
        from toli.cards import handlers
        from toli.cards.events import CardRevoked
        from toli.core import jobs
        from toli.members.events import MemberLeft

        asked = []
        monkeypatch.setattr(jobs, "enqueue_once", asked.append)
        handlers.on_revoked(CardRevoked(card_id=1, member_id=1))
        handlers.on_left(MemberLeft(member_id=1))
        assert asked == ["cards.publish_revoked"] * 2


class TestKeys:
    def test_a_new_key_signs_and_the_old_one_verifies(self, ring):
        old = selectors.card_of(carded().pk)
        assert add_key(actor=SYSTEM) == 2
        new = selectors.card_of(carded().pk)
        assert (old.key_version, new.key_version) == (1, 2)
        assert [selectors.verify_card(selectors.card_path(card)).state for card in (old, new)] == ["valid", "valid"]
        publish_revoked()
        assert [checked(card) for card in (old, new)] == ["valid", "valid"]

    def test_cards_of_a_withdrawn_key_end_at_once_and_are_replaced_with_another_number(self, ring, monkeypatch):
        monkeypatch.setattr(rotating, "BATCH", 2)
        members = carded(count=5)
        old = [selectors.card_of(member.pk) for member in members]
        assert withdraw_key(actor=SYSTEM, version=1, because="a copy was seen") == 5
        assert set(ring) == {1, 2}
        publish_revoked()
        assert (
            {checked(card) for card in old} == {selectors.verify_card(selectors.card_path(old[0])).state} == {"revoked"}
        )
        seen = []
        assert reissue_cards(actor=SYSTEM, advance=lambda done, total: seen.append((done, total))) == 5
        assert seen == [(2, 5), (4, 5), (5, 5)]
        new = [selectors.card_of(member.pk) for member in members]
        assert {card.key_version for card in new} == {2}
        publish_revoked()
        assert {checked(card) for card in new} == {"valid"}
        assert reissue_cards(actor=SYSTEM) == 0

    def test_replacing_goes_on_after_it_was_cut_off(self, ring, monkeypatch):
        monkeypatch.setattr(rotating, "BATCH", 2)
        members = carded(count=5)
        withdraw_key(actor=SYSTEM, version=1, because="a copy was seen")
        real, calls = rotating.write_cards, []

        def die(batch):
            real(batch)
            calls.append(batch)
            if len(calls) == 2:
                raise KeyboardInterrupt

        monkeypatch.setattr(rotating, "write_cards", die)
        with pytest.raises(KeyboardInterrupt):
            reissue_cards(actor=SYSTEM)
        assert to_reissue().count() == 3
        monkeypatch.setattr(rotating, "write_cards", real)
        assert reissue_cards(actor=SYSTEM) == 3
        assert all(Card.objects.filter(member=member, revoked_at__isnull=True).count() == 1 for member in members)

    def test_a_card_forged_with_the_stolen_key_names_nobody(self, ring):
        card = selectors.card_of(carded().pk)
        withdraw_key(actor=SYSTEM, version=1, because="a copy was seen")
        assert selectors.verify_card(selectors.card_path(card)).holder == ""

    def test_who_left_or_lapsed_is_not_sent_a_new_card(self, ring):
        left, lapsed = carded(count=2)
        leave_organisation(actor=SYSTEM, member_id=left.pk)
        lapsed.member_until = clock.today() - timedelta(days=1)
        lapsed.save()
        assert withdraw_key(actor=SYSTEM, version=1, because="a copy was seen") == 0
        assert reissue_cards(actor=SYSTEM) == 0
        left.refresh_from_db()
        assert left.state == MemberState.LEFT

    def test_a_key_is_forgotten_when_no_card_counts_on_it(self, ring):
        carded()
        for version in (1, 9):
            with pytest.raises((CardKeyInUse, CardKeyNotFound)):
                retire_key(actor=SYSTEM, version=version)
        add_key(actor=SYSTEM)
        with pytest.raises(CardKeyInUse):
            retire_key(actor=SYSTEM, version=1)
        Card.objects.update(valid_until=clock.today() - timedelta(days=1))
        retire_key(actor=SYSTEM, version=1)
        assert set(ring) == {2}
        with pytest.raises(CardKeyInUse):
            retire_key(actor=SYSTEM, version=2)

    def test_there_is_no_key_beyond_what_a_card_can_name(self, ring):
        ring[31] = b"z" * 32
        with pytest.raises(NoKeyLeft):
            add_key(actor=SYSTEM)
        withdraw_key(actor=SYSTEM, version=31, because="a copy was seen")
        assert set(ring) == {1, 31}
        assert selectors.card_of(carded().pk).key_version == 1  # an older key that counts signs again

    def test_only_the_operator_changes_keys(self, ring):
        for actor in (ANONYMOUS, make_actor({"cards.issue": "IN"})):
            for act in (
                lambda actor=actor: add_key(actor=actor),
                lambda actor=actor: withdraw_key(actor=actor, version=1, because="x"),
                lambda actor=actor: retire_key(actor=actor, version=1),
                lambda actor=actor: reissue_cards(actor=actor),
            ):
                with pytest.raises(Forbidden):
                    act()

    def test_the_file_of_keys_says_which_was_withdrawn(self, ring):
        withdraw_key(actor=SYSTEM, version=1, because="a copy was seen")
        file = key_file.read(key_file.write(keys.published()))
        assert (file.withdrawn(), set(file.trusted())) == ({1}, {2})
