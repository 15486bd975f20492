"""`toli import`: imports of members that were begun: look at them, go on, take back."""

import csv
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, print_json, print_table, progress, say
from toli.members import selectors
from toli.members.services import importing

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from toli.members.models import ImportRun

app = typer.Typer(help=_("Imports of members: look at them, go on with one that was cut off, take one back."))
RunArgument = Annotated[int, typer.Argument(help=_("Number of the import."))]
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@app.command(
    name="list", help=_("Imports, the latest first.") + "\n\n" + _("Example:") + " [bold]toli import list[/bold]"
)
def list_(
    limit: Annotated[int, typer.Option(min=1, max=1000, help=_("How many at most."))] = 20, json: JsonOption = False
) -> None:
    rows = [_row(run) for run in selectors.imports(SYSTEM, limit=limit)]
    if json:
        print_json(rows)
        return
    print_table(
        [_("Number"), _("State"), _("File"), _("Rows"), _("New"), _("Changed"), _("Unchanged"), _("Rejected")],
        [
            [str(row["id"]), row["state"], row["file"]]
            + [row[name] for name in ("rows", "created", "updated", "unchanged", "rejected")]
            for row in rows
        ],
    )


@app.command(
    help=_("One import: its file, how it was read, its counts.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli import show 7[/bold]"
)
def show(run: RunArgument, json: JsonOption = False) -> None:
    found = _row(selectors.get_import(SYSTEM, run))
    if json:
        print_json(found)
    else:
        print_table(["", ""], [[name, str(value)] for name, value in found.items()])


@app.command(
    help=_("Go on with an import that was cut off, behind the last piece that is in.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli import resume 7[/bold]"
)
def resume(
    run: RunArgument,
    file: Annotated[Path | None, typer.Option(help=_("Where the file lies now, if it was moved."))] = None,
    json: JsonOption = False,
) -> None:
    with progress(_("Members"), quiet=json) as advance:
        report = importing.resume_import(actor=SYSTEM, run_id=run, path=file, advance=advance)
    show(report.run_id or run, json=json)


@app.command(
    help=_("Take an import back, for 24 hours: whom it made goes, whom it changed is as before.")
    + " "
    + _("Whoever has done anything since stays. Without --yes it only says what it would begin with.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli import undo 7 --yes[/bold]"
)
def undo(
    run: RunArgument,
    yes: Annotated[bool, typer.Option("--yes", help=_("Do it."))] = False,
    json: JsonOption = False,
) -> None:
    found = selectors.get_import(SYSTEM, run)
    if not yes:
        plan = {"id": found.pk, "possible": importing.can_undo(found), "new": found.created, "changed": found.updated}
        if json:
            print_json(plan)
        else:
            print_table([_("Number"), _("New"), _("Changed")], [[str(run), found.created, found.updated]])
            say(_("Dry run: nothing was changed."))
        return
    report = importing.undo_import(actor=SYSTEM, run_id=run)
    if json:
        print_json(asdict(report))
    else:
        print_table([_("Removed"), _("As before"), _("Kept")], [[report.removed, report.restored, report.kept]])


@app.command(
    help=_("Rows that were not taken, with the reason, as CSV.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli import errors 7 --file errors.csv[/bold]"
)
def errors(
    run: RunArgument,
    file: Annotated[Path | None, typer.Option(help=_("Write to this file instead of the screen."))] = None,
    json: JsonOption = False,
) -> None:
    problems = importing.problems_of(selectors.get_import(SYSTEM, run))
    if json:
        print_json([asdict(problem) for problem in problems])
    elif file:
        with file.open("w", newline="", encoding="utf-8-sig") as target:
            write_problems(target, problems)
    else:
        write_problems(sys.stdout, problems)


def write_problems(target: "TextIO", problems: "Iterable[importing.Problem]") -> None:
    """Rows and reasons as CSV that no spreadsheet takes for formulas: a message may quote what stood in the list."""
    writer = csv.writer(target)
    writer.writerow(["row", "code", "message"])
    writer.writerows([problem.row, problem.code, _plain(problem.message)] for problem in problems)


def _plain(text: str) -> str:
    return "'" + text if text.startswith(FORMULA_SIGNS) else text


def _row(run: "ImportRun") -> dict[str, Any]:
    names = ("rows", "lines", "created", "updated", "unchanged", "rejected", "removed", "restored", "kept")
    return {
        "id": run.pk,
        "state": run.state,
        "file": run.file_name,
        "drive": run.drive.code,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "undone_at": run.undone_at,
        "format": run.plan.get("format", ""),
        "columns": [column for column in run.plan.get("columns", ()) if column],
        **{name: getattr(run, name) for name in names},
    }
