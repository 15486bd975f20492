"""Every member gets one card, and a revoked one is not replaced by accident."""

import pytest

from tests.factories import make_actor, make_card, make_member
from tests.together import at_once
from toli.accounts.domain.actor import ANONYMOUS, SYSTEM
from toli.audit.models import AuditEntry
from toli.cards import selectors
from toli.cards.domain import card_codec
from toli.cards.errors import CardNotFound
from toli.cards.models import Card
from toli.cards.services import issue_cards, issuing, revoke_card
from toli.core import clock, events, jobs
from toli.core.errors import Forbidden
from toli.core.models import EventRecord
from toli.members.events import MemberEnrolled, MembersImported
from toli.members.models import Member, MemberState


@pytest.mark.usefixtures("country")
class TestIssuing:
    def test_every_active_member_gets_one_card_that_verifies(self):
        members = [make_member("A1") for _ in range(5)]
        make_member("A1", state=MemberState.LEFT)
        assert issue_cards(actor=SYSTEM) == 5
        assert selectors.check_signatures() == (5, 0)
        for member in members:
            card = selectors.card_of(member.pk)
            assert (card.issued_on, card.valid_until) == (clock.today(), member.member_until)
            assert selectors.verify_card(selectors.qr_url(card)).state == "valid"

    def test_issuing_again_issues_nothing(self):
        make_member("A1")
        assert issue_cards(actor=SYSTEM) == 1
        assert issue_cards(actor=SYSTEM) == 0
        assert Card.objects.count() == 1

    def test_a_revoked_card_is_not_replaced_by_issuing(self):
        member = make_member("A1")
        make_card(member, revoked_at=clock.now())
        assert issue_cards(actor=SYSTEM) == 0
        assert issue_cards(actor=SYSTEM, member_ids=[member.pk]) == 0
        assert selectors.card_of(member.pk) is None

    def test_cards_go_to_those_who_were_named(self):
        named, _other = make_member("A1"), make_member("A1")
        assert issue_cards(actor=SYSTEM, member_ids=[named.pk, 999_999]) == 1
        assert issue_cards(actor=SYSTEM, member_ids=[]) == 0
        assert [card.member for card in Card.objects.all()] == [named]

    def test_batches_are_told_and_counted(self, monkeypatch):
        monkeypatch.setattr(issuing, "BATCH", 2)
        for _ in range(5):
            make_member("A1")
        seen = []
        assert issue_cards(actor=SYSTEM, advance=lambda done, total: seen.append((done, total))) == 5
        assert seen == [(2, 5), (4, 5), (5, 5)]
        told = EventRecord.objects.filter(name="CardsIssued").order_by("pk")
        assert [record.payload["count"] for record in told] == [2, 2, 1]
        assert AuditEntry.objects.filter(action="cards.issue").count() == 3

    def test_issuing_goes_on_after_it_was_cut_off(self, monkeypatch):
        monkeypatch.setattr(issuing, "BATCH", 2)
        for _ in range(5):
            make_member("A1")
        real, calls = issuing.write_cards, []

        def die(batch):
            real(batch)
            calls.append(batch)
            if len(calls) == 2:
                raise KeyboardInterrupt

        monkeypatch.setattr(issuing, "write_cards", die)
        with pytest.raises(KeyboardInterrupt):
            issue_cards(actor=SYSTEM)
        assert Card.objects.count() == 2
        monkeypatch.setattr(issuing, "write_cards", real)
        assert issue_cards(actor=SYSTEM) == 3
        assert Card.objects.values("member").distinct().count() == 5

    def test_a_number_that_is_taken_is_drawn_again(self, monkeypatch):
        taken = make_card(make_member("A1")).number
        fresh = [card_codec.new_number() for _ in range(3)]
        draws = iter([taken, fresh[0], fresh[1], fresh[1], fresh[2]])
        monkeypatch.setattr(card_codec, "new_number", lambda: next(draws))
        for _ in range(3):
            make_member("A1")
        assert issue_cards(actor=SYSTEM) == 3
        assert set(Card.objects.values_list("number", flat=True)) == {taken, *fresh}

    def test_cards_are_signed_with_the_newest_key(self, settings):
        old = dict(settings.TOLI_CARD_KEYS)
        make_member("A1")
        issue_cards(actor=SYSTEM)
        settings.TOLI_CARD_KEYS = {**old, max(old) + 1: b"n" * 32}
        make_member("A1")
        issue_cards(actor=SYSTEM)
        versions = Card.objects.order_by("pk").values_list("key_version", flat=True)
        assert list(versions) == [max(old), max(old) + 1]
        assert selectors.check_signatures() == (2, 0)


