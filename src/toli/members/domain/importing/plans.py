"""How one file is read: kept with the import, so that what is left of it is read the same way later."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Plan:
    """``columns``: the field of each column, "" for one that is not taken. ``header_row``: its number, 0 for none.

    ``territory``: code of the place of rows that name none; ``language``: that of rows that name none.
    """

    format: str
    encoding: str = ""
    delimiter: str = ""
    header_row: int = 0
    sheet: int = 0
    columns: tuple[str, ...] = ()
    territory: str = ""
    language: str = "hi"

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "columns": list(self.columns)}


def plan_from(stored: Mapping[str, Any]) -> Plan:
    """The plan that :meth:`Plan.as_json` wrote."""
    known = {field.name for field in fields(Plan)}
    values = {name: value for name, value in stored.items() if name in known}
    return Plan(**{**values, "columns": tuple(values.get("columns", ()))})
