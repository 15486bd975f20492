"""`toli limits`: what somebody who guesses codes and links gets."""

from dataclasses import asdict

import typer
from django.utils.translation import gettext as _

from toli.cli.output import JsonOption, print_json, print_table, say
from toli.web.guessing import BOTNET, Figures, figures


def register(app: typer.Typer) -> None:
    @app.command(
        help=_("What somebody gets who guesses codes and links for 24 hours, at the limits that are set.")
        + "\n\n"
        + _("Example: [bold]toli limits --json[/bold]")
    )
    def limits(json: JsonOption = False) -> None:
        found = figures()
        if json:
            print_json([asdict(line) for line in found])
            return
        head = [_("What is guessed"), _("Limits"), _("Guesses: one address"), _("10,000 addresses"), _("Chance")]
        print_table(head, [_row(line) for line in found])
        say(_("The chance is that of somebody with %(count)d addresses, within 24 hours.") % {"count": BOTNET})


def _row(line: Figures) -> list[str]:
    return [
        line.aim,
        "\n".join(line.limits),
        f"{line.guesses_one:,}",
        f"{line.guesses_botnet:,}",
        f"{line.chance_botnet:.2g}",
    ]
