"""What operators in India require of a text, and how a gateway is described."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contracts.conftest import TEMPLATES, code, sms_sender, welcome
from toli.accounts.domain.sending import Outcome
from toli.accounts.ports import TextMessage
from toli.emulators.running import running
from toli.emulators.sms import SmsGateway
from toli.integrations.sms.gateway import GatewayError, parse, read
from toli.integrations.sms.requests import fields_of, is_accepted
from toli.integrations.sms.segments import BASIC, EXTENSION, size_of
from toli.integrations.sms.templates import Template

GOOD = {"url": "https://sms.example/send", "header": "JANSET", "entity": "1101234567890", "templates": TEMPLATES}


class TestSegments:
    @pytest.mark.parametrize(
        ("text", "unicode", "segments"),
        [
            ("", False, 1),
            ("a" * 160, False, 1),
            ("a" * 161, False, 2),
            ("a" * 306, False, 2),
            ("a" * 307, False, 3),
            ("€" * 80, False, 1),
            ("€" * 81, False, 2),
            ("क" * 70, True, 1),
            ("क" * 71, True, 2),
            ("क" * 134, True, 2),
            ("क" * 135, True, 3),
            ("😀" * 35, True, 1),
            ("😀" * 36, True, 2),
            ("a" * 159 + "ç", True, 3),
        ],
    )
    def test_the_size_of_a_text(self, text, unicode, segments):
        found = size_of(text)
        assert (found.unicode, found.segments) == (unicode, segments)

    @given(st.text())
    def test_a_text_is_unicode_exactly_when_a_character_is_not_in_the_gsm_alphabet(self, text):
        assert size_of(text).unicode == bool(set(text) - BASIC - EXTENSION)

    @given(st.text(), st.text(max_size=1))
    def test_more_text_is_never_fewer_pieces(self, text, more):
        assert size_of(text + more).segments >= size_of(text).segments


class TestTemplates:
    def test_a_message_must_be_the_registered_text_to_the_letter(self):
        template = Template("1107161234567890123", "{#var#} is your Toli code.")
        assert template.fits("123456 is your Toli code.")
        for other in ("123456 is your Toli code", "123456 is your toli code.", "123456 is your Toli  code."):
            assert not template.fits(other)

    def test_a_variable_holds_thirty_characters_and_no_new_line(self):
        template = Template("1107161234567890123", "Dear {#var#}!")
        assert template.fits("Dear " + "x" * 30 + "!")
        assert not template.fits("Dear " + "x" * 31 + "!")
        assert not template.fits("Dear x\ny!")
        assert Template("1107161234567890123", "Dear {#var#}{#var#}!").fits("Dear " + "x" * 60 + "!")

    def test_a_tagged_variable_holds_what_its_tag_says(self):
        assert Template("1", "Code {#numeric#}").fits("Code 123456")
        assert not Template("1", "Code {#numeric#}").fits("Code 12a456")
        assert Template("1", "See {#url#}").fits("See https://toli.example/w/" + "x" * 90)

    @given(st.text(alphabet=st.characters(exclude_characters="{}"), min_size=1))
    def test_signs_of_a_text_mean_themselves(self, text):
        assert Template("1", text).fits(text)
        assert not Template("1", text).fits(text + "x")

    @pytest.mark.parametrize("kind", ["welcome", "code"])
    def test_what_is_not_registered_is_refused_before_it_is_sent(self, kind):
        emulator = SmsGateway()
        with running(emulator) as url:
            sender = sms_sender(url)
            english = TextMessage("+910000000001", "Other words", kind, "en", "1")
            (receipt,) = sender.send_many([english])
        wanted = "template_missing" if kind == "welcome" else "template_differs"
        assert (receipt.outcome, receipt.reason) == (Outcome.REFUSED, wanted)
        assert emulator.requests == 0


class TestGateway:
    def test_the_gateway_is_told_sender_entity_and_template(self):
        assert fields_of(parse(GOOD), welcome(to="+910000000001")) == {
            "to": "910000000001",
            "message": welcome().text,
            "sender": "JANSET",
            "entity_id": "1101234567890",
            "template_id": "1107161234567890125",
            "unicode": True,
        }

    def test_fields_are_called_as_the_gateway_calls_them(self):
        gateway = parse(
            {**GOOD, "fields": {"to": "mobile", "unicode": "", "template": "DLT_TE_ID"}, "constants": {"route": "4"}}
        )
        fields = fields_of(gateway, code())
        assert fields["mobile"] == code().to[1:]
        assert fields["DLT_TE_ID"] == "1107161234567890123"
        assert fields["route"] == "4"
        assert not {"to", "unicode", "template_id"} & set(fields)

    def test_a_gateway_that_answers_200_to_everything_is_read_more_closely(self):
        gateway = parse({**GOOD, "accepted": {"field": "status", "value": "success"}})
        assert is_accepted(gateway, b'{"status": "Success"}')
        for body in (b'{"status": "failed"}', b"", b"[]", b"OK", b'{"state": "success"}'):
            assert not is_accepted(gateway, body)

    def test_its_refusal_in_a_good_answer_is_no_acceptance(self):
        with running(SmsGateway()) as url:
            sender = sms_sender(url, accepted={"field": "status", "value": "queued"})
            (receipt,) = sender.send_many([code()])
        assert (receipt.outcome, receipt.reason) == (Outcome.REFUSED, "not_accepted")

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"url": "http://sms.example/send"}, "url"),
            ({"url": "ftp://sms.example"}, "url"),
            ({"url": "https://me:pass@sms.example/send"}, "secret has a place of its own"),
            ({"shape": "soap"}, "shape"),
            ({"header": "JAN"}, "six characters"),
            ({"entity": "abc"}, "entity"),
            ({"auth": "{secret}"}, "auth"),
            ({"auth": "X-Key: constant"}, "auth"),
            ({"fields": {"number": "to"}}, "fields"),
            ({"accepted": {"field": "x"}}, "accepted"),
            ({"heeder": "JANSET"}, "heeder"),
            ({"templates": {"code": {"hi": {"id": "12", "text": "x"}}}}, "templates.code.hi"),
            ({"templates": {"code": {"hi": {"id": "1107161234567890123", "text": "{#name#}"}}}}, "unknown variable"),
            ({"templates": {"code": {"hi": "text"}}}, "write id and text"),
        ],
    )
    def test_each_mistake_is_named(self, change, told):
        with pytest.raises(GatewayError, match=re.escape(told)):
            parse({**GOOD, **change})

    def test_all_mistakes_are_named_at_once(self):
        with pytest.raises(GatewayError) as refusal:
            parse({**GOOD, "header": "X", "shape": "soap"})
        assert "header" in str(refusal.value)
        assert "shape" in str(refusal.value)

    def test_a_file_that_is_not_there_or_not_toml_is_told(self, tmp_path):
        with pytest.raises(GatewayError, match="cannot be read"):
            read(tmp_path / "none.toml")
        (tmp_path / "bad.toml").write_text("url = ")
        with pytest.raises(GatewayError, match="not TOML"):
            read(tmp_path / "bad.toml")

    def test_it_says_which_texts_have_no_template(self):
        assert parse(GOOD).missing(("code", "welcome"), ("hi", "en")) == ["welcome.en"]
