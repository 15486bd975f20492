"""`toli territory`: the tree that everything hangs on."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, print_json, print_table, progress, say
from toli.territories import selectors, services

app = typer.Typer(help=_("Territories: import them, look at them."))
Code = Annotated[str, typer.Argument(help=_("Code of the territory, such as UP-AC034."))]
SHOWN_PROBLEMS = 20


@app.command(
    name="import",
    help=_("Load the territory files of a folder. Safe to repeat: a second run changes nothing.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli territory import ../data/territory --dry-run[/bold]",
)
def import_(
    directory: Annotated[Path, typer.Argument(exists=True, file_okay=False, help=_("Folder with states.csv."))],
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Read and check everything, change nothing."))] = False,
    json: JsonOption = False,
) -> None:
    with progress(_("Territories"), quiet=json) as advance:
        report = services.import_directory(actor=SYSTEM, directory=directory, dry_run=dry_run, advance=advance)
    _print(report, json)
    if dry_run and not json:
        say(_("Dry run: nothing was changed."))


@app.command(
    help=_("Load the geography that comes with Toli: real states, numbered constituencies and booths.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli territory seed --states UP,DL --booths 10[/bold]"
)
def seed(
    states: Annotated[str, typer.Option(help=_("Codes of states, separated by commas; empty: all."))] = "",
    booths: Annotated[int, typer.Option(min=1, max=999, help=_("Booths in each constituency."))] = 4,
    json: JsonOption = False,
) -> None:
    chosen = [code.strip().upper() for code in states.split(",") if code.strip()] or None
    with progress(_("Territories"), quiet=json) as advance:
        report = services.seed(actor=SYSTEM, states=chosen, booths_per_constituency=booths, advance=advance)
    _print(report, json)


@app.command(help=_("Show one territory: where it stands and what lies below it."))
def show(code: Code, json: JsonOption = False) -> None:
    language = get_language() or "en"
    territory = selectors.get_territory(EVERYWHERE, code)
    below = selectors.counts_by_level(EVERYWHERE, territory)
    data: dict[str, Any] = {
        "code": territory.code,
        "level": territory.level.code,
        "name": territory.label(language),
        "paths": list(selectors.paths_of(territory.pk)),
        "below": {level.code: count for level, count in below},
        "facts": territory.facts,
    }
    if json:
        print_json(data)
        return
    print_table(
        [territory.code, territory.label(language)],
        [
            [_("Level"), territory.level.label(language)],
            *[[_("Path"), path] for path in data["paths"]],
            *[[level.label(language, plural=True), f"{count:,}"] for level, count in below],
        ],
    )


@app.command(
    name="list",
    help=_("List territories below one, of one level or the next one down.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli territory list --under UP --level ac[/bold]",
)
def list_(
    under: Annotated[str, typer.Option(help=_("Code of the territory to look below."))] = "IN",
    level: Annotated[str, typer.Option(help=_("country, state, zone, district, pc, ac or booth"))] = "",
    json: JsonOption = False,
) -> None:
    language = get_language() or "en"
    top = selectors.get_territory(EVERYWHERE, under)
    found = selectors.list_level(EVERYWHERE, top, level) if level else selectors.children(EVERYWHERE, top)
    rows = [{"code": item.code, "level": item.level.code, "name": item.label(language)} for item in found]
    if json:
        print_json(rows)
    else:
        print_table([_("Code"), _("Level"), _("Name")], [list(row.values()) for row in rows])


def _print(report: services.ImportReport, json: bool) -> None:
    if json:
        print_json({**asdict(report), "rows": report.rows, "rows_per_second": report.rows_per_second})
        return
    print_table(
        [_("File"), _("Rows"), _("New"), _("Changed"), _("Unchanged"), _("Rejected")],
        [[f.file, f.rows, f.created, f.updated, f.unchanged, f.rejected] for f in report.files],
    )
    problems = [(f.file, p.row, p.message) for f in report.files for p in f.problems]
    for file, row, message in problems[:SHOWN_PROBLEMS]:
        say(_("%(file)s, row %(row)d: %(message)s") % {"file": file, "row": row, "message": message})
    if len(problems) > SHOWN_PROBLEMS:
        say(_("… and %(count)d more; --json lists them all.") % {"count": len(problems) - SHOWN_PROBLEMS})
    say(
        _("%(rows)s rows in %(seconds).1f s (%(speed)s rows/s).")
        % {"rows": f"{report.rows:,}", "seconds": report.seconds, "speed": f"{report.rows_per_second:,}"}
    )
