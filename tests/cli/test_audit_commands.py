"""`toli audit`: looking for entries, removing old ones, new keys, going on after a restore; a database that fails."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import psycopg
import pytest
import time_machine
from django.db import connection

from toli.audit import services as audit
from toli.audit.errors import AuditBroken, AuditKept, AuditReasonMissing
from toli.audit.models import AnchorKind, AuditAnchor, AuditEntry
from toli.audit.services import reading
from toli.audit.services.heads import heads_path, read_heads
from toli.core import clock

OLD = datetime(2024, 1, 10, 12, tzinfo=UTC)


def write(*acts, at=None, **fields):
    """One entry for each of (actor, action, target)."""
    with time_machine.travel(at or clock.now(), tick=False):
        for actor, action, target in acts:
            audit.record(actor_kind="staff", actor_id=actor, action=action, target=target, **fields)


class TestList:
    @pytest.fixture
    def entries(self, db):
        write((1, "members.view", "member:7"), at=datetime(2026, 3, 1, 12, tzinfo=UTC), address="192.0.2.1")
        write((1, "members.export.ask", "export:7"), (2, "membership.odd", "members"))
        write((2, "members.view", "member:70"))

    @pytest.mark.parametrize(
        ("words", "targets"),
        [
            ((), ["member:70", "members", "export:7", "member:7"]),
            (("--actor", "1"), ["export:7", "member:7"]),
            (("--action", "members"), ["member:70", "export:7", "member:7"]),  # not: membership
            (("--action", "members.export"), ["export:7"]),
            (("--action", "members.vie"), []),
            (("--target", "member"), ["member:70", "member:7"]),  # not: members
            (("--target", "member:7"), ["member:7"]),  # not: member:70
            (("--since", "2026-03-02"), ["member:70", "members", "export:7"]),
            (("--since", "2026-03-01"), ["member:70", "members", "export:7", "member:7"]),
            (("--limit", "1"), ["member:70"]),
            (("--actor", "1", "--target", "export"), ["export:7"]),
        ],
    )
    def test_filters(self, toli, entries, words, targets):
        assert [entry["target"] for entry in toli("audit", "list", "--json", *words).json] == targets

    def test_the_table_says_from_where_and_whether_it_is_sealed(self, toli, entries):
        audit.seal()
        write((3, "members.view", "member:9"))
        shown = toli("audit", "list").out
        assert "192.0.2.1" in shown
        assert "staff:3" in shown

    def test_a_day_that_is_none(self, toli, entries):
        assert toli("audit", "list", "--since", "yesterday").code == 2


class TestPrune:
    @pytest.fixture
    def old(self, db):
        """Five entries of January 2024 and three of today, sealed."""
        write(*[(1, "members.view", f"member:{number}") for number in range(5)], at=OLD)
        write(*[(1, "members.view", f"member:{number}") for number in range(5, 8)])
        audit.seal()

    def test_by_default_it_only_counts(self, toli, old):
        assert toli("audit", "prune", "2024-02-01", "--json").json == {"entries": 5, "position": 5, "done": False}
        assert "5 entries would be removed" in toli("audit", "prune", "2024-02-01").err
        assert AuditEntry.objects.count() == 8

    def test_what_is_removed_is_covered_by_an_anchor_and_the_rest_can_be_checked(self, toli, old):
        assert toli("audit", "prune", "2024-02-01", "--yes", "--json").json["done"]
        assert AuditEntry.objects.filter(at__lt=OLD + timedelta(days=1)).count() == 0
        anchor = AuditAnchor.objects.get()
        assert (anchor.kind, anchor.position, reading.is_genuine(anchor)) == (AnchorKind.PRUNED, 5, True)
        audit.seal()
        report = toli("audit", "verify", "--json").json
        assert (report["whole"], report["start"], report["checked"]) == (True, 5, 4)  # the removal is an entry itself
        assert AuditEntry.objects.latest("pk").action == "audit.prune"

    def test_a_second_time_there_is_nothing_left(self, toli, old):
        toli("audit", "prune", "2024-02-01", "--yes")
        assert toli("audit", "prune", "2024-02-01", "--yes", "--json").json["entries"] == 0

    def test_entries_of_the_last_year_stay(self, old):
        with pytest.raises(AuditKept, match="365 days"):
            audit.prune(before=clock.now() - timedelta(days=364), dry_run=False)
        assert AuditEntry.objects.count() == 8

    def test_a_damaged_beginning_is_not_swept_away(self, toli, old):
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_seal_once")
            cursor.execute("UPDATE audit_auditentry SET actor_id = 99 WHERE position = 3")
        with pytest.raises(AuditBroken, match="position 3"):
            audit.prune(before=OLD + timedelta(days=30), dry_run=False)
        assert AuditEntry.objects.count() == 8

    def test_unsealed_entries_are_never_removed(self, db):
        write((1, "members.view", "member:1"), at=OLD)
        assert audit.prune(before=OLD + timedelta(days=30), dry_run=False).entries == 0


class TestKeys:
    @pytest.fixture
    def sealed(self, db):
        write((1, "members.view", "member:1"), (1, "members.view", "member:2"))
        audit.seal()

    def test_without_yes_nothing_changes(self, toli, sealed, keys):
        assert "A new key would be made" in toli("audit", "rotate-key").err
        assert keys.added == 0

    def test_what_was_sealed_before_stays_under_the_older_key_and_all_is_whole(self, toli, sealed, keys):
        assert "key 2" in toli("audit", "rotate-key", "--yes").err
        write((1, "members.view", "member:3"))
        audit.seal()
        versions = [int.from_bytes(bytes(seal)[:2], "big") for seal in _seals()]
        assert versions == [1, 1, 2, 2]  # the change of keys is an entry itself
        assert toli("audit", "verify", "--json").json["whole"]

    def test_without_the_older_key_the_older_part_cannot_be_checked(self, toli, sealed, keys):
        toli("audit", "rotate-key", "--yes")
        audit.seal()
        del keys[1]
        assert toli("audit", "verify").code == 1


class TestRestart:
    def test_without_yes_it_only_tells(self, toli, db):
        write((1, "members.view", "member:1"))
        audit.seal()
        answer = toli("audit", "restart", "--reason", "restored the backup of Tuesday")
        assert answer.code == 0
        assert "Add --yes" in answer.err
        assert AuditAnchor.objects.count() == 0
        assert [line.restart for line in read_heads(heads_path())] == [""]

    @pytest.mark.parametrize("reason", ["", "  ", "why", "x" * 201])
    def test_a_reason_has_to_say_something(self, db, reason):
        with pytest.raises(AuditReasonMissing):
            audit.restart(reason=reason)

    def test_after_a_restore_the_chain_goes_on_and_the_reason_stays(self, toli, db):
        write(*[(1, "members.view", f"member:{number}") for number in range(4)])
        audit.seal()
        with connection.cursor() as cursor:  # an older backup: without the last two
            cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_no_delete")
            cursor.execute("DELETE FROM audit_auditentry WHERE position > 2")
        assert toli("audit", "verify").code == 1
        toli("audit", "restart", "--reason", "restored the backup of Tuesday", "--yes")
        audit.seal()
        report = toli("audit", "verify", "--json").json
        assert report["whole"]
        assert [line["reason"] for line in report["restarts"]] == ["restored the backup of Tuesday"]


@pytest.fixture
def keys(settings):
    """Keys of this test: what is added to them reaches no file."""

    class Keys(dict):
        added = 0

        def add(self):
            self.added += 1
            version = max(self) + 1
            self[version] = bytes([version]) * 32
            return version

    settings.TOLI_AUDIT_KEYS = Keys({1: b"\x01" * 32})
    return settings.TOLI_AUDIT_KEYS


@pytest.fixture(autouse=True)
def _keys_first(request):
    """The keys have to be there before anything is sealed."""
    if "keys" in request.fixturenames:
        request.getfixturevalue("keys")


def _seals():
    return AuditEntry.objects.filter(position__isnull=False).order_by("position").values_list("seal", flat=True)


# -- a database that fails -----------------------------------------------------------------------------


@pytest.fixture
def empty_database(django_db_blocker):
    """The address of a database without any table."""
    with django_db_blocker.unblock():
        parameters = connection.get_connection_params()
    name = f"toli_empty_{os.getpid()}"
    admin = {key: parameters[key] for key in ("host", "port", "user", "password") if parameters.get(key)}
    with psycopg.connect(**admin, dbname="postgres", autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    yield _address(admin, name)
    with psycopg.connect(**admin, dbname="postgres", autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _address(admin, name):
    user, password = quote(str(admin.get("user", ""))), quote(str(admin.get("password", "")))
    host = str(admin.get("host", "localhost"))
    where = f"localhost/{name}?host={quote(host, safe='')}" if host.startswith("/") else f"{host}/{name}"
    port = f"&port={admin['port']}" if host.startswith("/") and admin.get("port") else ""
    return f"postgresql://{user}:{password}@{where}{port}"


def _toli(address, *words):
    environment = {**os.environ, "TOLI_DATABASE_URL": address}
    call = [sys.executable, "-m", "toli", *words]
    return subprocess.run(call, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("command", [("audit", "verify"), ("audit", "verify", "--json"), ("audit", "list")])
def test_a_database_that_was_never_prepared_says_so(empty_database, command):
    answer = _toli(empty_database, *command)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "toli migrate" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_database_that_is_not_there_says_so_and_shows_no_password(tmp_path):
    answer = _toli(f"postgresql://toli:mostsecret@127.0.0.1:1/{json.dumps('x')[1:-1]}", "audit", "verify")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "TOLI_DATABASE_URL" in answer.stderr
    assert "Connection refused" in answer.stderr
    assert "mostsecret" not in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_database_of_that_name_is_not_there(empty_database):
    answer = _toli(empty_database.replace("toli_empty", "toli_gone"), "audit", "verify")
    assert answer.returncode == 2
    assert "does not exist" in answer.stderr
