"""`toli report`: what was counted, per territory."""

from dataclasses import asdict
from typing import Annotated

import typer
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.analytics import selectors, services
from toli.analytics.domain.funnel import STAGES
from toli.cli.output import JsonOption, print_json, print_table
from toli.territories import selectors as territories

app = typer.Typer(help=_("Reports: the funnel and the coverage of a territory."))
Under = Annotated[str, typer.Option(help=_("Code of the territory."))]


@app.command(
    help=_("The funnel of a territory, counted now.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli report funnel --under UP --json[/bold]"
)
def funnel(under: Under = "IN", json: JsonOption = False) -> None:
    place = territories.get_territory(EVERYWHERE, under)
    services.refresh_funnel()
    counts = asdict(selectors.funnel(EVERYWHERE, place))
    if json:
        print_json({"territory": place.code, **counts})
    else:
        print_table([_("Stage"), place.label(get_language() or "en")], list(counts.items()))


@app.command(help=_("The funnel of each place below a territory; the rows add up to the last one."))
def coverage(under: Under = "IN", json: JsonOption = False) -> None:
    language = get_language() or "en"
    place = territories.get_territory(EVERYWHERE, under)
    services.refresh_funnel()
    rows = selectors.coverage(EVERYWHERE, place)
    total = selectors.funnel(EVERYWHERE, place)
    if json:
        print_json(
            {
                "territory": place.code,
                "rows": [
                    {"territory": row.territory.code if row.territory else None, **asdict(row.funnel)} for row in rows
                ],
                "total": asdict(total),
            }
        )
        return
    lines = [[row.territory.label(language) if row.territory else "–", *asdict(row.funnel).values()] for row in rows]
    print_table([_("Place"), *STAGES], [*lines, [_("Total"), *asdict(total).values()]])
