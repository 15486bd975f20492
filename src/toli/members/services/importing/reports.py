"""What an import says: counts, and a sentence for each row that was not taken."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from toli.members.domain.rows import RowProblem
from toli.members.models import ImportRun

MESSAGES = {
    "row_broken": gettext_noop("This row cannot be read. Check its quotation marks."),
    "encoding_broken": gettext_noop("This row has bytes that are no text. Save the file as UTF-8."),
    "card_broken": gettext_noop("This contact card has a beginning and no end."),
    "too_many_cells": gettext_noop("This row has more cells than the header has columns (%(columns)d)."),
    "name_invalid": gettext_noop("The name is missing or is not a name."),
    "name_legacy_font": gettext_noop(
        "This name is typed in an old Hindi font (Kruti Dev or alike). "
        "Convert the list to Unicode (Mangal) and send it again."
    ),
    "phone_invalid": gettext_noop("The number is missing or is not a telephone number."),
    "phone_twice": gettext_noop("The same number stands in row %(first)d already."),
    "territory_missing": gettext_noop("The territory is missing."),
    "territory_unknown": gettext_noop("There is no territory %(territory)s in your area."),
    "territory_not_in_drive": gettext_noop("The drive does not cover the territory %(territory)s."),
    "erased_on_request": gettext_noop("The owner of this number had their data erased. Only they can join again."),
    "member_elsewhere": gettext_noop("This number belongs to a member outside your area."),
    "language_unknown": gettext_noop("The language %(language)s is not one of: hi, en."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A row (the header is row 1) that was not taken, with a message in the reader's language."""

    row: int
    code: str
    message: str
    params: Mapping[str, str | int] = field(default_factory=dict, repr=False, compare=False)


@dataclass(slots=True)
class ImportReport:
    """rows = created + updated + unchanged + rejected. ``run_id`` is None after a dry run.

    ``resumed``: the run had been cut off; rows that were in already are counted as they were then.
    """

    run_id: int | None
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    problems: list[Problem] = field(default_factory=list)
    seconds: float = 0.0
    resumed: bool = False


def problem_of(problem: RowProblem) -> Problem:
    """The problem in the reader's language."""
    return Problem(problem.row, problem.code, _(MESSAGES[problem.code]) % problem.params, dict(problem.params))


def problems_of(run: ImportRun, *, limit: int | None = None) -> Iterator[Problem]:
    """Rows of a run that were not taken, by row."""
    rows = run.problems.order_by("row", "pk").values_list("row", "code", "params")[:limit]
    for row, code, params in rows.iterator(chunk_size=5000):
        yield problem_of(RowProblem(row, code, params))


def report_of(run: ImportRun) -> ImportReport:
    """What is stored of a run."""
    return ImportReport(
        run.pk,
        run.rows,
        run.created,
        run.updated,
        run.unchanged,
        run.rejected,
        list(problems_of(run)),
    )
