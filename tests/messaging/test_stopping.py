"""Whoever writes a word that means stop gets nothing more by this channel, and one answer where that is allowed."""

import asyncio
import json
from contextlib import nullcontext
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from django.utils import timezone

from tests.factories import make_member
from tests.messaging.conftest import SECRET, a_desk
from tests.messaging.test_callbacks import ask, committed, in_a_loop  # noqa: F401 a fixture
from tests.messaging.test_other_channels import SMS, a_desk_of
from toli.accounts.domain.actor import SYSTEM
from toli.compliance.models import Organisation
from toli.compliance.services import register_sms_template, set_rules
from toli.core import clock, events
from toli.emulators.sms import Reports, SmsGateway
from toli.emulators.sms import incoming_of as text_message
from toli.emulators.whatsapp_cloud import Webhooks, incoming_of, webhook
from toli.members import selectors as members
from toli.members.models import ConsentRecord
from toli.members.services import citizens, set_consent
from toli.messaging.models import Inbound, Message, ReceivedCallback, Sender
from toli.messaging.services import answering, callbacks

PHONE = "+910123456789"
ANSWER_HI = "जन सेतु संघ से आपको इस तरह अब कोई संदेश नहीं आएगा।"
STOPPED = f'[stopped.hi]\nid = "1107161234567890129"\ntext = "{ANSWER_HI}"'


@pytest.fixture(params=["whatsapp", "sms"])
def desk(request, union):
    """The desk of a sender that can be written to; ``desk.write`` brings in a text as its provider hands it on."""
    if request.param == "whatsapp":
        with a_desk() as made:
            made.body = lambda text, ref, at: json.dumps(webhook("1", [], [incoming_of(PHONE, text, ref, at)])).encode()
            yield made
    else:
        set_rules(actor=SYSTEM, sms_templates_needed=False)
        settings = {**SMS, "entity": "", "templates": ""}
        with a_desk_of("sms", SmsGateway(secret="s3cret"), settings, ("url", "/send")) as made:
            made.body = lambda text, ref, _at: text_message(PHONE, text, ref)
            yield made


def write(desk, text, ref="in.1", at=None):
    callbacks.keep_callbacks([(desk.sender.pk, desk.body(text, ref, at))], at=clock.now())
    callbacks.read_callbacks()
    events.deliver()


def channel_of(desk):
    return {"whatsapp_cloud": "whatsapp"}.get(desk.sender.provider, desk.sender.provider)


def family(count=2):
    """Members who share a telephone."""
    found = [make_member(territory="07", phone=PHONE if place == 0 else None) for place in range(count)]
    index = found[0].contact_points.get().value_index
    for place, member in enumerate(found[1:], start=1):
        member.contact_points.update(value_index=index, ordinal=place)
    return [member.pk for member in found]


def answers(desk):
    """What was answered, as it arrived at the number."""
    desk.dispatch()
    found = [item for item in desk.emulator.messages if item["to"] == PHONE]
    return [item.get("text") or item["body"]["text"]["body"] for item in found]


def test_it_is_a_no_to_this_channel_of_everybody_with_this_number_and_to_no_other(desk):
    ids, stranger = family(3), make_member(territory="07").pk
    write(desk, "बंद करो।")
    for member_id in ids:
        assert members.words(member_id) == {(p, channel_of(desk)): False for p in ("membership", "content")}
    assert members.words(stranger) == {}


@pytest.mark.parametrize(("text", "language"), [("Stop!", "en"), ("रोकें", "hi"), ("নিষেধ", None), ("நிறுத்து", "ta")])
def test_the_ledger_has_the_language_of_the_word(desk, text, language):
    family(1)
    write(desk, text)
    found = set(ConsentRecord.objects.filter(given=False).values_list("language", flat=True))
    assert found == ({language} if language else set())


def test_what_waits_for_them_is_called_off_and_what_waits_for_others_is_not(desk):
    ids, stranger = family(), make_member(territory="07").pk
    desk.queue(desk.batch(), [*ids, stranger])
    write(desk, "STOP")
    assert desk.states(member_id__in=ids, reason="stopped") == {"cancelled": 2}
    assert desk.states(member_id=stranger) == {"queued": 1}


def test_one_answer_for_one_telephone_in_the_language_of_the_word(desk):
    family(3)
    write(desk, "STOP")
    assert answers(desk) == ["Jan Setu Union will send you no more messages this way."]


def test_told_twice_it_is_one_no_and_one_answer(desk):
    (member_id,) = family(1)
    for ref in ("in.1", "in.1", "in.2"):
        write(desk, "STOP", ref)
    assert ConsentRecord.objects.filter(member_id=member_id).count() == 2  # a word on each purpose
    assert len(answers(desk)) == 1
    assert Inbound.objects.count() == 2


