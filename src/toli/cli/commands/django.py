"""`toli django`: Django's own management commands, for developers."""

import sys

import typer
from django.core.management import execute_from_command_line
from django.utils.translation import gettext as _


def register(app: typer.Typer) -> None:
    @app.command(
        name="django",
        help=_("Run one of Django's own commands, such as `toli django makemigrations`."),
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
    )
    def django_command(context: typer.Context) -> None:
        execute_from_command_line([f"{sys.argv[0]} django", *context.args])
