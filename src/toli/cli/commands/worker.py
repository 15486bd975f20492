"""`toli worker`: does the background jobs."""

from typing import Annotated

import typer
from django.conf import settings
from django.utils.translation import gettext as _

from toli.cli.output import say
from toli.core import jobs


def register(app: typer.Typer) -> None:
    @app.command(
        help=_("Do background jobs until stopped. Run as many as you like, on any machine.")
        + "\n\n"
        + _("Example: [bold]toli worker --concurrency 4[/bold]")
    )
    def worker(
        concurrency: Annotated[int, typer.Option(min=1, help=_("Jobs at the same time."))] = 2,
        until_idle: Annotated[bool, typer.Option(help=_("Stop when nothing is left to do."))] = False,
    ) -> None:
        if settings.EMBEDDED_POSTGRES:
            settings.EMBEDDED_POSTGRES.watch()
        if not until_idle:
            say(_("Waiting for jobs. Stop with Ctrl+C."))
        jobs.work(concurrency=concurrency, until_idle=until_idle)
