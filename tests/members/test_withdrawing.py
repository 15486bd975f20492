"""Consent is taken back without signing in, at once, and nobody is written to after the answer."""

import threading
from itertools import product

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_drive, make_member, make_territories
from toli.access.domain.scope import EVERYWHERE
from toli.accounts.ports import all_accepted
from toli.members import selectors, services
from toli.members.domain import withdrawal
from toli.members.domain.purposes import CHANNELS, PURPOSES
from toli.members.domain.withdrawal import Token
from toli.members.errors import WithdrawalUnknown
from toli.members.models import ConsentRecord, MemberState
from toli.members.services import sending

KEY = withdrawal.key_from("a secret")
TOKENS = st.builds(Token, st.integers(0, 2**63 - 1), st.sampled_from(PURPOSES), st.sampled_from(CHANNELS))


@pytest.fixture
def sent(texts):
    return texts


def agree(member, *channels, purpose="content"):
    services.set_consent(
        member_id=member.pk, purpose=purpose, given=True, language="hi", evidence={}, channels=channels
    )  # fmt: skip


def token_for(member, purpose="content", channel="sms"):
    path = services.withdrawal_path(member_id=member.pk, purpose=purpose, channel=channel)
    return path.removeprefix("/c/")


def send(*members, purpose="content", channel="sms"):
    texts = {member.pk: f"text of {member.pk}" for member in members}
    return services.send_texts(scope=EVERYWHERE, purpose=purpose, channel=channel, kind="test", texts=texts).sent


class TestToken:
    @given(TOKENS)
    def test_what_goes_in_comes_out(self, token):
        assert withdrawal.decode(withdrawal.encode(token, key=KEY), key=KEY) == token

    @given(TOKENS, st.integers(0, 200), st.integers(1, 255))
    def test_a_changed_token_is_refused(self, token, place, bits):
        text = withdrawal.encode(token, key=KEY)
        place %= len(text)
        other = text[:place] + chr(ord(text[place]) ^ (bits % 96 or 1)) + text[place + 1 :]
        if other != text:
            with pytest.raises(ValueError, match="not a token"):
                withdrawal.decode(other, key=KEY)

    @given(st.text(max_size=40))
    def test_made_up_text_is_refused(self, text):
        with pytest.raises(ValueError, match="not a token"):
            withdrawal.decode(text, key=KEY)

    def test_another_installations_token_is_refused(self):
        text = withdrawal.encode(Token(7, "content", "sms"), key=KEY)
        with pytest.raises(ValueError, match="not a token"):
            withdrawal.decode(text, key=withdrawal.key_from("another secret"))

    def test_it_is_short_enough_for_a_text_message(self):
        assert len(withdrawal.encode(Token(10_000_000, "membership", "call"), key=KEY)) <= 22


class TestChannels:
    def test_a_word_counts_for_its_channel_only(self, country):
        member = make_member("A1")
        agree(member, "whatsapp")
        reached = {
            channel: [pk for pk, _phone in selectors.reachable_points(EVERYWHERE, purpose="content", channel=channel)]
            for channel in CHANNELS
        }
        assert reached == {"sms": [], "whatsapp": [member.pk], "telegram": [], "call": [], "push": [], "email": []}

    def test_no_address_without_a_purpose_and_a_channel(self, country):
        make_member("A1")
        for purpose, channel in (("", "sms"), ("content", ""), ("religion", "sms"), ("content", "pigeon")):
            with pytest.raises(ValueError, match="is not a valid"):
                list(selectors.reachable_points(EVERYWHERE, purpose=purpose, channel=channel))
        with pytest.raises(TypeError):
            selectors.reachable_points(EVERYWHERE)

    def test_about_the_membership_a_no_to_one_channel_leaves_the_others(self, country):
        member = make_member("A1")
        services.withdraw(token=token_for(member, "membership", "sms"), what="membership", language="hi")
        for channel in CHANNELS:
            found = list(selectors.reachable_points(EVERYWHERE, purpose="membership", channel=channel))
            # For notifications there is no device, no account on Telegram, no mailbox.
            assert bool(found) is (channel not in ("sms", "push", "telegram", "email"))


