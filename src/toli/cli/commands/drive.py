"""`toli drive`: membership drives."""

from datetime import date, datetime
from typing import Annotated

import typer
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, print_json, print_table, say
from toli.members import selectors, services

app = typer.Typer(help=_("Membership drives: when and where people can join."))


@app.command(
    help=_("Announce a drive.")
    + "\n\n"
    + _("Example:")
    + ' [bold]toli drive create drive-2026 --name-en "Drive 2026" --name-hi "अभियान 2026" --territory IN '
    "--opens 2026-12-01 --closes 2027-03-31[/bold]"
)
def create(
    code: Annotated[str, typer.Argument(help=_("Short name of the drive."))],
    name_en: Annotated[str, typer.Option(help=_("Name in English."))],
    name_hi: Annotated[str, typer.Option(help=_("Name in Hindi."))],
    territory: Annotated[str, typer.Option(help=_("Code of the territory."))],
    opens: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help=_("First day."))],
    closes: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help=_("Last day."))],
    months: Annotated[int, typer.Option(min=1, help=_("How long a membership lasts, in months."))] = 36,
) -> None:
    services.create_drive(
        actor=SYSTEM,
        code=code,
        name_en=name_en,
        name_hi=name_hi,
        territory_code=territory,
        opens_on=_day(opens),
        closes_on=_day(closes),
        term_months=months,
    )
    say(_("The drive %(code)s is announced.") % {"code": code})


@app.command(name="list", help=_("All drives."))
def list_(json: JsonOption = False) -> None:
    rows = [
        {"code": drive.code, "territory": drive.territory.code, "opens": drive.opens_on, "closes": drive.closes_on}
        for drive in selectors.drives()
    ]
    if json:
        print_json(rows)
    else:
        print_table([_("Drive"), _("Territory"), _("First day"), _("Last day")], [list(row.values()) for row in rows])


def _day(moment: datetime) -> date:
    return moment.date()
