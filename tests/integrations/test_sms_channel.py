"""SMS as a channel of the outbox: what is registered leaves, and what the gateway reports is understood."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.test_channel_provider import NUMBER, send, verdicts
from toli.core import clock
from toli.emulators.faults import Fault, Faults
from toli.emulators.running import running
from toli.emulators.sms import SmsGateway, report_of, signed
from toli.integrations.sms import reports
from toli.integrations.sms.channel import SmsChannelProvider
from toli.integrations.sms.settings import Settings
from toli.integrations.sms.times import OLDEST, ReportTimes
from toli.messaging.domain.states import Tidings
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.errors import MessageRefused
from toli.messaging.ports import Callback, CallbackRejected, Content, Letter

TEMPLATES = """
[meeting.hi]
id = "1107161234567890123"
text = "{#var#}, आज {#var#} बजे बैठक है।"
[meeting.en]
id = "1107161234567890124"
text = "{#var#}, the meeting is at {#numeric#} today."
"""
INDIA = Settings(
    url="https://sms.example/send", secret="s3cret", header="JANSET", report_secret="r3port",
    entity="1101234567890123456", templates=TEMPLATES,
)  # fmt: skip


def body(settings=INDIA, params=(), correlation="c.1", **content):
    letter = Letter(NUMBER, Content(**content), params, correlation)
    return json.loads(SmsChannelProvider(settings).render(letter))


class TestRegisteredTexts:
    def test_a_named_text_leaves_with_what_the_operators_ask_for(self):
        assert body(template="meeting", language="hi", params=("सुनीता", "5")) == {
            "to": NUMBER[1:],
            "message": "सुनीता, आज 5 बजे बैठक है।",
            "sender": "JANSET",
            "entity_id": "1101234567890123456",
            "template_id": "1107161234567890123",
            "unicode": True,
            "reference": "c.1",
        }

    def test_free_words_leave_when_they_are_a_registered_text(self):
        found = body(text="Sunita, the meeting is at 5 today.")
        assert found["template_id"] == "1107161234567890124"

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            ({"text": "Sunita, the meeting is off."}, "template_missing"),
            ({"template": "other", "language": "hi"}, "template_missing"),
            ({"template": "meeting", "language": "ta"}, "template_missing"),
            ({"template": "meeting", "language": "en", "params": ("Sunita",)}, "template_params"),
            ({"template": "meeting", "language": "en", "params": ("Sunita", "five")}, "template_differs"),
            ({"template": "meeting", "language": "en", "params": ("S" * 31, "5")}, "template_differs"),
        ],
    )
    def test_what_operators_would_drop_after_it_was_paid_for_is_refused(self, content, reason):
        with pytest.raises(MessageRefused) as refusal:
            body(**content)
        assert refusal.value.params["reason"] == reason

    def test_where_nothing_is_registered_any_words_leave(self):
        found = body(replace(INDIA, entity="", templates=""), text="Hello!")
        assert (found["message"], found["template_id"]) == ("Hello!", "")

    @pytest.mark.parametrize(("text", "reason"), [("", "empty"), ("क" * 671, "too_long")])
    def test_neither_nothing_nor_more_than_ten_pieces(self, text, reason):
        with pytest.raises(MessageRefused) as refusal:
            body(replace(INDIA, entity="", templates=""), text=text)
        assert refusal.value.params["reason"] == reason


class TestSettings:
    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"url": "http://sms.example/send"}, "url"),
            ({"templates": "[x"}, "templates"),
            ({"templates": '[code.hi]\nid = "12"\ntext = "x"'}, "templates.code.hi"),
            ({"otherwise": 'url = "https://elsewhere.example"'}, "otherwise: url"),
            ({"secret": "ä"}, "ASCII"),
        ],
    )
    def test_each_mistake_is_named(self, change, told):
        with pytest.raises(ValueError, match=told):
            replace(INDIA, **change)

    def test_a_gateway_with_other_names_and_forms(self):
        twilio = replace(
            INDIA, shape="form", entity="", templates="", header="+15005550006", otherwise='user = "AC1"\n'
        )
        provider = SmsChannelProvider(twilio)
        payload = provider.render(Letter(NUMBER, Content("Hi!"), (), "c.1"))
        assert payload == b"To=%2B910123456789&Body=Hi%21&From=%2B15005550006"


class TestAnswers:
    @pytest.mark.parametrize(
        ("error", "verdict"),
        [
            ("21610", Verdict.OPTED_OUT), ("DND", Verdict.OTHER_CHANNEL), ("Template mismatch", Verdict.STOP_TEMPLATE),
            ("insufficient balance", Verdict.PAUSE_SENDER), ("unheard-of", Verdict.REFUSED),
        ],
    )  # fmt: skip
    def test_codes_are_understood(self, error, verdict):
        assert answers(SmsGateway(error=error)) == [verdict]

    def test_a_wrong_key_pauses_the_sender(self):
        assert answers(SmsGateway(secret="another")) == [Verdict.PAUSE_SENDER]

    def test_the_gateway_says_how_long_to_wait(self):
        with running(SmsGateway(faults=Faults(Fault.BUSY, retry_after=7))) as url:
            (receipt,) = send(provider_at(url), a_letter())
        assert (receipt.verdict, receipt.retry_after) == (Verdict.SLOW_SENDER, 7.0)

    def test_a_refusal_in_a_good_answer_is_no_acceptance(self):
        otherwise = '[accepted]\nfield = "status"\nvalue = "queued"'
        assert answers(SmsGateway(), otherwise=otherwise) == [Verdict.REFUSED]


class TestReports:
    def read(self, body, **settings):
        return list(SmsChannelProvider(replace(INDIA, **settings)).parse_callback(body))

    @pytest.mark.parametrize(
        ("word", "tidings", "verdict"),
        [
            ("DELIVRD", Tidings.DELIVERED, None), ("delivered", Tidings.DELIVERED, None), ("sent", Tidings.SENT, None),
            ("UNDELIV", Tidings.FAILED, Verdict.OTHER_CHANNEL), ("REJECTD", Tidings.FAILED, Verdict.OTHER_CHANNEL),
        ],
    )  # fmt: skip
    def test_states_of_smpp_and_words_of_others(self, word, tidings, verdict):
        (event,) = self.read(report_of("c.1", word, "r1"))
        assert (event.tidings, event.verdict, event.correlation, event.ref) == (tidings, verdict, "c.1", "r1")

    def test_a_form_as_twilio_sends_it(self):
        (event,) = self.read(b"MessageSid=SM1&MessageStatus=undelivered&ErrorCode=30007")
        assert (event.ref, event.verdict, event.code) == ("SM1", Verdict.STOP_BATCH, "30007")

    def test_several_at_once_and_what_says_nothing_is_left_out(self):
        several = [{"reference": "c.1", "status": "DELIVRD"}, {"status": "DELIVRD"}, {"reference": "c.2"}, 5]
        assert [event.correlation for event in self.read(json.dumps(several).encode())] == ["c.1"]

    def test_a_gateway_that_signs_nothing_brings_the_key_along(self):
        provider = SmsChannelProvider(replace(INDIA, report_header=""))
        report = report_of("c.1", "DELIVRD")
        provider.verify(Callback(report, {}, {"token": "r3port"}))
        for query in ({}, {"token": ""}, {"token": "R3port"}, {"token": "é"}):
            with pytest.raises(CallbackRejected):
                provider.verify(Callback(report, {}, query))

    def test_nobody_is_greeted(self):
        with pytest.raises(CallbackRejected):
            SmsChannelProvider(INDIA).greet(Callback(b"", {}))


def a_letter():
    return Letter(NUMBER, Content(template="meeting", language="en"), ("Sunita", "5"), "c.1")


def provider_at(url, **more):
    return SmsChannelProvider(replace(INDIA, url=f"{url}/send", **more))


def answers(emulator, **more):
    with running(emulator) as url:
        return verdicts(send(provider_at(url, **more), a_letter()))


def test_signatures_of_the_emulator_are_ours():
    assert signed(b"x", "k") == reports.signature_of(b"x", "k")


NOW = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


class TestTimesOfReports:
    """What a gateway says about the moment counts, as far as its clock can be believed."""

    @pytest.mark.parametrize(("told", "field", "minutes"), [
        ({"pattern": "%y%m%d%H%M", "zone": "Asia/Kolkata"}, "2612011729", 1),
        ({"pattern": "%Y-%m-%d %H:%M:%S"}, "2026-12-01 11:30:00", 30),
        ({}, "2026-12-01T11:58:00+00:00", 2), ({}, "2026-12-01T17:28:00+05:30", 2),
        ({}, int(NOW.timestamp()) - 60, 1), ({}, str((int(NOW.timestamp()) - 60) * 1000), 1),
        ({}, "2026-12-01T12:20:00+00:00", 0), ({}, "2020-01-01T00:00:00+00:00", 0), ({}, "soon", 0), ({}, "", 0),
        ({}, "9" * 40, 0), ({}, None, 0), ({}, ["x"], 0), ({"pattern": "%y%m%d"}, "x", 0),
        ({"pattern": "%Y%Y"}, "20262026", 0), ({}, "\u0663", 0),
    ])  # fmt: skip
    def test_it_is_read_as_declared_and_bounded(self, told, field, minutes):
        at = ReportTimes("done", told.get("pattern", ""), told.get("zone", "UTC")).of({"done": field}, NOW)
        assert at == NOW - timedelta(minutes=minutes)

    def test_without_a_declared_field_the_moment_is_when_it_came(self):
        assert ReportTimes().of({"done": "2026-12-01T11:58:00+00:00"}, NOW) == NOW

    @given(st.text(), st.text(max_size=12))
    def test_whatever_stands_there_is_never_after_now_and_never_older_than_three_days(self, text, pattern):
        at = ReportTimes("done", f"%Y{pattern}" if pattern else "").of({"done": text}, NOW)
        assert NOW - OLDEST <= at <= NOW

    @pytest.mark.parametrize(
        "wrong", [("", "%Y"), ("done", "", "Asia/Nowhere"), ("done", "yymmdd"), ("done", "", "../x"), ("done", "", "")]
    )
    def test_what_is_declared_wrongly_is_refused(self, wrong):
        with pytest.raises(ValueError, match="report_time"):
            ReportTimes(*wrong)

    def test_the_reader_knows_the_senders_settings_and_no_keys(self):
        reader = SmsChannelProvider.reader({"report_time": "done", "report_time_pattern": "%Y-%m-%d %H:%M"})
        before = clock.now().replace(second=0, microsecond=0) - timedelta(hours=1)
        body = json.dumps({"reference": "a.1", "status": "DELIVRD", "done": before.strftime("%Y-%m-%d %H:%M")}).encode()
        (event,) = reader.parse_callback(body)
        assert event.at == before
        assert not hasattr(reader, "_settings")
