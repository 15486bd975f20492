"""`toli member`: import lists of members, look at them."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.cli.commands.import_ import write_problems
from toli.cli.output import JsonOption, YesOption, fail, print_json, print_table, progress, say
from toli.members import selectors, services
from toli.members.domain.history import stretches
from toli.territories import selectors as territories

app = typer.Typer(help=_("Members: import lists, look at them."))
SHOWN_PROBLEMS = 20


@app.command(
    name="import",
    help=_("Import members from a file: CSV, XLSX or contacts (VCF).")
    + "\n\n"
    + _("Encoding, delimiter and the meaning of the columns are found out and shown before anything is stored.")
    + " "
    + _("Safe to repeat: whoever is in already is left alone. Interrupted, it goes on when you repeat it.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli member import members.xlsx --drive drive-2026 --map phone=Contact --problems problems.csv[/bold]",
)
def import_(
    file: Annotated[Path, typer.Argument(help=_("The list."))],
    drive: Annotated[str, typer.Option(help=_("Short name of the drive."))],
    map_: Annotated[
        list[str] | None, typer.Option("--map", help=_("FIELD=HEADING: which column holds a field. Repeat as needed."))
    ] = None,
    territory: Annotated[str, typer.Option(help=_("Code of the place of rows that name none."))] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Read and check everything, change nothing."))] = False,
    yes: Annotated[bool, typer.Option("--yes", help=_("Do not ask before storing."))] = False,
    problems: Annotated[Path | None, typer.Option(help=_("Write the rows that were not taken to this file."))] = None,
    json: JsonOption = False,
) -> None:
    mapping = _mapping(map_ or [])
    look = services.look_at_file(path=file, mapping=mapping, territory=territory)
    if not json:
        _show_look(look)
        if sys.stdin.isatty() and not (yes or dry_run):
            typer.confirm(_("Import these members?"), abort=True)
    with progress(_("Members"), quiet=json) as advance:
        report = services.import_members(
            actor=SYSTEM,
            drive_code=drive,
            path=file,
            mapping=mapping,
            territory=territory,
            dry_run=dry_run,
            advance=advance,
        )
    if problems:
        with problems.open("w", newline="", encoding="utf-8-sig") as target:
            write_problems(target, report.problems)
    if json:
        shown = {"columns": look.columns, "refused_columns": [column.header for column in look.refused]}
        print_json({**asdict(report), **shown, "dry_run": dry_run, "rows_per_second": _speed(report)})
        return
    print_table(
        [_("Rows"), _("New"), _("Changed"), _("Unchanged"), _("Rejected")],
        [[report.rows, report.created, report.updated, report.unchanged, report.rejected]],
    )
    for problem in report.problems[:SHOWN_PROBLEMS]:
        say(_("Row %(row)d: %(message)s") % {"row": problem.row, "message": problem.message})
    if len(report.problems) > SHOWN_PROBLEMS:
        left = len(report.problems) - SHOWN_PROBLEMS
        say(_("… and %(count)d more; --problems FILE writes them all.") % {"count": left})
    say(
        _("%(rows)s rows in %(seconds).1f s (%(speed)s rows/s).")
        % {"rows": f"{report.rows:,}", "seconds": report.seconds, "speed": f"{_speed(report):,}"}
    )
    if dry_run:
        say(_("Dry run: nothing was changed."))


@app.command(
    name="list",
    help=_("Members below a territory, with masked numbers.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli member list --under UP-AC034 --limit 20[/bold]",
)
def list_(
    under: Annotated[str, typer.Option(help=_("Code of the territory."))] = "IN",
    limit: Annotated[int, typer.Option(min=1, max=1000, help=_("How many at most."))] = 50,
    after: Annotated[int, typer.Option(min=0, help=_("Go on after this member's number."))] = 0,
    json: JsonOption = False,
) -> None:
    place = territories.get_territory(EVERYWHERE, under)
    found = selectors.members_page(EVERYWHERE, territory=place, after=after, limit=limit)
    rows = [
        {
            "id": member.pk,
            "name": member.name,
            "territory": member.territory.code,
            "phone": selectors.masked_phone(member),
        }
        for member in found
    ]
    if json:
        print_json(rows)
    else:
        columns = [_("Number"), _("Name"), _("Territory"), _("Mobile number")]
        print_table(columns, [[str(row["id"]), *list(row.values())[1:]] for row in rows])


@app.command(
    help=_("Transfer a member to another place from today on; card and seat follow.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli member transfer 4711 S24-AC034-B0142[/bold]"
)
def transfer(
    number: Annotated[int, typer.Argument(help=_("Number of the member."))],
    territory: Annotated[str, typer.Argument(help=_("Code of the new place."))],
    json: JsonOption = False,
) -> None:
    member = services.transfer_member(actor=SYSTEM, member_id=number, territory_code=territory)
    chain = stretches(selectors.history_of(member))
    places = territories.by_id(version.territory_id for version in chain)
    history = [
        {"territory": places[item.territory_id].code, "grade": item.grade, "from": item.from_on, "to": item.to_on}
        for item in chain
    ]
    if json:
        print_json({"member": number, "territory": member.territory.code, "history": history})
        return
    say(_("Member %(number)d belongs to %(place)s.") % {"number": number, "place": member.territory.code})
    print_table(
        [_("Place"), _("Class"), _("From"), _("To")],
        [[row["territory"], row["grade"], f"{row['from']}", f"{row['to'] or ''}"] for row in history],
    )


@app.command(
    help=_("Join two entries of one person. Can be taken back for 30 days.")
    + " "
    + _("Without --yes it only says what would be done.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli member merge 1204 1377 --yes[/bold]",
)
def merge(
    first: Annotated[int, typer.Argument(help=_("Number of one entry."))],
    second: Annotated[int, typer.Argument(help=_("Number of the other entry."))],
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    done = services.merge_members(actor=SYSTEM, first_id=first, second_id=second, dry_run=not yes)
    facts = {"survivor": done.survivor_id, "merged": done.merged_id, "merge": done.pk, "words": done.words, "done": yes}
    if json:
        print_json(facts)
        return
    say(
        _("Entry %(merged)d becomes part of entry %(survivor)d; its card and its seat end, its number stays known.")
        % {"merged": done.merged_id, "survivor": done.survivor_id}
    )
    for purpose, channel, given, _before in done.words:
        word = _("yes") if given else _("no")
        say(
            _("Later word on %(purpose)s by %(channel)s: %(word)s.")
            % {"purpose": purpose, "channel": channel, "word": word}
        )
    if not yes:
        say(_("Nothing was changed. Repeat with --yes."))


@app.command(
    help=_("Make two members of one again, as they were.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli member unmerge 1204[/bold]",
)
def unmerge(
    member: Annotated[
        int, typer.Argument(help=_("Number of the entry that stayed; its latest joining is taken back."))
    ],
    json: JsonOption = False,
) -> None:
    found = selectors.merges_of(member)
    if not found:
        fail(_("Nothing was joined to entry %(number)d.") % {"number": member}, code=1)
    undone = services.undo_merge(actor=SYSTEM, merge_id=found[0].pk)
    if json:
        print_json({"survivor": undone.survivor_id, "merged": undone.merged_id})
        return
    say(_("Entry %(number)d is a member again.") % {"number": undone.merged_id})
    say(_("Card and seat come back within a minute; if their group is full, a seat in another or in the waiting list."))


@app.command(
    help=_("Find entries that are likely one person, now instead of tonight.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli member duplicates[/bold]",
)
def duplicates(json: JsonOption = False) -> None:
    report = services.find_pairs()
    if json:
        print_json(asdict(report))
        return
    say(
        _("%(found)d new pairs out of %(compared)d names; %(skipped)d names are too frequent to compare.")
        % {"found": report.found, "compared": report.compared, "skipped": report.skipped}
    )


def _mapping(pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            fail(_("--map wants FIELD=HEADING, not %(pair)s.") % {"pair": pair}, code=2)
    return dict(pair.split("=", 1) for pair in pairs)


def _show_look(look: services.FileLook) -> None:
    """What the file was found to be, before anything of it is stored."""
    kind = ", ".join(
        part for part in (look.format, look.encoding, repr(look.delimiter) if look.delimiter else "") if part
    )
    say(_("The file: %(kind)s. Columns:") % {"kind": kind})
    for field, heading in look.columns.items():
        say(f"  {field} ← {heading}")
    for column in look.refused:
        say(
            _("Column %(header)s is refused and not read: %(kind)s is never stored.")
            % {"header": column.header, "kind": column.kind}
        )
    if look.missing:
        say(_("Missing: %(columns)s.") % {"columns": ", ".join(look.missing)})


def _speed(report: services.ImportReport) -> int:
    return round(report.rows / report.seconds) if report.seconds else 0
