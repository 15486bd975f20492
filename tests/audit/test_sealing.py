"""Sealing skips nothing, can be killed, runs from two places; the database refuses what is not adding."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from tests.audit.conftest import run, write
from toli.audit import services as audit
from toli.audit.models import AuditAnchor, AuditEntry
from toli.audit.services import sealing
from toli.audit.services.heads import heads_path, read_heads


def positions():
    return list(AuditEntry.objects.order_by("position").values_list("position", flat=True))


def test_every_entry_gets_its_place_once(trail):
    assert positions() == list(range(1, 13))
    assert audit.seal() == 0
    assert audit.verify().checked == 12
    assert not audit.verify().faults


def test_batches_follow_each_other(db, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 5)
    write(13)
    steps = []
    assert audit.seal(advance=lambda done, total: steps.append((done, total))) == 13
    assert steps == [(5, 13), (10, 13), (13, 13)]
    assert [line.position for line in read_heads(heads_path())] == [5, 10, 13]
    assert not audit.verify().faults


def test_what_waits_is_told(db):
    write(3)
    report = audit.verify()
    assert (report.waiting, report.checked) == (3, 0)
    audit.seal()
    assert audit.verify().waiting == 0


def test_the_heads_file_is_for_its_owner_only(trail):
    assert heads_path().stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in heads_path().read_text().splitlines()]
    assert [line["position"] for line in lines] == [4, 8, 12]
    assert audit.present_head()["seal"] == lines[-1]["seal"]


def test_a_head_that_a_dead_process_left_half_is_closed(trail):
    with heads_path().open("a") as file:
        file.write('{"position": 13, "se')
    write(1, start=12)
    audit.seal()
    report = audit.verify()
    assert report.torn == 1
    assert not report.faults
    assert read_heads(heads_path())[-1].position == 13


def test_a_head_that_was_never_written_is_written_by_the_next(trail):
    lines = heads_path().read_text().splitlines(keepends=True)
    heads_path().write_text("".join(lines[:-1]))
    assert audit.seal() == 0
    assert read_heads(heads_path())[-1].position == 12


# -- the database itself refuses ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET target = 'member:0' WHERE position = 3",
        "UPDATE audit_auditentry SET at = at + interval '1 second'",
        "UPDATE audit_auditentry SET position = NULL, seal = NULL WHERE position = 12",
        "UPDATE audit_auditentry SET position = 99 WHERE position = 12",
        "UPDATE audit_auditentry SET seal = '\\x00' WHERE position = 12",
        "UPDATE audit_auditentry SET details = '{}' WHERE position IS NULL",
        "UPDATE audit_auditentry SET position = 13, seal = '\\x00', action = 'x.y' WHERE position IS NULL",
        "DELETE FROM audit_auditentry WHERE position = 12",
        "DELETE FROM audit_auditentry WHERE position IS NULL",
        "UPDATE audit_auditanchor SET position = 99",
        "DELETE FROM audit_auditanchor",
    ],
)
@pytest.mark.parametrize("role", ["origin", "replica"])
def test_nothing_but_adding_also_for_the_owner(trail, statement, role):
    write(1, start=12)
    AuditAnchor.objects.create(kind="restart", position=2, seal=b"", at="2026-01-01T00:00:00Z", signature=b"")
    run("SELECT set_config('session_replication_role', %s, true)", role)
    with pytest.raises(DatabaseError, match="audit trail"), transaction.atomic():
        run(statement)


@pytest.mark.parametrize("table", ["audit_auditentry", "audit_auditanchor"])
def test_emptying_the_table_is_refused(trail, table):
    run(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER audit_no_truncate")
    with pytest.raises(DatabaseError, match="audit trail"), transaction.atomic():
        run(f"TRUNCATE {table}")


# -- several at once --------------------------------------------------------------------------------------


def _in_threads(*acts):
    errors = []

    def guarded(act):
        try:
            act()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=guarded, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


@pytest.mark.django_db(transaction=True)
def test_many_writers_and_two_sealers_skip_nothing(monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 7)
    writing = threading.Event()

    def writer(number):
        def act():
            for index in range(25):
                with transaction.atomic():
                    write(2, start=number * 1000 + index * 2)
                    time.sleep(0.002 * (index % 3))

        return act

    def sealer():
        while not writing.is_set():
            audit.seal()

    def end():
        _in_threads(*(writer(number) for number in range(6)))
        writing.set()

    _in_threads(sealer, sealer, end)
    audit.seal()
    assert positions() == list(range(1, 301))
    report = audit.verify()
    assert (report.checked, report.faults) == (300, [])


@pytest.mark.django_db(transaction=True)
def test_what_was_written_in_a_long_transaction_is_sealed_later():
    begun, go_on = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            write(1, start=500)
            begun.set()
            go_on.wait(60)

    def quick():
        begun.wait(60)
        write(3)
        assert audit.seal() == 3
        go_on.set()

    _in_threads(slow, quick)
    assert audit.seal() == 1
    late = AuditEntry.objects.get(target="member:500")
    assert late.position == 4
    assert late.pk < AuditEntry.objects.get(position=1).pk
    assert not audit.verify().faults


@pytest.mark.django_db(transaction=True)
def test_recording_does_not_wait_for_sealing():
    write(3)
    with psycopg.connect(**_parameters()) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [sealing.LOCK])
        run("SET lock_timeout = '500ms'")
        write(1, start=3)
        with pytest.raises(DatabaseError):
            audit.seal()
        run("SET lock_timeout = 0")
    assert audit.seal() == 4


KILLED = """
import os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "toli.config.settings"
import django
django.setup()
from django.conf import settings
from toli.audit.services import sealing
settings.DATABASES["default"]["NAME"] = sys.argv[1]
settings.AUDIT_DIR = sys.argv[2]
sealing.BATCH = 10
real = getattr(sealing, sys.argv[3])
calls = 0
def slow(*args):
    global calls
    calls += 1
    if calls == 3:
        print("now", flush=True)
        time.sleep(60)
    return real(*args)
setattr(sealing, sys.argv[3], slow)
sealing.seal()
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("where", "sealed"), [("_chain", 20), ("append_head", 30)])
def test_after_a_sealer_was_killed_the_next_goes_on(settings, where, sealed):
    write(50)
    name = connection.settings_dict["NAME"]
    arguments = [sys.executable, "-c", KILLED, name, str(settings.AUDIT_DIR), where]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().strip() == "now"
        os.kill(process.pid, signal.SIGKILL)
    for _try in range(100):  # the server takes a moment to notice that the connection is gone
        run("SELECT 1")
        if not run("SELECT 1 FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()", name):
            break
        time.sleep(0.1)
    assert AuditEntry.objects.filter(position__isnull=False).count() == sealed
    assert audit.seal() == 50 - sealed
    assert positions() == list(range(1, 51))
    assert not audit.verify().faults


def _parameters():
    parameters = connection.get_connection_params()
    return {key: parameters[key] for key in ("host", "port", "user", "password", "dbname") if parameters.get(key)}