def test_after_a_new_yes_a_new_stop_counts(desk):
    (member_id,) = family(1)
    write(desk, "STOP", "in.1")
    agree(desk, member_id)
    write(desk, "STOP", "in.2", int(clock.now().timestamp()) + 1)
    assert members.words(member_id)["content", channel_of(desk)] is False


def agree(desk, member_id):
    set_consent(member_id=member_id, purpose="content", given=True, language="hi", evidence={"page": "test"},
                channels=(channel_of(desk),))  # fmt: skip


def test_a_stop_that_comes_late_does_not_undo_a_later_yes(union):
    with a_desk() as desk:
        desk.body = lambda text, ref, at: json.dumps(webhook("1", [], [incoming_of(PHONE, text, ref, at)])).encode()
        (member_id,) = family(1)
        agree(desk, member_id)
        write(desk, "STOP", at=int((clock.now() - timedelta(hours=2)).timestamp()))
        assert members.words(member_id) == {("content", "whatsapp"): True, ("membership", "whatsapp"): False}


def test_a_citizen_who_is_no_member_is_heard_as_well(desk):
    """Their word is taken back as a whole, and their number goes."""
    citizens.agree(phone=PHONE, territory_code="07", channels=["sms"], language="hi")
    write(desk, "STOP", at=soon())
    assert citizens.agreed_with(PHONE) is None
    row = ConsentRecord.objects.get(given=False)
    assert (row.language, row.evidence) == ("en", {"page": "wrote stop"})


def soon():
    return int(clock.now().timestamp()) + 1


class TestCitizens:
    """Nothing of them is kept but the proof; the one answer goes out all the same."""

    @pytest.fixture
    def citizen(self, desk):
        citizens.agree(phone=PHONE, territory_code="07", channels=["sms"], language="hi")

    @pytest.mark.parametrize(("word", "said"), [
        ("STOP", "Jan Setu Union will send you no more messages this way."), ("बंद", ANSWER_HI), ("நிறுத்து", ANSWER_HI),
    ])  # fmt: skip
    def test_one_answer_by_the_same_sender_in_the_language_of_the_word_or_their_own(self, desk, citizen, word, said):
        write(desk, word, at=soon())
        owed = bytes(Inbound.objects.get().reply_sealed)
        assert owed
        assert PHONE.encode() not in owed
        assert answering.give_answers() == 1
        assert answers(desk) == [said]
        assert not bytes(Inbound.objects.get().reply_sealed)
        assert not Message.objects.exists()

    def test_never_twice_whatever_comes_again(self, desk, citizen):
        for ref in ("in.1", "in.1", "in.2", "in.3"):
            write(desk, "STOP", ref, at=soon())
        assert answering.give_answers() == 1
        assert answering.give_answers() == 0
        assert len(answers(desk)) == 1

    def test_a_process_that_dies_in_the_call_leaves_nothing_to_be_sent_again(self, desk, citizen, monkeypatch):
        write(desk, "STOP", at=soon())

        def dies(*_given, **_more):
            raise SystemExit

        with monkeypatch.context() as patch:
            patch.setattr(answering, "send_now", dies)
            with pytest.raises(SystemExit):
                answering.give_answers()
        assert answering.give_answers() == 0

    def test_by_night_it_waits_for_the_morning_and_no_longer_than_twelve_hours(self, desk, citizen, monkeypatch):
        hour = timezone.localtime().replace(minute=0)
        set_rules(actor=SYSTEM, quiet_from=(hour - timedelta(hours=1)).time(),
                  quiet_until=(hour + timedelta(hours=2)).time())  # fmt: skip
        write(desk, "STOP", at=soon())
        assert answering.give_answers() == 0
        assert bytes(Inbound.objects.get().reply_sealed)
        Inbound.objects.update(received_at=clock.now() - timedelta(hours=13))
        assert answering.give_answers() == 0
        assert not bytes(Inbound.objects.get().reply_sealed)
        assert answers(desk) == []

    def test_where_the_sender_stands_still_it_waits_and_where_it_is_off_it_is_forgotten(self, desk, citizen):
        write(desk, "STOP", at=soon())
        Sender.objects.update(state="paused")
        assert answering.give_answers() == 0
        assert bytes(Inbound.objects.get().reply_sealed)
        Sender.objects.update(state="off")
        assert answering.give_answers() == 0
        assert not bytes(Inbound.objects.get().reply_sealed)

    def test_a_stranger_is_not_answered(self, desk):
        write(desk, "STOP", at=soon())
        assert answering.give_answers() == 0
        assert answers(desk) == []

    def test_a_member_is_answered_by_the_outbox_and_only_there(self, desk):
        family(1)
        write(desk, "STOP", at=soon())
        assert answering.give_answers() == 0
        assert len(answers(desk)) == 1


