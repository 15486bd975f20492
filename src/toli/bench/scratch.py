"""A database of its own for a benchmark: made, migrated, used, dropped. Existing data is never touched."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.management import call_command
from django.db import connections

TEMPLATE = "template1"  # what it is made from; tests, which make many, name one that is migrated already


@contextmanager
def scratch_database() -> Iterator[None]:
    """Inside the block Django's default connection leads to an empty, migrated database."""
    default = connections["default"]
    original = default.settings_dict["NAME"]
    name = f"toli_bench_{os.getpid()}"
    parameters = {**default.get_connection_params(), "dbname": "postgres"}
    admin = {key: parameters[key] for key in ("host", "port", "user", "password", "dbname") if parameters.get(key)}
    with psycopg.connect(**admin, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
    _point_to(name)
    try:
        call_command("migrate", interactive=False, verbosity=0)
        yield
    finally:
        _point_to(original)
        with psycopg.connect(**admin, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _point_to(name: str) -> None:
    """All connections opened from now on, in every thread, lead to this database."""
    connections["default"].close()
    connections.settings["default"]["NAME"] = name
    connections["default"].settings_dict["NAME"] = name
