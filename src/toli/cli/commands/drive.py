"""`toli drive`: membership drives."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.cards.posters import print_posters
from toli.cli.output import JsonOption, YesOption, fail, print_json, print_table, progress, say
from toli.members import selectors, services
from toli.territories import selectors as territories

LANGUAGES = ("hi", "en")
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
    target: Annotated[int, typer.Option(min=0, help=_("Members to win; 0: no target."))] = 0,
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
        target=target,
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


@app.command(
    help=_("How a drive goes in a territory.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli drive show drive-2026 --under UP --json[/bold]"
)
def show(
    code: Annotated[str, typer.Argument(help=_("Short name of the drive."))],
    under: Annotated[str, typer.Option(help=_("Code of the territory; the whole drive without it."))] = "",
    json: JsonOption = False,
) -> None:
    drive = selectors.get_drive(code)
    place = territories.get_territory(EVERYWHERE, under) if under else drive.territory
    total, _rows = selectors.progress(EVERYWHERE, drive, place)
    facts = {
        "code": drive.code,
        "territory": place.code,
        "opens": drive.opens_on,
        "closes": drive.closes_on,
        "open": selectors.is_open(drive),
        "target": drive.target,
        "today": total.today,
        "week": total.week,
        "steps": {step.value: total.steps[step] for step in services.Step},
        "sources": {source.value: total.sources[source] for source in services.Source},
    }
    if json:
        print_json(facts)
    else:
        steps = [[step.label, total.steps[step]] for step in services.Step]
        print_table([code, place.code], [*steps, [_("Today"), total.today], [_("In 7 days"), total.week]])


@app.command(
    help=_("Write the posters of a territory, or of all of one level below it, as a PDF file: a page of A4 for each.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli drive poster drive-2026 --territory S24-AC034 --level booth --out posters.pdf[/bold]"
)
def poster(
    code: Annotated[str, typer.Argument(help=_("Short name of the drive."))],
    territory: Annotated[str, typer.Option(help=_("Code of the territory."))],
    out: Annotated[
        Path, typer.Option(help=_("File to write; several where there are more than 200 posters."), dir_okay=False)
    ],
    level: Annotated[str, typer.Option(help=_("Code of a level: one poster for each of its places."))] = "",
    language: Annotated[str, typer.Option(help=_("Language of the posters: hi or en."))] = "hi",
    json: JsonOption = False,
) -> None:
    if language not in LANGUAGES:
        fail(_("There are posters in these languages: %s.") % ", ".join(LANGUAGES), code=2)
    with progress(_("Posters"), quiet=json) as advance:
        count, files = print_posters(
            actor=SYSTEM,
            drive_code=code,
            territory_code=territory,
            language=language,
            level=level,
            out=out,
            advance=advance,
        )
    if json:
        print_json({"posters": count, "files": [str(path) for path in files]})
    else:
        names = ", ".join(str(path) for path in files)
        say(_("%(count)d posters. Written: %(files)s") % {"count": count, "files": names})


@app.command(
    help=_("End a drive: yesterday was its last day.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli drive close drive-2026 --yes[/bold]"
)
def close(
    code: Annotated[str, typer.Argument(help=_("Short name of the drive."))],
    yes: YesOption = False,
) -> None:
    if not yes:
        drive = selectors.get_drive(code)
        say(_("The drive %(code)s runs until %(day)s. To end it, add --yes.") % {"code": code, "day": drive.closes_on})
        return
    drive = services.close_drive(actor=SYSTEM, code=code)
    say(_("The drive %(code)s is over since %(day)s.") % {"code": code, "day": drive.closes_on})


def _day(moment: datetime) -> date:
    return moment.date()
