"""`toli serve`: the web server."""

from typing import Annotated

import typer
from django.conf import settings
from django.utils.translation import gettext as _

from toli.cli.output import fail, say


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
        from toli.web import serving

        if settings.HTTPS_ONLY and not settings.TRUSTED_PROXIES:
            fail(
                _("TOLI_BASE_URL begins with https, but no proxy is named that speaks it: set TOLI_TRUSTED_PROXIES."),
                code=2,
            )
        chosen = port or settings.WEB_PORT
        say(_("Toli answers on http://%(host)s:%(port)s") % {"host": host, "port": chosen})
        serving.serve(
            host=host,
            port=chosen,
            workers=workers or settings.WEB_WORKERS,
            each_second=settings.EMBEDDED_POSTGRES.look if settings.EMBEDDED_POSTGRES else lambda: None,
        )
