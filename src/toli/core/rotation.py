"""Moving everything encrypted from older keys to the newest one, while the installation runs.

Each text carries its key's version in its first byte, so what is left to do can be seen in the tables:
a rotation that was cut off at any point is resumed by starting it again. Batches are small transactions;
readers are never shut out, as every key is kept until nothing is stored under it (`toli key retire`).

Encrypted columns are found by their name: a binary field ``<name>_sealed`` is encrypted in the context
``<table>.<name>``, bound to the row's primary key unless the model has ``sealed_row()``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from toli.core.crypto import cipher_for

SUFFIX = "_sealed"
BATCH = 1000


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One encrypted column and how its rows are bound."""

    model: type[models.Model]
    name: str

    @property
    def context(self) -> str:
        return f"{self.model._meta.db_table}.{self.name.removesuffix(SUFFIX)}"

    def row(self, instance: models.Model) -> int:
        """The number that the row's text is bound to."""
        bound: Callable[[], int] | None = getattr(instance, "sealed_row", None)
        return bound() if bound else int(instance.pk)


def sealed_columns() -> list[SealedColumn]:
    """Every encrypted column of the installation."""
    return [
        SealedColumn(model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.BinaryField) and field.name.endswith(SUFFIX)
    ]


def versions() -> dict[str, dict[int, int]]:
    """How many rows of each column are stored under each version of the key."""
    return {column.context: _versions_of(column) for column in sealed_columns()}


def rotate(*, advance: Callable[[int, int], None] | None = None) -> int:
    """Encrypt under the newest key whatever is under another. Returns how many rows changed.

    Goes round until nothing is left, because a process that had not seen the new key yet may have added
    a row behind us.
    """
    total, changed = _outdated() if advance else 0, 0
    while True:
        before = changed
        for column in sealed_columns():
            for count in _rotate_column(column):
                changed += count
                if advance:
                    advance(changed, max(total, changed))
        if changed == before:
            return changed


def _versions_of(column: SealedColumn) -> dict[int, int]:
    table, name = column.model._meta.db_table, column.name
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT get_byte("{name}", 0), count(*) FROM "{table}"
                WHERE length("{name}") > 0 GROUP BY 1 ORDER BY 1"""  # noqa: S608 names of our own models
        )
        return dict(cursor.fetchall())


def _outdated() -> int:
    return sum(
        count
        for column in sealed_columns()
        for version, count in _versions_of(column).items()
        if version != cipher_for(column.context).current_version
    )


def _rotate_column(column: SealedColumn) -> Iterator[int]:
    last: Any = None
    while True:
        with transaction.atomic():
            batch = _next_batch(column, last)
            if not batch:
                return
            last = batch[-1].pk
            cipher = cipher_for(column.context)
            texts = [
                cipher.encrypt(
                    cipher.decrypt(getattr(instance, column.name), row=column.row(instance)), row=column.row(instance)
                )
                for instance in batch
            ]
            _rewrite(column, [instance.pk for instance in batch], texts)
        yield len(batch)


def _rewrite(column: SealedColumn, keys: list[Any], texts: list[bytes]) -> None:
    """One statement for the whole batch: a case for each row kept this process four times as busy."""
    meta = column.model._meta
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE "{meta.db_table}" kept SET "{column.name}" = given.text
                FROM unnest(%s::bigint[], %s::bytea[]) AS given (id, text)
                WHERE kept."{meta.pk.column}" = given.id""",  # noqa: S608 names of our own models
            [keys, texts],
        )


def _next_batch(column: SealedColumn, last: Any) -> list[Any]:
    """Rows under another key, locked until they are rewritten, in the order of their keys."""
    rows = column.model._default_manager.select_for_update().extra(  # noqa: S610 names and a number of our own
        where=[f'length("{column.name}") > 0', f'get_byte("{column.name}", 0) <> %s'],
        params=[cipher_for(column.context).current_version],
    )
    if last is not None:
        rows = rows.filter(pk__gt=last)
    return list(rows.order_by("pk")[:BATCH])
