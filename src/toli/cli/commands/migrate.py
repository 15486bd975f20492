"""`toli migrate`: bring the database to this version's shape."""

import typer
from django.core.management import call_command
from django.utils.translation import gettext as _

from toli.cli.output import say


def register(app: typer.Typer) -> None:
    @app.command(help=_("Bring the database to the shape this version needs. Safe to repeat."))
    def migrate() -> None:
        call_command("migrate", interactive=False, verbosity=0)
        say(_("The database is up to date."))
