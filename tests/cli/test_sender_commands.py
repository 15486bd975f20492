"""`toli sender` and the doctor's line about texts, against an emulated gateway."""

import pytest

from tests.factories import make_organisation
from toli.accounts import services as accounts
from toli.accounts.services import sending
from toli.audit.models import AuditEntry
from toli.cli.commands import doctor
from toli.cli.texts import KINDS, sample, to_register
from toli.emulators.running import running
from toli.emulators.sms import SmsGateway
from toli.integrations.sms.gateway import read

pytestmark = pytest.mark.django_db
NUMBER = "+913141592653"


@pytest.fixture
def gateway(settings, tmp_path):
    """An installation that sends by SMS through an emulator, with what `toli sender texts` says registered."""
    make_organisation()
    emulator = SmsGateway(secret="Qcanary")
    with running(emulator) as url:
        lines = [f'url = "{url}/send"', 'header = "JANSET"', 'entity = "1101234567890"']
        for kind in KINDS:
            for language in ("hi", "en"):
                text = to_register(kind, language).replace('"', '\\"').replace("\n", "\\n")
                lines += [f"[templates.{kind}.{language}]", 'id = "1107161234567890123"', f'text = "{text}"']
        settings.TOLI_SMS_FILE = tmp_path / "sms.toml"
        settings.TOLI_SMS_FILE.write_text("\n".join(lines))
        settings.TOLI_SMS_SECRET = "Qcanary"
        settings.TEXT_SENDER_ORDER = ("sms",)
        accounts.text_sender.cache_clear()
        sending.forget_health()
        yield emulator
    accounts.text_sender.cache_clear()
    sending.forget_health()


def without(settings, kind):
    """Take the templates of a kind out of the description."""
    blocks = settings.TOLI_SMS_FILE.read_text().split("[templates.")
    settings.TOLI_SMS_FILE.write_text("[templates.".join(block for block in blocks if not block.startswith(kind)))
    accounts.text_sender.cache_clear()


def test_what_it_says_to_register_fits_what_is_sent(gateway, settings):
    for (kind, language), template in read(settings.TOLI_SMS_FILE).templates.items():
        assert template.fits(sample(kind, language).text)
        assert not template.fits(sample(kind, language).text.replace(" ", "  ", 1))


def test_the_list_says_what_each_sender_carries(gateway, settings, toli):
    assert toli("sender", "list", "--json").json == [
        {"sender": "sms", "carries": {f"{kind}.{language}": "" for kind in KINDS for language in ("hi", "en")}}
    ]
    without(settings, "welcome")
    assert "template_missing" in toli("sender", "list").out


def test_a_test_is_only_shown_unless_one_says_yes(gateway, toli):
    answer = toli("sender", "test", "--to", NUMBER, "--json")
    (shown,) = answer.json
    assert shown["body"]["to"] == "+91 31••• ••653"
    assert shown["body"]["message"].startswith("000000 ")
    assert shown["segments"] == 2
    assert "Qcanary" not in answer.out
    assert gateway.messages == []


def test_with_yes_it_is_sent_and_recorded(gateway, toli):
    answer = toli("sender", "test", "--to", NUMBER, "--kind", "welcome", "--language", "en", "--yes", "--json")
    assert answer.json["outcome"] == "accepted"
    assert gateway.messages[0]["to"] == NUMBER
    entry = AuditEntry.objects.get(action="senders.test")
    assert entry.target == "sender:sms"
    assert NUMBER[3:] not in str(entry.details)
    assert NUMBER[3:] not in answer.out


def test_what_could_not_be_sent_ends_with_1_and_the_reason(gateway, settings, toli):
    settings.TOLI_SMS_SECRET = "wrong"
    accounts.text_sender.cache_clear()
    answer = toli("sender", "test", "--to", NUMBER, "--yes")
    assert answer.code == 1
    assert "off by sms (http_401)" in answer.err


def test_a_sender_that_is_not_in_use_can_be_tried_too(gateway, toli, settings):
    answer = toli("sender", "test", "--to", NUMBER, "--sender", "outbox", "--yes", "--json")
    assert answer.json["sender"] == "outbox"
    assert list(settings.OUTBOX_DIR.glob("*.jsonl"))


@pytest.mark.parametrize("name", ["pigeon", "ours.Pigeon", "sms", "telegram"])
def test_a_sender_that_cannot_be_used_is_told_in_a_sentence(toli, name):
    answer = toli("sender", "test", "--to", NUMBER, "--sender", name, "--yes")
    assert answer.code == 1
    assert f"The sender {name} cannot be used" in answer.err.replace("\n", " ")


def test_the_texts_to_register_are_toml(gateway, toli):
    import tomllib

    found = tomllib.loads(toli("sender", "texts").out)["templates"]
    assert set(found) == set(KINDS) == {
        "code", "link", "link_after_reset", "welcome", "breach", "receipt", "renewal", "lapsed", "enrol", "seat",
        "decision",
    }  # fmt: skip
    assert found["code"]["hi"]["text"].startswith("{#numeric#} ")
    assert "{#url#}" in found["welcome"]["en"]["text"]


class TestDoctor:
    def test_it_says_by_which_way_texts_go(self, gateway):
        finding = doctor._texts()
        assert (finding.ok, finding.seen) == (True, "texts go by sms")

    def test_it_names_the_texts_that_nobody_carries(self, gateway, settings):
        without(settings, "welcome")
        finding = doctor._texts()
        assert not finding.ok
        assert "welcome.hi, welcome.en" in finding.seen

    def test_files_are_no_way_to_reach_people(self, settings):
        assert doctor._texts().ok
        settings.BASE_URL = "https://toli.example.org"
        assert not doctor._texts().ok


def test_a_demonstration_sends_nothing_to_anybody(gateway, toli):
    answer = toli("demo", "--members", 10, "--no-serve")
    assert answer.code == 1
    assert "TOLI_SENDER" in answer.err
    assert gateway.messages == []
