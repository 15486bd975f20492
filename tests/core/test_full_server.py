"""A server without a free connection is asked again for a while; any other refusal is told at once."""

import threading
import time

import psycopg
import pytest
from django.db import OperationalError, connection

from toli.core.postgresql import base

pytestmark = pytest.mark.django_db(transaction=True)
NOBODY = "toli_test_crowded"


@pytest.fixture
def crowded():
    """A way in for one at a time, and who is in."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP ROLE IF EXISTS {NOBODY}")
        cursor.execute(f"CREATE ROLE {NOBODY} LOGIN CONNECTION LIMIT 1")
    given = connection.get_connection_params()
    server = {name: given[name] for name in ("host", "port", "password", "dbname") if given.get(name)}
    inside = psycopg.connect(**server, user=NOBODY)
    other = base.DatabaseWrapper({**connection.settings_dict, "USER": NOBODY}, "crowded")
    yield inside, other
    inside.close()
    other.close()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP ROLE {NOBODY}")


def test_whoever_comes_while_the_server_is_full_gets_the_next_free_connection(crowded):
    inside, other = crowded
    leaving = threading.Timer(0.3, inside.close)
    leaving.start()
    with other.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (NOBODY,)
    leaving.join()


def test_nobody_waits_for_ever(crowded, monkeypatch):
    monkeypatch.setattr(base, "PATIENCE", 0.1)
    with pytest.raises(OperationalError, match="too many connections"):
        crowded[1].ensure_connection()


def test_a_database_that_is_not_there_is_told_at_once(monkeypatch):
    monkeypatch.setattr(base, "PATIENCE", 60)
    other = base.DatabaseWrapper({**connection.settings_dict, "NAME": "toli_not_there"}, "not_there")
    began = time.monotonic()
    with pytest.raises(OperationalError):
        other.ensure_connection()
    assert time.monotonic() - began < base.PATIENCE


@pytest.mark.parametrize(
    "told, full",
    [
        ("FATAL:  sorry, too many clients already", True),
        ("FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute", True),
        ('FATAL:  too many connections for role "toli"', True),
        ("FATAL:  the database system is shutting down", False),
        ("connection refused", False),
    ],
)
def test_what_a_full_server_says(told, full):
    assert base.is_full(psycopg.OperationalError(told)) is full
