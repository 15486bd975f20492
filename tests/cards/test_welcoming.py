"""The first message: one for everybody, in their language, with a link that signs in once."""

import re

import pytest
from django.core import signing

from tests.factories import make_actor, make_card, make_member
from tests.together import at_once
from toli.accounts.domain.actor import ANONYMOUS, SYSTEM
from toli.accounts.domain.sending import Outcome
from toli.accounts.errors import TextNotCarried, TextNotSent
from toli.accounts.ports import Receipt
from toli.cards.domain.card_codec import shown
from toli.cards.errors import WelcomeInvalid, WelcomeUsed
from toli.cards.models import Card
from toli.cards.services import redeem_welcome, refuse_welcome, send_welcomes, welcome_path, welcoming
from toli.core import clock
from toli.core.errors import Forbidden, Unavailable
from toli.members.models import MemberState
from toli.members.services import sending


def token_of(card):
    return welcome_path(card).removeprefix("/w/")


@pytest.mark.usefixtures("country")
class TestSending:
    def test_everybody_with_a_card_is_welcomed_once(self, texts):
        cards = [make_card(make_member("A1")) for _ in range(3)]
        assert send_welcomes(actor=SYSTEM) == 3
        assert send_welcomes(actor=SYSTEM) == 0
        assert len(texts) == 3
        assert {text.kind for text in texts} == {"welcome"}
        assert all(Card.objects.get(pk=card.pk).welcomed_at for card in cards)

    def test_a_welcome_goes_to_the_members_own_number_with_their_own_card(self, texts):
        card = make_card(make_member("A1", phone="+910000000901", name="Sunita Devi"))
        make_card(make_member("A1", phone="+910000000902", name="Ravi Kumar"))
        send_welcomes(actor=SYSTEM)
        (text,) = [message.text for message in texts if message.to == "+910000000901"]
        assert "Sunita Devi" in text
        assert shown(card.number) in text
        assert "Ravi" not in text
        token = re.search(r"/w/(\S+)", text).group(1)
        assert redeem_welcome(token=token) == card.member_id

    def test_each_reads_the_name_of_the_organisation_in_their_language(self, texts):
        make_card(make_member("A1", language="hi", phone="+910000000901"))
        make_card(make_member("A1", language="en", phone="+910000000902"))
        send_welcomes(actor=SYSTEM)
        hindi, english = (message.text for message in sorted(texts, key=lambda message: message.to))
        assert hindi.startswith("जन सेतु संघ")
        assert english.startswith("Jan Setu Union")
        assert "your membership card is" in english

    def test_those_who_left_and_revoked_cards_are_not_welcomed(self, texts):
        make_card(make_member("A1", state=MemberState.LEFT))
        make_card(make_member("A1"), revoked_at=clock.now())
        make_member("A1")
        assert send_welcomes(actor=SYSTEM) == 0
        assert texts == []

    def test_batches_are_welcomed_one_by_one(self, texts, monkeypatch):
        monkeypatch.setattr(welcoming, "BATCH", 2)
        for _ in range(5):
            make_card(make_member("A1"))
        seen = []
        assert send_welcomes(actor=SYSTEM, advance=lambda done, total: seen.append((done, total))) == 5
        assert seen == [(2, 5), (4, 5), (5, 5)]

    def test_whose_message_surely_did_not_leave_is_welcomed_by_the_next_run_and_nobody_twice(self, monkeypatch, texts):
        ends = {"+910000000901": "accepted", "+910000000902": "down", "+910000000903": "unknown"}
        cards = {phone: make_card(make_member("A1", phone=phone)) for phone in ends}

        class Uneven:
            def send_many(self, messages):
                return [Receipt(Outcome(ends[message.to])) for message in messages]

        with monkeypatch.context() as patch:
            patch.setattr(sending, "text_sender", Uneven)
            assert send_welcomes(actor=SYSTEM) == 2
        waiting = Card.objects.filter(welcomed_at__isnull=True)
        assert [card.pk for card in waiting] == [cards["+910000000902"].pk]
        assert send_welcomes(actor=SYSTEM) == 1
        assert [text.to for text in texts] == ["+910000000902"]

    @pytest.mark.parametrize(("outcome", "error"), [("down", TextNotSent), ("refused", TextNotCarried)])
    def test_when_not_one_message_leaves_the_run_ends_and_nobody_is_marked(self, monkeypatch, outcome, error):
        class Gone:
            def send_many(self, messages):
                return [Receipt(Outcome(outcome)) for _ in messages]

        make_card(make_member("A1"))
        monkeypatch.setattr(sending, "text_sender", Gone)
        with pytest.raises(error):
            send_welcomes(actor=SYSTEM)
        assert Card.objects.get().welcomed_at is None

    def test_what_could_not_be_handed_over_is_not_marked(self, monkeypatch):
        class Broken:
            def send_many(self, messages):
                raise Unavailable

        make_card(make_member("A1"))
        monkeypatch.setattr(sending, "text_sender", Broken)
        with pytest.raises(Unavailable):
            send_welcomes(actor=SYSTEM)
        assert Card.objects.get().welcomed_at is None

    def test_welcomes_go_to_ones_own_branch_only(self, texts):
        inside, twin = make_card(make_member("A1")), make_card(make_member("B1"))
        assert send_welcomes(actor=make_actor({"cards.issue": "07"})) == 1
        inside.refresh_from_db()
        twin.refresh_from_db()
        assert inside.welcomed_at
        assert twin.welcomed_at is None

    def test_without_the_permission_nobody_is_welcomed(self, texts):
        make_card(make_member("A1"))
        for actor in (ANONYMOUS, make_actor({"members.view": "IN"})):
            with pytest.raises(Forbidden):
                send_welcomes(actor=actor)
        assert texts == []


