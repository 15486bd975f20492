"""`toli rights`: what members may ask for, and what the law asks of whoever keeps their data."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.cli.commands import rights_breach
from toli.cli.files import write_private
from toli.cli.output import JsonOption, YesOption, fail, print_json, print_table, progress, say
from toli.compliance import selectors as compliance
from toli.core import clock
from toli.members import selectors as members
from toli.rights import selectors, services
from toli.rights.domain.requests import days_left

if TYPE_CHECKING:
    from toli.rights.models import RightsRequest

app = typer.Typer(help=_("Members' rights: requests, copies, erasure, retention, breaches."))
app.add_typer(rights_breach.app, name="breach", no_args_is_help=True)
MemberArgument = Annotated[int, typer.Argument(help=_("The member's number."))]


FileArgument = Annotated[
    Path, typer.Argument(help=_("The file: .html to read, in the member's language; .json for programs."))
]
NumberArgument = Annotated[int, typer.Argument(help=_("Number of the request, from `toli rights list`."))]


@app.command(
    name="list",
    help=_("Requests that wait for an answer, the most urgent first.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli rights list --closed[/bold]",
)
def list_(
    closed: Annotated[bool, typer.Option("--closed", help=_("The latest closed ones instead."))] = False,
    json: JsonOption = False,
) -> None:
    found = selectors.inbox(EVERYWHERE, closed=closed)
    rows = [_request(item) for item in found]
    if json:
        print_json(rows)
        return
    print_table(
        [
            _("Number"), _("What"), _("Member"), _("Territory"), _("Asked on"), _("Answer by"), _("Days left"),
            _("State"),
        ],
        [
            [str(item.pk), item.get_kind_display(), str(item.member_id), row["territory"], f"{item.filed_at:%Y-%m-%d}",
             f"{item.due_at:%Y-%m-%d}", row["days_left"], item.get_state_display()]
            for item, row in zip(found, rows, strict=True)
        ],
    )  # fmt: skip


@app.command(
    help=_("One request: its clock, its words, the answer; of an erasure, what it takes. Looking is recorded.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli rights show 12[/bold]"
)
def show(number: NumberArgument, json: JsonOption = False) -> None:
    read = services.read_request(actor=SYSTEM, request_id=number)
    takes = read.takes.as_json()["found"] if read.takes else None
    row = _request(read.request) | {"words": read.words, "answer": read.answer, "takes": takes}
    if json:
        print_json(row)
        return
    item = read.request
    print_table(
        [_("Request"), str(item.pk)],
        [
            [_("What"), item.get_kind_display()], [_("Member"), str(item.member_id)],
            [_("Territory"), row["territory"]], [_("Asked on"), f"{item.filed_at:%Y-%m-%d %H:%M}"],
            [_("Answer by"), f"{item.due_at:%Y-%m-%d}"], [_("Days left"), str(row["days_left"])],
            [_("State"), item.get_state_display()], [_("In their words"), read.words], [_("Answer"), read.answer],
        ],
    )  # fmt: skip
    if read.takes:
        _show(read.takes)


@app.command(
    help=_("Write the copy of everything that is kept about a member into a new file, readable by you alone. Recorded.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli rights copy 4711 copy-4711.html[/bold]"
)
def copy(
    member: MemberArgument,
    to: Annotated[
        Path, typer.Argument(help=_("The file: .html to read, in the member's language; .json for programs."))
    ],
    json: JsonOption = False,
) -> None:
    if to.suffix not in {".html", ".json"}:
        fail(_("The name of the file has to end in .html or .json."), code=2)
    if to.exists():
        fail(_("%(path)s is there already. Choose another name.") % {"path": to})
    with translation.override(members.get_member(EVERYWHERE, member).language):
        found = services.copy_of(actor=SYSTEM, member_id=member)
        page = {
            "copy": found,
            "organisation": compliance.find_organisation(),
            "LANGUAGE_CODE": translation.get_language(),
        }
        text = found.json if to.suffix == ".json" else render_to_string("member/copy.html", page)
    write_private(to, text)
    if json:
        print_json({"member": member, "file": str(to), "kinds": {key: len(rows) for key, rows in found.data.items()}})
    else:
        say(_("%(path)s holds the copy. Hand it to the member alone, and delete it then.") % {"path": to})


@app.command(
    help=_("Erase everything that is kept about a member. Without --yes it only counts. Cannot be undone.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli rights erase 4711 --yes[/bold]"
)
def erase(member: MemberArgument, yes: YesOption = False, json: JsonOption = False) -> None:
    if yes:
        report = services.erase_member(actor=SYSTEM, member_id=member, because="operator")
    else:
        report = services.what_erasure_takes(member_id=member)
    if json:
        print_json(report.as_json())
        return
    _show(report)
    say(_("Erased.") if yes else _("Nothing was changed. Add --yes to erase."))


@app.command(
    name="replay-tombstones",
    help=_("After restoring a backup and before serving: erase again whom the backup has brought back.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli rights replay-tombstones[/bold]",
)
def replay_tombstones(json: JsonOption = False) -> None:
    reports = services.replay_tombstones(actor=SYSTEM)
    if json:
        print_json([report.as_json() for report in reports])
    else:
        say(_("%(count)d people were erased again.") % {"count": len(reports)})


@app.command(
    help=_("The schedule of what is kept how long, and how much of it is over. With --yes that goes now.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli rights retention --only accounts.codes --yes[/bold]"
)
def retention(
    yes: YesOption = False,
    only: Annotated[list[str] | None, typer.Option(help=_("This line only. Can be given several times."))] = None,
    json: JsonOption = False,
) -> None:
    if yes:
        with progress(_("Schedule"), quiet=json) as advance:
            lines = services.carry_out_schedule(actor=SYSTEM, keys=only or (), advance=advance)
    else:
        lines = services.schedule(keys=only or ())
    if json:
        print_json([line.as_json() for line in lines])
        return
    counted = _("Gone now") if yes else _("Is over")
    print_table(
        [_("Line"), _("What"), _("Days"), _("From when"), _("What then"), counted],
        [[line.term.key, line.term.label, line.days, line.term.since, line.then,
          line.cleared if yes else line.due] for line in lines],
    )  # fmt: skip
    paused = [line.term.key for line in lines if line.paused]
    if paused:
        say(_("Kept, because a case is open: %(keys)s.") % {"keys": ", ".join(paused)})
    say(_("Done.") if yes else _("Nothing was changed. Add --yes to do it now; it happens by itself each night."))


def _request(item: "RightsRequest") -> dict[str, Any]:
    return {
        "id": item.pk,
        "kind": item.kind,
        "member": item.member_id,
        "territory": item.territory.code,
        "filed_at": item.filed_at,
        "due_at": item.due_at,
        "days_left": days_left(item.due_at, clock.now()),
        "state": item.state,
        "closed_at": item.closed_at,
    }


def _show(report: services.ErasureReport) -> None:
    rows = [[item.label, item.count, item.kept_because] for item in report.found if item.count or item.kept_because]
    print_table([_("What"), _("How many"), _("What stays, and why")], rows)
