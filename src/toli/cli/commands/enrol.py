"""`toli enrol`: people whom coordinators wrote down at a camp or door, and the phones they did it with."""

from typing import Annotated

import typer
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.cli.output import JsonOption, YesOption, print_json, print_table, say
from toli.enrolment import selectors
from toli.enrolment.services import applications
from toli.territories import selectors as territories

app = typer.Typer(help=_("People who were written down at a camp or door, and the phones it was done with."))
Under = Annotated[str, typer.Option(help=_("Code of the territory."))]


@app.command(
    name="list",
    help=_("Who wrote down how many, and what became of them; no names of those who were written down.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli enrol list --under UP --json[/bold]",
)
def list_(under: Under = "IN", json: JsonOption = False) -> None:
    place = territories.get_territory(EVERYWHERE, under)
    rows = selectors.by_enroller(selectors.applications(EVERYWHERE, territory=place))
    if json:
        print_json(rows)
        return
    columns = [_("Coordinator"), _("Members"), _("Wait"), _("Checked"), _("Not me"), _("No answer")]
    keys = ("enroller__display_name", "confirmed", "waiting", "held", "declined", "expired")
    print_table(columns, [[row[key] for key in keys] for row in rows])


@app.command(
    help=_("Phones with which people are written down.") + "\n\n" + _("Example:") + " [bold]toli enrol devices[/bold]"
)
def devices(under: Under = "IN", json: JsonOption = False) -> None:
    place = territories.get_territory(EVERYWHERE, under)
    rows = [
        {
            "device": device.pk,
            "name": device.name,
            "coordinator": device.account.login,
            "territory": device.territory.code,
            "registered": device.registered_at,
            "ended": device.ended_at,
        }
        for device in selectors.devices(EVERYWHERE, territory=place)
    ]
    if json:
        print_json(rows)
        return
    columns = [_("Number"), _("Phone"), _("Coordinator"), _("Territory"), _("Since"), _("Until")]
    print_table(columns, [[str(value or "") for value in row.values()] for row in rows])


@app.command(
    help=_("Forget those who did not answer in time; it happens by itself each hour.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli enrol expire --yes[/bold]"
)
def expire(yes: YesOption = False, json: JsonOption = False) -> None:
    count = applications.expire_applications(dry_run=not yes)
    if json:
        print_json({"expired": count, "done": yes})
    else:
        print_table([_("No answer")], [[count]])
        say(_("Done.") if yes else _("Nothing was changed. Add --yes to do it now; it happens by itself each hour."))