class TestWithdrawing:
    def test_it_ends_the_purpose_at_once_and_keeps_the_evidence(self, country, sent):
        member = make_member("A1")
        agree(member)
        assert send(member) == 1
        services.withdraw(token=token_for(member), what="content", language="en")
        assert send(member) == 0
        assert send(member, channel="whatsapp") == 1
        last = ConsentRecord.objects.latest("pk")
        assert (last.given, last.channel, last.language, last.notice_version) == (False, "sms", "en", "1")
        assert last.evidence == {"page": "withdrawal link", "sent_for": "content", "sent_by": "sms"}

    def test_everything_ends_every_purpose_on_every_channel(self, country, sent):
        member = make_member("A1")
        agree(member)
        services.withdraw(token=token_for(member), what="all", language="hi")
        assert [send(member, purpose=p, channel=c) for p, c in product(PURPOSES, CHANNELS)] == [0] * 12

    def test_repeating_it_writes_nothing_more(self, country):
        member = make_member("A1")
        for _again in range(3):
            services.withdraw(token=token_for(member), what="all", language="hi")
        assert ConsentRecord.objects.count() == len(PURPOSES) * len(CHANNELS)

    def test_signing_in_and_agreeing_again_undoes_it(self, country, sent):
        member = make_member("A1")
        services.withdraw(token=token_for(member), what="all", language="hi")
        agree(member, "sms")
        assert send(member) == 1

    def test_another_members_consent_stays(self, country, sent):
        one, other = make_member("A1"), make_member("A1")
        for member in (one, other):
            agree(member)
        services.withdraw(token=token_for(one), what="all", language="hi")
        assert [send(one), send(other)] == [0, 1]

    def test_for_somebody_who_left_nothing_stands_and_nothing_is_written(self, country):
        member = make_member("A1", state=MemberState.LEFT)
        found = services.behind_withdrawal(token=token_for(member))
        assert set(found.standing.values()) == {False}
        assert found.last_digits == ""
        services.withdraw(token=token_for(member), what="all", language="hi")
        assert not ConsentRecord.objects.exists()

    def test_the_page_learns_two_digits_and_no_more(self, country):
        member = make_member("A1", phone="+910123456789")
        assert services.behind_withdrawal(token=token_for(member)).last_digits == "89"

    @pytest.mark.parametrize("token", ["", "made-up", "AAAA", "A" * 40, "é"])
    def test_unknown_links_are_refused(self, token, country):
        for act in (services.behind_withdrawal, lambda token: services.withdraw(token=token, what="all", language="")):
            with pytest.raises(WithdrawalUnknown):
                act(token=token)

    def test_only_purposes_and_everything_can_be_named(self, country):
        with pytest.raises(ValueError, match="religion"):
            services.withdraw(token=token_for(make_member("A1")), what="religion", language="hi")


class TestSending:
    def test_each_message_brings_its_own_way_out(self, country, sent):
        one, other = make_member("A1", language="en"), make_member("A1", language="hi")
        assert send(one, other, purpose="membership") == 2
        for member, message in zip((one, other), sent, strict=True):
            text, way_out = message.text.split("\n")
            assert text == f"text of {member.pk}"
            assert way_out.endswith(f"{settings.BASE_URL}/c/{token_for(member, 'membership')}")
        assert sent[0].text.split("\n")[1].startswith("To stop")
        assert not sent[1].text.split("\n")[1].startswith("To stop")

    def test_a_word_taken_back_after_the_texts_were_made_is_obeyed(self, country, sent):
        one, other = make_member("A1"), make_member("A1")
        texts = {member.pk: "welcome" for member in (one, other)}
        services.withdraw(token=token_for(one, "membership"), what="membership", language="hi")
        assert services.send_texts(scope=EVERYWHERE, purpose="membership", kind="welcome", texts=texts).sent == 1
        assert sent[0].text.endswith(token_for(other, "membership"))


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    """Two sessions of the database: one sends, one withdraws."""

    @pytest.fixture
    def member(self):
        make_territories("IN/UP/07/A1")
        make_drive()
        return make_member("A1")

    def test_a_withdrawal_that_meets_a_sender_is_answered_after_the_message_is_out(self, member, monkeypatch):
        story, fetched, withdrawing = [], threading.Event(), threading.Event()

        class Slow:
            def send_many(self, messages):
                fetched.set()
                withdrawing.wait(60)
                story.append(f"{len(messages)} sent")
                return all_accepted("slow", messages)

        monkeypatch.setattr(sending, "text_sender", Slow)

        def withdraw():
            fetched.wait(60)
            timer = threading.Timer(0.5, withdrawing.set)  # it stands at the lock by then
            timer.start()
            services.withdraw(token=token_for(member, "membership"), what="all", language="hi")
            story.append("withdrawn")
            connection.close()

        other = threading.Thread(target=withdraw)
        other.start()
        assert send(member, purpose="membership") == 1
        other.join(120)
        assert story == ["1 sent", "withdrawn"]
        assert send(member, purpose="membership") == 0

    def test_a_sender_that_meets_a_withdrawal_waits_and_sends_nothing(self, member, sent, monkeypatch):
        written, go_on = threading.Event(), threading.Event()
        real = services.consenting.audit.record_act

        def slow(actor, **fields):
            real(actor, **fields)
            written.set()
            go_on.wait(60)

        monkeypatch.setattr(services.consenting.audit, "record_act", slow)

        def withdraw():
            services.withdraw(token=token_for(member, "membership"), what="all", language="hi")
            connection.close()

        other = threading.Thread(target=withdraw)
        other.start()
        written.wait(60)
        timer = threading.Timer(0.5, go_on.set)
        timer.start()
        assert send(member, purpose="membership") == 0
        other.join(120)
        assert sent == []
