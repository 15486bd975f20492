"""What a log may not hold is masked in every spelling; what an operator needs to read stays."""

import base64
import contextlib
import io
import json
import logging
import subprocess
import sys
import threading
import time
from urllib.parse import quote, quote_plus, unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.core import redaction
from toli.core.redaction import clean, redact

DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")
WIDE = str.maketrans("0123456789", "０१２３４５６７８９")
GAPS = ("", " ", "-", "\u00a0", "\u2009", ".", " - ", "\u2011")


@st.composite
def written_numbers(draw):
    """``(digits, text)``: an Indian number and one of the ways in which people and programs write it."""
    digits = draw(st.text("0123456789", min_size=10, max_size=10))
    cuts = draw(st.sampled_from([(10,), (5, 5), (3, 3, 4), (4, 3, 3), (2, 4, 4), (2, 2, 2, 2, 2)]))
    gap = draw(st.sampled_from(GAPS))
    parts, rest = [], digits
    for cut in cuts:
        parts.append(rest[:cut])
        rest = rest[cut:]
    prefix = draw(st.sampled_from(("", "+91", "+91 ", "91", "0", "0091", "(+91) ", "+91-")))
    text = prefix + gap.join(parts)
    script = draw(st.sampled_from((None, DEVANAGARI, WIDE)))
    encoding = draw(st.sampled_from(ENCODINGS)) if script is not WIDE else str
    return digits, encoding(text.translate(script) if script else text)


def plain(text):
    """Digits of any script as 0 to 9, without what can stand between them."""
    return "".join(str(int(char)) if char.isdecimal() else char for char in text)


CONTEXTS = (
    "{}", "phone={}", "number '{}' refused", "['{}']", '{{"to": "{}"}}', "tel:{}", "<{}>", "job[7](to='{}')",
    "x{}y", "({})", "no.{}", "2026-11-25 06:58 {}", "10.0.0.1 {}", "नंबर {} पर", "#{}", "/people/{}/", "{}, {}",
)  # fmt: skip
ENCODINGS = (
    str,
    quote,
    quote_plus,
    lambda text: json.dumps({"to": text}),
    lambda text: repr(text.encode()),
    lambda text: ascii(text),
)


class TestNumbers:
    @given(written_numbers(), st.sampled_from(CONTEXTS))
    def test_no_way_of_writing_a_number_gets_through(self, number, context):
        digits, text = number
        shown = unquote_plus(redact(context.format(text, text)))
        with contextlib.suppress(UnicodeError, ValueError):  # as bytes or escaped: what would they stand for?
            shown += shown.encode("ascii").decode("unicode_escape").encode("latin-1").decode()
        left = "".join(char for char in plain(shown) if char.isdecimal())
        assert digits not in left
        assert digits[-7:] not in left

    @given(st.integers(1, 999), st.text("0123456789", min_size=8, max_size=12))
    def test_numbers_of_other_countries(self, country, digits):
        assert digits[-6:] not in redact(f"to +{country}{digits.zfill(10)}")

    @pytest.mark.parametrize(
        "text",
        [
            "2026-11-25 06:58:33,123 WARNING django.request Not Found: /help",
            "2026-11-25T06:58:33.123456+00:00",
            "listening on 127.0.0.1:54321",
            "host 192.168.100.200, port 5432",
            "job 123456 of 7 waits for 30 s",
            "line 12, in view",
            "1,234,567 rows",
            "group 42 has 900 of 1024 seats",
        ],
    )
    def test_what_an_operator_needs_stays(self, text):
        assert redact(text) == text


TOKEN = "kT9-x_Zq0aL3mN5pQ7rS"


class TestTokens:
    @pytest.mark.parametrize("door", ["a", "w", "c", "x", "V"])
    @pytest.mark.parametrize("form", ["Not Found: /{}/{}", "https://toli.example/{}/{}?lang=hi", "next=%2F{}%2F{}&a=1"])
    def test_addresses_that_are_keys(self, door, form):
        assert TOKEN not in redact(form.format(door, TOKEN))

    def test_a_welcome_token_with_its_colons(self):
        assert "1vNx" not in redact("/w/WzEsIjdRM0siXQ:1vNxAb:Yk3-_aaaaaaaaaaaaaaaa HTTP/1.1")

    def test_a_card_with_its_signature(self):
        assert "ABCDEFGH" not in redact("GET /V/7Q3K9M2XPA-02AB-1/ABCDEFGHABCDEFGH")

    @pytest.mark.parametrize("address", ["/console/t/UP/groups", "/console/work/7", "/me/card", "/help"])
    def test_other_addresses_stay(self, address):
        assert redact(f"Not Found: {address}") == f"Not Found: {address}"


class TestCodes:
    @pytest.mark.parametrize(
        "text",
        [
            "482913 is your Toli code. Do not tell it to anyone.\n@toli.example #482913",
            "482913 आपका Toli कोड है।\n@toli.example #482913",
            "code=482913", "{'code': '482913'}", "OTP 482913", "one-time code: 482913", "कोड 482913",
        ],
    )  # fmt: skip
    def test_one_time_codes(self, text):
        assert "482913" not in redact(text)


