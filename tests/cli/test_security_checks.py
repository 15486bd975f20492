"""`toli doctor` tells where an installation is open, each with the way to mend it."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import make_member, make_territories
from toli.audit import services as audit
from toli.audit.models import AuditEntry
from toli.cli import security_checks
from toli.core import clock
from toli.members.models import ContactPoint


@pytest.fixture
def public(settings, tmp_path, monkeypatch):
    """An installation that others reach, in order."""
    settings.BASE_URL, settings.DEBUG = "https://toli.example.org", False
    settings.TRUSTED_PROXIES = frozenset({"127.0.0.1"})
    settings.VAR_DIR, settings.DONE_DIR = tmp_path, tmp_path / "done"
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    secrets = tmp_path / "secrets.json"
    secrets.write_text("{}")
    secrets.chmod(0o600)
    settings.DONE_DIR.mkdir()
    for name in ("backup", "heads"):
        (settings.DONE_DIR / name).touch()
    return tmp_path


def of(check):
    """The finding of one check of settings or data."""
    found = {
        finding.check: finding for part in (security_checks.of_settings, security_checks.of_data) for finding in part()
    }
    return found[check]


@pytest.mark.django_db
def test_an_installation_in_order_passes_everything_and_each_check_says_how_to_mend(public):
    found = [*security_checks.of_settings(), *security_checks.of_data()]
    assert [finding.check for finding in found if not finding.ok] == []
    assert len({finding.check for finding in found}) == len(found) == 9
    assert all(finding.seen for finding in found)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("check", "spoilt", "mend"),
    [
        ("security.debug", {"DEBUG": True}, "TOLI_DEBUG"),
        ("security.address", {"BASE_URL": "http://toli.example.org"}, "TLS"),
        ("security.address", {"TRUSTED_PROXIES": frozenset()}, "TOLI_TRUSTED_PROXIES"),
    ],
)
def test_a_setting_that_is_wrong_for_others_fails_with_its_mend(public, settings, check, spoilt, mend):
    for name, value in spoilt.items():
        setattr(settings, name, value)
    assert not of(check).ok
    assert mend in of(check).mend


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["http://localhost:8000", "http://127.0.0.1:9000", "http://[::1]:9000"])
def test_an_installation_for_trying_out_is_not_asked_for_what_only_matters_to_others(
    public, settings, monkeypatch, address
):
    settings.BASE_URL, settings.DEBUG, settings.TRUSTED_PROXIES = address, True, frozenset()
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (settings.DONE_DIR / "backup").unlink()
    assert all(finding.ok for finding in security_checks.of_settings())


@pytest.mark.django_db
def test_serving_others_as_root_fails(public, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert not of("security.user").ok


@pytest.mark.django_db
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_secrets_file_that_others_can_read_fails_even_when_trying_out(public, settings, mode):
    settings.BASE_URL = "http://localhost:8000"
    (public / "secrets.json").chmod(mode)
    finding = of("security.files")
    assert not finding.ok
    assert finding.mend == f"chmod -R go= {public / 'secrets.json'}"


@pytest.mark.django_db
def test_a_file_with_personal_data_fails_only_where_others_can_reach_it(public, settings):
    folder = Path(settings.RIGHTS_DIR)
    folder.mkdir(mode=0o755)
    (folder / "copy.html").write_text("...")
    (folder / "copy.html").chmod(0o644)
    assert str(folder) in of("security.files").mend
    folder.chmod(0o700)
    assert of("security.files").ok
    folder.chmod(0o755)
    (folder / "copy.html").chmod(0o600)
    assert of("security.files").ok


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["backup", "heads"])
def test_what_was_not_done_for_two_days_or_never_fails_with_the_file_to_touch(public, settings, name):
    mark = settings.DONE_DIR / name
    for hours, ok in ((47, True), (49, False)):
        at = (clock.now() - timedelta(hours=hours)).timestamp()
        os.utime(mark, (at, at))
        assert of(f"security.{name}").ok is ok
    mark.unlink()
    assert not of(f"security.{name}").ok
    assert f"touch {mark}" in of(f"security.{name}").mend


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "check", "mend"),
    [("key", "security.keys", "toli key rotate"), ("index-key", "security.index_keys", "toli key rotate --index")],
)
def test_a_key_that_is_older_than_a_year_fails_until_it_is_rotated(public, monkeypatch, kind, check, mend):
    now = clock.now()
    monkeypatch.setattr(security_checks, "_began", lambda: now - timedelta(days=401))
    assert not of(check).ok
    assert of(check).mend == mend
    audit.record(actor_kind="system", actor_id=None, action="keys.add", target=f"{kind}:2")
    assert of(check).ok
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=402))
    assert not of(check).ok
    assert AuditEntry.objects.filter(action="keys.add").count() == 1


@pytest.mark.django_db
def test_rows_under_a_key_that_is_not_in_the_file_fail(public, settings, tmp_path):
    make_territories("IN/UP/07/A1")
    make_member("A1")
    assert of("security.lost_keys").ok
    ContactPoint.objects.update(value_index=b"\x09" * 17)
    assert of("security.lost_keys").mend == "toli key rotate --index"
    ContactPoint.objects.update(value_sealed=b"\x09" * 40)
    assert "secrets file" in of("security.lost_keys").mend


def test_the_doctor_prints_each_with_its_mend(db, public, toli):
    (public / "done" / "backup").unlink()
    answer = toli("doctor", "--json")
    checks = {check["check"]: check for check in answer.json["checks"]}
    assert answer.code == 1
    assert checks["security.debug"]["ok"]
    assert not checks["security.backup"]["ok"]
