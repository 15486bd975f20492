"""`toli serve`: the web server."""

import logging
from typing import Annotated

import typer
from django.conf import settings
from django.utils.translation import gettext as _

from toli.cli.output import fail, say

BLOCKING_THREADS = 8  # as many as pages that work, and WAITING_PAGES of accounts/services/sending.py on top


def register(app: typer.Typer) -> None:
    @app.command(
        help=_("Serve the pages, on 127.0.0.1 unless told otherwise.")
        + "\n\n"
        + _("Example: [bold]toli serve --port 8080 --workers 4[/bold]")
    )
    def serve(
        host: Annotated[str, typer.Option(help=_("Address to listen on."))] = "127.0.0.1",
        port: Annotated[int | None, typer.Option(min=1, max=65535, help=_("Port; unset: TOLI_PORT."))] = None,
        workers: Annotated[int | None, typer.Option(min=1, help=_("Processes; unset: TOLI_WEB_WORKERS."))] = None,
    ) -> None:
        from granian import Granian
        from granian.constants import Interfaces
        from granian.log import LogLevels

        if settings.HTTPS_ONLY and not settings.TRUSTED_PROXIES:
            fail(
                _("TOLI_BASE_URL begins with https, but no proxy is named that speaks it: set TOLI_TRUSTED_PROXIES."),
                code=2,
            )
        if settings.EMBEDDED_POSTGRES:
            settings.EMBEDDED_POSTGRES.watch()
        # Threads that wait for a provider use no core: their number is meant, and not to be warned of at each start.
        logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
        chosen = port or settings.WEB_PORT
        say(_("Toli answers on http://%(host)s:%(port)s") % {"host": host, "port": chosen})
        Granian(
            "toli.config.wsgi:application",
            address=host,
            port=chosen,
            interface=Interfaces.WSGI,
            workers=workers or settings.WEB_WORKERS,
            blocking_threads=BLOCKING_THREADS,
            respawn_failed_workers=True,
            log_access=False,
            log_level=LogLevels.warning,
        ).serve()
