"""Codes that cannot be guessed or mistyped; visitors counted without being known."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.core.domain.base32 import ALPHABET
from toli.sharing.domain import link_codec, visitors
from toli.sharing.domain.intents import intent_url

PHONE = "Mozilla/5.0 (Linux; Android 12; RMX3231) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari"


def test_a_code_survives_being_read_out():
    code = link_codec.new_code()
    assert link_codec.clean(code) == code
    assert link_codec.clean(f" {code.upper()} ") == code
    assert link_codec.clean(code.replace("0", "O").replace("1", "l")) == code


@given(st.integers(0, 9), st.sampled_from(ALPHABET))
def test_no_single_wrong_character_passes(position, char):
    code = link_codec.new_code()
    wrong = code[:position] + char.lower() + code[position + 1 :]
    assert link_codec.clean(wrong) == (code if wrong == code else None)


@given(st.text(max_size=30))
def test_any_text_is_answered(text):
    assert link_codec.clean(text) is None or len(link_codec.clean(text)) == 10


@pytest.mark.parametrize(
    "agent",
    ["", "  ", "WhatsApp/2.24.9.78 A", "facebookexternalhit/1.1", "Twitterbot/1.0", "TelegramBot (like TwitterBot)",
     "Mozilla/5.0 (compatible; Googlebot/2.1)", "curl/8.1", "python-requests/2", "Slackbot-LinkExpanding 1.0",
     "Mozilla/5.0 HeadlessChrome/126"],
)  # fmt: skip
def test_robots_are_not_people(agent):
    assert visitors.is_robot(agent)


@pytest.mark.parametrize("agent", [PHONE, "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Safari/604.1",
                                   "Opera/9.80 (J2ME/MIDP; Opera Mini/9.5) Presto/2.12"])  # fmt: skip
def test_browsers_are(agent):
    assert not visitors.is_robot(agent)


def test_a_visitor_is_known_for_one_day_only():
    monday = visitors.day_key(b"secret", date(2026, 11, 23))
    tuesday = visitors.day_key(b"secret", date(2026, 11, 24))
    assert visitors.visitor(monday, "1.2.3.4", PHONE) == visitors.visitor(monday, "1.2.3.4", PHONE)
    assert visitors.visitor(monday, "1.2.3.4", PHONE) != visitors.visitor(tuesday, "1.2.3.4", PHONE)
    assert visitors.visitor(monday, "1.2.3.4", PHONE) != visitors.visitor(monday, "1.2.3.5", PHONE)
    assert visitors.day_key(b"other", date(2026, 11, 23)) != monday


@pytest.mark.parametrize("channel", ["whatsapp", "telegram", "facebook", "x"])
def test_the_link_reaches_the_other_app_whole(channel):
    address = intent_url(channel, "पढ़ें & भेजें #1", "https://toli.example.org/s/abc")
    assert "toli.example.org%2Fs%2Fabc" in address or "toli.example.org/s/abc" in address
    assert " " not in address
    assert "#" not in address
