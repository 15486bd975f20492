"""`toli export`: lists of members that left the house, and where a leaked row comes from."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from django.utils.translation import gettext as _

from toli.cli.output import JsonOption, print_json, print_table, say
from toli.members import selectors, services

if TYPE_CHECKING:
    from toli.members.models import Export

app = typer.Typer(help=_("Lists of members: who asked for which, and where a leaked row comes from."))


@app.command(name="list", help=_("The latest 200 lists, and what became of them."))
def list_(json: JsonOption = False) -> None:
    _show(selectors.exports(), json)


@app.command(
    help=_("The lists in which a row with this mark stood. The mark is in the last column of a list.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli export trace 7K2M9QX4RT[/bold]"
)
def trace(mark: Annotated[str, typer.Argument(help=_("The mark of the row."))], json: JsonOption = False) -> None:
    _show(selectors.trace(mark), json)


@app.command(
    help=_("Delete the files of lists that are over; the worker does this every ten minutes.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli export purge --yes[/bold]"
)
def purge(
    yes: Annotated[bool, typer.Option("--yes", help=_("Do it; without this it is only shown."))] = False,
    json: JsonOption = False,
) -> None:
    found = services.purge_exports(dry_run=not yes)
    if json:
        print_json({"lists": found.lists, "left_over": found.left_over, "done": yes})
        return
    counts = {"lists": len(found.lists), "files": len(found.left_over)}
    if yes:
        say(_("Deleted: files of %(lists)d lists, and %(files)d files without a list.") % counts)
    else:
        say(
            _("To be deleted: files of %(lists)d lists, and %(files)d files without a list. Add --yes to do it.")
            % counts
        )


def _show(exports: list["Export"], json: bool) -> None:
    rows: list[dict[str, Any]] = [
        {
            "id": export.pk,
            "login": export.asked_by.login,
            "territory": export.territory.code,
            "asked_at": export.asked_at,
            "state": export.state,
            "rows": export.rows,
            "downloads": export.downloads,
            "decided_by": export.decided_by.login if export.decided_by else None,
            "purpose": export.purpose,
        }
        for export in exports
    ]
    if json:
        print_json(rows)
        return
    columns = [
        _("Number"), _("Login"), _("Territory"), _("Asked"), _("State"), _("Rows"), _("Downloads"), _("Decided by"),
        _("Purpose"),
    ]  # fmt: skip
    print_table(
        columns,
        [
            [
                str(export.pk), row["login"], row["territory"], f"{export.asked_at:%Y-%m-%d %H:%M}",
                export.get_state_display(), row["rows"], row["downloads"], row["decided_by"] or "", row["purpose"],
            ]
            for export, row in zip(exports, rows, strict=True)
        ],
    )  # fmt: skip
