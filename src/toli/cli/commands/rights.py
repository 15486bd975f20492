"""`toli rights`: what members may ask for, and what the law asks of whoever keeps their data."""

from typing import Annotated

import typer
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, print_json, print_table, progress, say
from toli.rights import services

app = typer.Typer(help=_("Members' rights: requests, copies, erasure, retention, breaches."))
YesOption = Annotated[bool, typer.Option("--yes", help=_("Do it; without this it is only counted."))]
MemberArgument = Annotated[int, typer.Argument(help=_("The member's number."))]


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
        [_("Line"), _("What"), _("Days"), _("From when"), _("What then"), counted, _("Why")],
        [[line.term.key, line.term.label, line.days, line.term.since, line.then,
          line.cleared if yes else line.due, line.term.why] for line in lines],
    )  # fmt: skip
    paused = [line.term.key for line in lines if line.paused]
    if paused:
        say(_("Kept, because a case is open: %(keys)s.") % {"keys": ", ".join(paused)})
    say(_("Done.") if yes else _("Nothing was changed. Add --yes to do it now; it happens by itself each night."))


def _show(report: services.ErasureReport) -> None:
    rows = [[item.label, item.count, item.kept_because] for item in report.found if item.count or item.kept_because]
    print_table([_("What"), _("How many"), _("What stays, and why")], rows)
