"""Senders that cannot work are told before Toli starts."""

import os
import subprocess
import sys

import pytest

from tests.contracts.conftest import TEMPLATES
from toli.config.environment import SettingsError, read

TOKEN = "Qcanary-token-of-the-gateway"
BASE = {"TOLI_SMS_SECRET": TOKEN, "TOLI_TELEGRAM_SECRET": TOKEN}


@pytest.fixture
def described(tmp_path):
    """``described(kinds)``: the path of a file that describes a gateway with templates of these kinds."""

    def write(*kinds):
        lines = ['url = "https://sms.example/send"', 'header = "JANSET"', 'entity = "1101234567890"']
        for kind in kinds:
            for language, entry in TEMPLATES[kind].items():
                text = entry["text"].replace("\n", "\\n")
                lines += [f"[templates.{kind}.{language}]", f'id = "{entry["id"]}"', f'text = "{text}"']
        path = tmp_path / "sms.toml"
        path.write_text("\n".join(lines))
        return str(path)

    return write


def refusal(**environment):
    with pytest.raises(SettingsError) as caught:
        read({**BASE, **environment})
    return str(caught.value)


def test_two_senders_in_their_order(described):
    values = read({**BASE, "TOLI_SENDER": "telegram, sms", "TOLI_SMS_FILE": described("code")})
    assert values["TOLI_SENDER"] == ("telegram", "sms")


@pytest.mark.parametrize("order", ["pigeon", "sms,sms", ",", "sms;telegram"])
def test_a_sender_that_does_not_exist_or_stands_twice_is_refused(order):
    assert "TOLI_SENDER" in refusal(TOLI_SENDER=order)


def test_a_sender_of_ones_own_is_named_by_its_path():
    assert read({"TOLI_SENDER": "ours.Pigeon"})["TOLI_SENDER"] == ("ours.Pigeon",)


def test_sms_needs_a_description_and_a_secret():
    said = refusal(TOLI_SENDER="sms", TOLI_SMS_SECRET="")
    assert "TOLI_SMS_FILE" in said
    assert "TOLI_SMS_SECRET" in said


def test_telegram_needs_a_token():
    assert "TOLI_TELEGRAM_SECRET" in refusal(TOLI_SENDER="telegram", TOLI_TELEGRAM_SECRET="")


def test_sms_alone_without_a_template_for_codes_is_refused(described):
    path = described("welcome")
    assert "code.hi and code.en" in refusal(TOLI_SENDER="sms", TOLI_SMS_FILE=path)
    assert read({**BASE, "TOLI_SENDER": "telegram,sms", "TOLI_SMS_FILE": path})


def test_a_description_that_cannot_work_says_why(tmp_path):
    path = tmp_path / "sms.toml"
    path.write_text('url = "http://sms.example"')
    assert "https://host/path" in refusal(TOLI_SENDER="sms", TOLI_SMS_FILE=str(path))


def test_codes_are_not_shown_on_the_screen_of_a_server_that_others_reach():
    said = refusal(TOLI_SENDER="console", TOLI_BASE_URL="https://toli.example.org")
    assert "console" in said
    assert read({"TOLI_SENDER": "console"})["TOLI_SENDER"] == ("console",)


def test_the_console_sender_itself_refuses_too(settings):
    from toli.integrations.console.provider import ConsoleSender, NotForOthers

    settings.BASE_URL = "http://toli.example.org"
    with pytest.raises(NotForOthers):
        ConsoleSender()


def test_a_secret_may_lie_in_a_file(tmp_path):
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    assert read({"TOLI_SMS_SECRET": f"file:{path}"})["TOLI_SMS_SECRET"] == TOKEN


@pytest.mark.parametrize("text", ["Qcanary with a blank", "Qcanary\ttab", "Qcanaryकुंजी"])
def test_a_secret_that_cannot_be_one_is_not_repeated(text):
    said = refusal(TOLI_SMS_SECRET=text)
    assert "TOLI_SMS_SECRET is (hidden)" in said
    assert "Qcanary" not in said


def test_a_secret_file_that_cannot_be_read_is_named():
    assert "file:/nowhere/token" in refusal(TOLI_SMS_SECRET="file:/nowhere/token")


@pytest.mark.parametrize("url", ["http://gateway.example", "https://me@gateway.example", "gateway.example"])
def test_the_address_of_a_service_is_encrypted_or_on_this_machine(url):
    assert "TOLI_TELEGRAM_URL" in refusal(TOLI_TELEGRAM_URL=url)
    assert read({"TOLI_TELEGRAM_URL": "http://127.0.0.1:8091/"})["TOLI_TELEGRAM_URL"] == "http://127.0.0.1:8091"


def test_secrets_of_senders_reach_no_log(tmp_path):
    (tmp_path / "token").write_text(TOKEN)
    program = (
        "import os, logging, django; django.setup(); from django.conf import settings;"
        "logging.warning('control %s %s', settings.TOLI_SMS_SECRET, settings.TOLI_TELEGRAM_SECRET);"
        "raise SystemError(settings.TOLI_SMS_SECRET)"
    )
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "toli.config.settings",
        "TOLI_SMS_SECRET": f"file:{tmp_path / 'token'}",
        "TOLI_TELEGRAM_SECRET": f"{TOKEN}2",
    }
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert "control [secret]" in run.stderr
    assert "SystemError" in run.stderr
    assert TOKEN not in run.stderr + run.stdout