@pytest.mark.usefixtures("country")
class TestScope:
    def test_cards_are_issued_in_ones_own_branch_only(self):
        inside, twin = make_member("A1"), make_member("B1")
        actor = make_actor({"cards.issue": "07"})
        assert issue_cards(actor=actor) == 1
        assert issue_cards(actor=actor, member_ids=[twin.pk]) == 0
        assert Card.objects.get().member == inside

    def test_without_the_permission_no_card_is_issued(self):
        for actor in (ANONYMOUS, make_actor({"members.view": "IN"})):
            with pytest.raises(Forbidden):
                issue_cards(actor=actor)

    @pytest.mark.parametrize("code", ["070", "B1"])
    def test_a_card_of_the_neighbour_is_not_found(self, code):
        card = make_card(make_member("A1"))
        with pytest.raises(CardNotFound):
            revoke_card(actor=make_actor({"cards.issue": code}), number=card.number, reason="x")
        card.refresh_from_db()
        assert card.revoked_at is None


@pytest.mark.usefixtures("country")
class TestRevoking:
    @pytest.mark.parametrize("written", ["{}", "{:.4}-{}", " {} "])
    def test_a_card_is_revoked_by_its_number_as_people_write_it(self, written):
        card = make_card(make_member("A1"))
        number = card.number
        spelt = card_codec.shown(number).lower() if "-" in written else written.format(number)
        revoke_card(actor=make_actor({"cards.issue": "07"}), number=spelt, reason="lost" * 100)
        card.refresh_from_db()
        assert card.revoked_at
        assert len(card.revoked_because) == 200
        assert EventRecord.objects.get(name="CardRevoked").payload == {
            "card_id": card.pk, "member_id": card.member_id,
        }  # fmt: skip

    def test_a_card_is_revoked_once(self):
        card = make_card(make_member("A1"))
        revoke_card(actor=SYSTEM, number=card.number, reason="lost")
        with pytest.raises(CardNotFound):
            revoke_card(actor=SYSTEM, number=card.number, reason="again")

    @pytest.mark.parametrize("number", ["", "nothing", "0" * 10, "0" * 500])
    def test_an_unknown_number_is_not_found(self, number):
        with pytest.raises(CardNotFound):
            revoke_card(actor=SYSTEM, number=number, reason="x")


@pytest.mark.usefixtures("country")
class TestNews:
    def test_after_an_import_jobs_issue_cards_that_are_missing_and_welcome_the_new(self, monkeypatch):
        wanted = []
        monkeypatch.setattr(jobs, "enqueue", lambda name, **arguments: wanted.append(name))
        monkeypatch.setattr(jobs, "enqueue_once", lambda name, **arguments: wanted.append(name))
        events.publish(MembersImported(run_id=1))
        events.deliver()
        assert wanted == ["cards.sign", "cards.issue", "cards.welcome"]

    def test_whoever_joins_gets_a_card_at_once_and_a_welcome_by_a_job(self, monkeypatch):
        wanted = []
        monkeypatch.setattr(jobs, "enqueue_once", lambda name, **arguments: wanted.append(name))
        member = make_member("A1")
        events.publish(MemberEnrolled(member_id=member.pk, source_code=""))
        events.deliver()
        assert selectors.card_of(member.pk)
        assert wanted == ["cards.welcome"]

    def test_news_that_is_told_twice_issues_one_card(self, monkeypatch):
        monkeypatch.setattr(jobs, "enqueue_once", lambda name, **arguments: None)
        member = make_member("A1")
        for _ in range(2):
            events.publish(MemberEnrolled(member_id=member.pk, source_code=""))
        events.deliver()
        assert Card.objects.filter(member=member).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("country")
def test_two_issuers_at_once_issue_one_card_each_member(monkeypatch):
    monkeypatch.setattr(issuing, "BATCH", 5)
    for _ in range(30):
        make_member("A1")
    issued = at_once(*[lambda: issue_cards(actor=SYSTEM)] * 3)
    assert sum(issued) == 30
    assert Card.objects.count() == Member.objects.count() == 30