@pytest.mark.usefixtures("country")
class TestTheLink:
    def test_it_signs_in_once(self):
        card = make_card(make_member("A1"))
        assert redeem_welcome(token=token_of(card)) == card.member_id
        with pytest.raises(WelcomeUsed):
            redeem_welcome(token=token_of(card))

    def test_it_lives_for_thirty_days(self, monkeypatch):
        token = token_of(make_card(make_member("A1")))
        now = signing.time.time()
        monkeypatch.setattr(signing.time, "time", lambda: now + 30 * 86400 + 2)
        with pytest.raises(WelcomeInvalid):
            redeem_welcome(token=token)
        monkeypatch.setattr(signing.time, "time", lambda: now + 30 * 86400 - 60)
        redeem_welcome(token=token)

    @pytest.mark.parametrize("payload", [1, "x", [], [1], [1, 2, 3], {"a": 1}])
    def test_other_things_that_we_signed_are_no_welcome(self, payload):
        with pytest.raises(WelcomeInvalid):
            redeem_welcome(token=signing.dumps(payload, salt=welcoming.SALT))

    def test_a_token_signed_for_another_purpose_is_no_welcome(self):
        card = make_card(make_member("A1"))
        with pytest.raises(WelcomeInvalid):
            redeem_welcome(token=signing.dumps([card.pk, card.number], salt="other"))

    @pytest.mark.parametrize("token", ["", "x", "a:b:c", "\x00", "न:न:न"])
    def test_an_invented_token_is_refused(self, token):
        with pytest.raises(WelcomeInvalid):
            redeem_welcome(token=token)

    def test_a_changed_token_is_refused(self):
        token = token_of(make_card(make_member("A1")))
        with pytest.raises(WelcomeInvalid):
            redeem_welcome(token="X" + token[1:])

    def test_it_ends_with_the_card_and_with_the_membership(self):
        revoked = make_card(make_member("A1"))
        token = token_of(revoked)
        Card.objects.filter(pk=revoked.pk).update(revoked_at=clock.now())
        left = token_of(make_card(make_member("A1", state=MemberState.LEFT)))
        for dead in (token, left):
            with pytest.raises(WelcomeInvalid):
                redeem_welcome(token=dead)

    def test_this_is_not_me_ends_the_membership_even_after_the_link_was_used(self):
        card = make_card(make_member("A1"))
        redeem_welcome(token=token_of(card))
        refuse_welcome(token=token_of(card))
        card.member.refresh_from_db()
        assert card.member.state == MemberState.LEFT
        with pytest.raises(WelcomeInvalid):
            refuse_welcome(token=token_of(card))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("country")
def test_a_link_opened_twice_at_once_signs_in_once():
    token = token_of(make_card(make_member("A1")))
    answers = at_once(*[lambda: redeem_welcome(token=token)] * 4)
    assert sum(isinstance(answer, WelcomeUsed) for answer in answers) == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("country")
def test_two_who_welcome_at_once_send_one_message_each_member(texts, monkeypatch):
    monkeypatch.setattr(welcoming, "BATCH", 3)
    for _ in range(20):
        make_card(make_member("A1"))
    sent = at_once(*[lambda: send_welcomes(actor=SYSTEM)] * 2)
    assert sum(sent) == len(texts) == len({text.to for text in texts}) == 20
