"""Settings: each mistake is named, with the mend."""

import stat
import threading

import pytest

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
