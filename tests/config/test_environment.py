"""Settings: each mistake is named, with the mend."""

import base64
import json
import os
import shutil
import stat
import threading

import pytest
from django.conf import settings

from toli.config import secrets
from toli.config.environment import SettingsError, read


def test_defaults_hold_when_nothing_is_set():
    values = read({})
    assert values["TOLI_BASE_URL"] == "http://localhost:8000"
    assert values["TOLI_DATABASE_URL"] == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOLI_DATABASE_URL", "mysql://x/y"),
        ("TOLI_DATABASE_URL", "postgresql://host"),
        ("TOLI_BASE_URL", "toli.example.org"),
        ("TOLI_PORT", "99999"),
        ("TOLI_PORT", "http"),
        ("TOLI_DEBUG", "maybe"),
        ("TOLI_LANGUAGE", "fr"),
        ("TOLI_TIME_ZONE", "Mars/Olympus"),
        ("TOLI_WEB_WORKERS", "0"),
    ],
)
def test_a_wrong_value_names_its_variable_and_the_mend(name, value):
    with pytest.raises(SettingsError) as caught:
        read({name: value})
    message = str(caught.value)
    assert name in message
    assert ": " in message.split(name, 1)[1]


def test_all_mistakes_are_told_at_once():
    with pytest.raises(SettingsError) as caught:
        read({"TOLI_PORT": "x", "TOLI_LANGUAGE": "fr"})
    assert len(caught.value.problems) == 2


def test_a_misspelt_variable_is_noticed():
    with pytest.raises(SettingsError) as caught:
        read({"TOLI_DATABSE_URL": "postgresql://localhost/toli"})
    assert "TOLI_DATABSE_URL" in str(caught.value)


def test_a_password_in_the_database_address_is_not_shown():
    with pytest.raises(SettingsError) as caught:
        read({"TOLI_DATABASE_URL": "mysql://user:s3cret@host/db"})
    assert "s3cret" not in str(caught.value)


def test_secrets_are_made_once_and_only_their_owner_may_read_them(tmp_path):
    first = secrets.load(tmp_path)
    assert secrets.load(tmp_path) == first
    mode = stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode)
    assert mode == 0o600


def test_two_processes_that_start_at_once_get_the_same_secrets(tmp_path):
    found = []
    threads = [threading.Thread(target=lambda: found.append(secrets.load(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len({item.django for item in found}) == 1


def test_secrets_that_others_can_read_are_refused(tmp_path):
    secrets.load(tmp_path)
    (tmp_path / "secrets.json").chmod(0o644)
    with pytest.raises(secrets.SecretsError, match="chmod 600"):
        secrets.load(tmp_path)


def test_a_damaged_secrets_file_is_not_replaced(tmp_path):
    secrets.load(tmp_path)
    (tmp_path / "secrets.json").write_text("{}")
    with pytest.raises(secrets.SecretsError, match="backup"):
        secrets.load(tmp_path)
    assert (tmp_path / "secrets.json").read_text() == "{}"


class TestSecretsOfEarlierVersions:
    """Files from before the audit trail was chained and the index key had versions get what they lack."""

    @staticmethod
    def older(folder):
        secrets.load(folder)
        path = folder / "secrets.json"
        content = json.loads(path.read_text())
        for newer in ("audit_keys", "index_keys", "tombstone_key"):
            del content[newer]
        content["index_key"] = base64.b64encode(os.urandom(32)).decode()
        path.write_text(json.dumps(content))
        return content

    def test_the_key_is_added_once_and_the_rest_stays(self, tmp_path):
        content = self.older(tmp_path)
        first = dict(secrets.load(tmp_path).audit_keys)
        kept = json.loads((tmp_path / "secrets.json").read_text())
        assert list(first) == [1]
        assert len(first[1]) == 32
        index_key = content.pop("index_key")
        assert {name: kept[name] for name in content} == content
        assert (kept["index_keys"], kept["tombstone_key"]) == ({"1": index_key}, index_key)
        assert "index_key" not in kept
        assert dict(secrets.load(tmp_path).audit_keys) == first
        assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600

    def test_two_machines_with_the_same_file_get_the_same_key(self, tmp_path):
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
        self.older(tmp_path / "one")
        shutil.copy(tmp_path / "one" / "secrets.json", tmp_path / "two" / "secrets.json")
        keys = [dict(secrets.load(tmp_path / name).audit_keys) for name in ("one", "two")]
        assert keys[0] == keys[1]

    def test_another_file_gives_another_key_and_it_is_no_key_that_is_there_already(self, tmp_path):
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            self.older(tmp_path / name)
        found = [secrets.load(tmp_path / name) for name in ("one", "two")]
        assert found[0].audit_keys[1] != found[1].audit_keys[1]
        assert found[0].audit_keys[1] not in {*found[0].index_keys.values(), *found[0].field_keys.values()}

    def test_a_key_that_was_added_later_is_not_put_back_to_the_first(self, tmp_path):
        self.older(tmp_path)
        before = secrets.load(tmp_path)
        assert before.audit_keys.add() == 2
        assert list(secrets.load(tmp_path).audit_keys) == [1, 2]


def test_no_key_of_the_installation_gets_into_a_log():
    from toli.config import settings as module

    rings = (settings.TOLI_FIELD_KEYS, settings.TOLI_INDEX_KEYS, settings.TOLI_CARD_KEYS, settings.TOLI_AUDIT_KEYS)
    assert {settings.TOLI_TOMBSTONE_KEY, *(key for ring in rings for key in ring.values())} <= set(
        module._never_logged()
    )


def test_a_new_installation_has_tombstones_under_a_key_of_their_own(tmp_path):
    found = secrets.load(tmp_path)
    assert found.tombstone_key not in found.index_keys.values()
