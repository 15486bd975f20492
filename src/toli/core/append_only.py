"""Tables whose rows are added and never changed, kept so by the database itself.

A trigger refuses every UPDATE and DELETE, also for the owner of the tables. The one door is
:func:`opened`, which the erasure of a person's data goes through, and lasts until the transaction ends or
the block is left. (The owner could also remove the trigger; whoever runs the server is beyond our power.)
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection

_DOOR = "toli.append_only_door"


def guard(table: str) -> str:
    """SQL for a migration: from now on rows of ``table`` can only be added."""
    return f"""
CREATE OR REPLACE FUNCTION toli_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('{_DOOR}', true) = 'open' THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'rows of % are added, never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER IF EXISTS append_only ON {table};
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION toli_append_only();
"""


def unguard(table: str) -> str:
    """SQL that takes the guard away again."""
    return f"DROP TRIGGER IF EXISTS append_only ON {table}"


@contextmanager
def opened(why: str) -> Iterator[None]:
    """Rows may be changed within. ``why`` is for readers: each use has to be justified."""
    if not why:
        raise ValueError("say why rows may be changed")
    _set("open")
    try:
        yield
    finally:
        with suppress(DatabaseError):  # a transaction that failed forgets the setting by itself
            _set("")


def _set(state: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [_DOOR, state])