def test_the_header_may_stand_behind_the_word(union):
    set_rules(actor=SYSTEM, sms_templates_needed=False)
    with a_desk_of("sms", SmsGateway(secret="s3cret"), {**SMS, "templates": ""}, ("url", "/send")) as desk:
        desk.body = lambda text, ref, _at: text_message(PHONE, text, ref)
        (member_id,) = family(1)
        write(desk, f"stop vm-{SMS['header']}")
        assert members.words(member_id)["content", "sms"] is False


def test_a_citizens_stop_that_comes_late_does_not_undo_a_later_agreement(union):
    with a_desk() as desk:
        desk.body = lambda text, ref, at: json.dumps(webhook("1", [], [incoming_of(PHONE, text, ref, at)])).encode()
        citizens.agree(phone=PHONE, territory_code="07", channels=["sms"], language="hi")
        write(desk, "STOP", at=int((clock.now() - timedelta(hours=2)).timestamp()))
        assert citizens.agreed_with(PHONE) is not None


class TestRegisteredTexts:
    """In India a text leaves when it is registered."""

    @pytest.mark.parametrize("registered", [False, True])
    def test_the_answer_is_a_registered_text_or_there_is_none(self, union, registered):
        settings = {**SMS, "templates": STOPPED if registered else ""}
        if registered:
            register_sms_template(actor=SYSTEM, code="stopped", registered_id="1", header="JANSET", text="x")
        with a_desk_of("sms", SmsGateway(secret="s3cret"), settings, ("url", "/send")) as desk:
            desk.body = lambda text, ref, _at: text_message(PHONE, text, ref)
            (member_id,) = family(1)
            write(desk, "बंद")
            assert answers(desk) == [ANSWER_HI] * registered
            assert members.words(member_id)["content", "sms"] is False

    @pytest.mark.parametrize("registered", [False, True])
    def test_the_same_holds_for_citizens(self, union, registered):
        settings = {**SMS, "templates": STOPPED if registered else ""}
        if registered:
            register_sms_template(actor=SYSTEM, code="stopped", registered_id="1", header="JANSET", text="x")
        with a_desk_of("sms", SmsGateway(secret="s3cret"), settings, ("url", "/send")) as desk:
            desk.body = lambda text, ref, _at: text_message(PHONE, text, ref)
            citizens.agree(phone=PHONE, territory_code="07", channels=["sms"], language="hi")
            write(desk, "बंद")
            answering.give_answers()
            assert answers(desk) == [ANSWER_HI] * registered
            assert not bytes(Inbound.objects.get().reply_sealed)


def test_nobody_is_answered_whom_the_provider_may_not_write_to(union):
    """The word counts all the same."""
    with a_desk() as desk:
        desk.body = lambda text, ref, at: json.dumps(webhook("1", [], [incoming_of(PHONE, text, ref, at)])).encode()
        (member_id,) = family(1)
        Organisation.objects.update(kind="political")
        write(desk, "STOP")
        assert members.words(member_id)["content", "whatsapp"] is False
        assert not Message.objects.exists()


def test_nothing_else_leaves_as_an_answer(desk):
    with pytest.raises(ValueError, match="no answer"):
        desk.batch(purpose="answer", subject="kit:1")


# -- from the provider's number to the disk, by HTTP -----------------------------------------------


@pytest.mark.parametrize("kind", ["whatsapp_cloud", "sms"])
def test_the_emulators_hand_on_what_people_write(committed, kind):  # noqa: F811
    """Signed over the raw body, told twice; on disk before it is answered."""
    make_member(territory="07", phone=PHONE)
    if kind == "sms":
        emulator = SmsGateway(secret="s3cret", reports=Reports(secret="r3port", twice=True))
        made = a_desk_of("sms", emulator, {**SMS, "entity": "", "templates": ""}, ("url", "/send"), code="texts")
    else:
        made = nullcontext(committed)
        committed.emulator.webhooks = Webhooks(app_secret=SECRET, twice=1)
    with made as desk:
        hooks = desk.emulator.reports if kind == "sms" else desk.emulator.webhooks

        async def talk(app):
            async def handle(request):
                headers = [(name.lower().encode(), value.encode()) for name, value in request.headers.items()]
                status, _ = await ask(app, request.path, body=await request.read(), headers=headers)
                statuses.append(status)
                return web.Response(status=status)

            statuses = []
            site = web.Application()
            site.router.add_post("/{path:.*}", handle)
            runner = web.AppRunner(site)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            hooks.url = f"http://127.0.0.1:{runner.addresses[0][1]}/in/{desk.sender.code}"
            async with aiohttp.ClientSession() as person:
                await person.post(f"{desk.url}/inbox", json={"from": PHONE, "text": "STOP"})
            for _ in range(200):
                if len(statuses) == 2:
                    break
                await asyncio.sleep(0.02)
            await runner.cleanup()
            return statuses

        assert in_a_loop(talk) == [200, 200]
        assert ReceivedCallback.objects.count() == 2
        callbacks.read_callbacks()
        assert Inbound.objects.count() == 1
