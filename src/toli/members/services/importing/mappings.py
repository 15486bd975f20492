"""What people once said about columns is proposed for the next list with the same headings."""

import hashlib

from toli.core import clock
from toli.members.domain.importing.columns import FIELDS, plain
from toli.members.models import ImportMapping
from toli.members.services.importing.list_file import ListFile, place_fields


def remember(file: ListFile) -> None:
    """Keep which columns hold what in this list."""
    places = {column: place for place, column in enumerate(file.plan.columns) if column}
    ImportMapping.objects.update_or_create(headings=_hash(file), defaults={"columns": places, "said_at": clock.now()})


def recall(file: ListFile) -> ListFile:
    """The list with what was last said about its headings, else as it is. What is refused stays refused."""
    said = ImportMapping.objects.filter(headings=_hash(file)).values_list("columns", flat=True).first()
    if not said:
        return file
    barred = {column.place for column in file.refused}
    places = {field: said.get(field) for field in FIELDS}
    return place_fields(file, {field: None if place in barred else place for field, place in places.items()})


def _hash(file: ListFile) -> str:
    return hashlib.sha256("\n".join(plain(header) for header in file.headers).encode()).hexdigest()