class TestSecrets:
    @pytest.mark.parametrize(
        "text",
        [
            "Cookie: lang=hi; __Host-toli=k3yk3yk3y", "'HTTP_COOKIE': 'toli=k3yk3yk3y'", "('cookie', 'a=k3yk3yk3y')",
            "Set-Cookie: csrftoken=k3yk3yk3y; Path=/", "toli=k3yk3yk3y; lang=en", "Authorization: Bearer k3yk3yk3y",
            "{'HTTP_AUTHORIZATION': 'Basic k3yk3yk3y'}", "sent Bearer k3yk3yk3y", "password=k3yk3yk3y",
            "'password': 'k3yk3yk3y'", "password='two words k3yk3yk3y'", "api_key: k3yk3yk3y", "x-api-key: k3yk3yk3y",
            "csrfmiddlewaretoken=k3yk3yk3y&step=phone", "postgresql://toli:k3yk3yk3y@db:5432/toli",
            "postgres://toli:k3y@k3yk3yk3y@db.example/toli", "TOLI_SMS_TOKEN=k3yk3yk3y",
        ],
    )  # fmt: skip
    def test_credentials_by_their_form(self, text):
        assert "k3yk3yk3y" not in redact(text)

    def test_the_host_of_a_database_stays_readable(self):
        assert redact("postgresql://toli:pw@db.example:5432/toli") == "postgresql://toli:[secret]@db.example:5432/toli"

    def test_rows_that_postgresql_refused(self):
        text = 'violates "seat"\nDETAIL:  Failing row contains (7, Sunita Devi, 1).\nCONTEXT: x'
        assert redact(text) == 'violates "seat"\nDETAIL:  [data]\nCONTEXT: x'

    def test_addresses_of_mail(self):
        assert redact("to sunita.devi@mail.example.org now") == "to [mail] now"

    @given(st.binary(min_size=32, max_size=32))
    def test_known_keys_in_every_form(self, key):
        forms = (
            base64.b64encode(key).decode(),
            base64.urlsafe_b64encode(key).decode(),
            key.hex(),
            repr(key),
            str([key]),
        )
        for form in forms:
            assert redact(f"<{form}>", [key]).count("[secret]") == 1

    def test_the_keys_of_this_installation(self, settings):
        index_key = base64.b64encode(settings.TOLI_INDEX_KEYS[1]).decode()
        tombstones = base64.b64encode(settings.TOLI_TOMBSTONE_KEY).decode()
        text = f"{settings.SECRET_KEY} {index_key} {tombstones} {settings.TOLI_CARD_KEYS!r}"
        text += json.dumps({v: base64.b64encode(k).decode() for v, k in settings.TOLI_FIELD_KEYS.items()})
        shown = clean(text)
        for secret in (settings.SECRET_KEY, index_key, tombstones):
            assert secret not in shown
        assert base64.b64encode(settings.TOLI_FIELD_KEYS[1]).decode() not in shown
        assert repr(settings.TOLI_CARD_KEYS[1])[2:-1] not in shown

    def test_an_empty_password_masks_nothing(self):
        assert redact("all is well", ["", b""]) == "all is well"


class TestSpeed:
    @pytest.mark.parametrize("part", ["a", "1", "1 ", "-", "a.", "/a/", "token", "x@", "%2F", "password=", "://", "é"])
    def test_a_long_message_made_to_be_slow(self, part):
        begin = time.thread_time()
        redact((part * 200_000)[:200_000])
        assert time.thread_time() - begin < 2


@pytest.fixture
def log():
    """``log()``: what a handler of somebody else's making wrote so far."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))
    logger = logging.getLogger("somebody.else")
    logger.addHandler(handler)
    yield stream.getvalue
    logger.removeHandler(handler)


CANARY = "+919876543210"


class TestRecords:
    logger = logging.getLogger("somebody.else")

    def test_message_and_arguments(self, log):
        self.logger.warning("number %s and %(x)s", CANARY)
        self.logger.warning("sent to %s", CANARY)
        self.logger.warning("%(to)s", {"to": CANARY})
        self.logger.warning("too many %s", CANARY, CANARY)
        self.logger.warning({"to": CANARY})
        assert "9876543210" not in log()
        assert log().count("[number]") >= 5

    def test_traceback_cause_and_note(self, log):
        try:
            try:
                raise KeyError(CANARY)
            except KeyError as cause:
                error = ValueError("no place for 98765 43210")
                error.add_note(f"asked for {CANARY}")
                raise error from cause
        except ValueError:
            self.logger.exception("failed")
        assert "43210" not in log()
        assert "ValueError: no place for [number]" in log()
        assert "KeyError" in log()

    def test_percent_signs_in_a_clean_message_do_no_harm(self, log):
        self.logger.warning("100 %% of %s", "100 %d")
        assert "100 % of 100 %d" in log()

    def test_a_record_from_another_thread_that_fails(self, capsys):
        def fail():
            raise RuntimeError(CANARY)

        thread = threading.Thread(target=fail)
        before, threading.excepthook = threading.excepthook, redaction._thread_failed
        try:
            thread.start()
            thread.join()
        finally:
            threading.excepthook = before
        assert "RuntimeError: [number]" in capsys.readouterr().err

    def test_a_program_that_dies(self):
        program = (
            "import django; django.setup(); import logging; logging.getLogger('x').error('to %s', '+919876543210');"
            "raise RuntimeError('98765 43210')"
        )
        run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert "to [number]" in run.stderr
        assert "RuntimeError: [number]" in run.stderr
        assert "43210" not in run.stdout + run.stderr

    def test_the_control_without_it_the_number_would_stand_there(self, log, monkeypatch):
        factory = logging.getLogRecordFactory()
        logging.setLogRecordFactory(logging.LogRecord)
        try:
            self.logger.warning("to %s", CANARY)
        finally:
            logging.setLogRecordFactory(factory)
        assert CANARY in log()
