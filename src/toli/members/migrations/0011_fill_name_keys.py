from collections.abc import Callable
from typing import Any

from django.db import migrations

from toli.core.crypto import cipher_for, index_for
from toli.members.domain.names import kept_keys

BATCH = 5000


def fill(apps: Any, editor: Any) -> None:
    """Members who are there already are found by name and by the last digits of their number, too."""
    with editor.connection.cursor() as cursor:
        _batches(
            cursor,
            "SELECT id, name FROM members_member WHERE id > %s ORDER BY id LIMIT %s",
            lambda rows: [kept_keys(name) for _pk, name in rows],
            "UPDATE members_member kept SET name_keys = given.value"
            " FROM unnest(%s::bigint[], %s::text[]) AS given (id, value) WHERE kept.id = given.id",
        )
        _batches(
            cursor,
            "SELECT id, value_sealed FROM members_contactpoint WHERE id > %s AND kind = 'phone' ORDER BY id LIMIT %s",
            _tails,
            "UPDATE members_contactpoint kept SET tail_index = given.value"
            " FROM unnest(%s::bigint[], %s::bytea[]) AS given (id, value) WHERE kept.id = given.id",
        )


def _tails(rows: list[tuple[int, Any]]) -> list[Any]:
    cipher = cipher_for("members_contactpoint.value")
    return index_for("phone_tail").of_many(cipher.decrypt(bytes(sealed), row=pk)[-4:] for pk, sealed in rows)


def _batches(cursor: Any, select: str, values_of: Callable[[list[tuple[int, Any]]], list[Any]], update: str) -> None:
    last = 0
    while True:
        cursor.execute(select, [last, BATCH])
        rows = cursor.fetchall()
        if not rows:
            return
        cursor.execute(update, [[pk for pk, _value in rows], values_of(rows)])
        last = rows[-1][0]


class Migration(migrations.Migration):
    """What was written before the columns were there."""

    dependencies = [("members", "0010_name_keys")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
