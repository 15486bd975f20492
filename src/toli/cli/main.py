"""The `toli` command: noun and verb, data on stdout, talk on stderr, exit codes 0, 1 and 2.

0: done. 1: refused or found something wrong (the message says what). 2: called the wrong way, or the database
cannot be used.
"""

import importlib
import os
import sys
from keyword import iskeyword
from typing import Annotated

import typer

from toli import __version__

NOUNS = (
    "territory", "drive", "dues", "member", "card", "organisation", "account",
    "role", "campaign", "group", "migration", "kit", "report", "key", "rights", "export",
    "import", "roll", "audit", "sender", "bot", "emulator", "card-key", "check", "call", "enrol", "election", "law",
    "channel", "delivery", "email", "place", "post",
)  # fmt: skip
VERBS = ("serve", "worker", "migrate", "doctor", "limits", "demo", "bench", "django")


def build() -> typer.Typer:
    """The whole command tree. Needs Django to be set up, as commands speak the user's language."""
    from django.utils.translation import gettext as _

    app = typer.Typer(
        name="toli",
        help=_("Connects an organisation from headquarters to its last polling booth."),
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def toli(
        version: Annotated[
            bool, typer.Option("--version", is_eager=True, callback=_version, help=_("Print the version."))
        ] = False,
    ) -> None:
        """What stands before every command."""

    for noun in NOUNS:
        name = noun.replace("-", "_") + ("_" if iskeyword(noun) else "")
        module = importlib.import_module(f"toli.cli.commands.{name}")
        app.add_typer(module.app, name=noun, no_args_is_help=True)
    for verb in VERBS:
        importlib.import_module(f"toli.cli.commands.{verb}").register(app)
    return app


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


def run() -> None:
    """Entry point of the console script."""
    from toli.cli.output import fail

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "toli.config.settings")
    try:
        import django

        django.setup()
    except SystemExit as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None
    except Exception as error:
        if type(error).__module__.startswith("toli."):
            fail(str(error))
        raise
    from django.conf import settings
    from django.utils import translation

    from toli.cli.trouble import explained
    from toli.core import redaction
    from toli.core.errors import DomainError

    translation.activate(settings.LANGUAGE_CODE)
    try:
        build()()
    except DomainError as error:
        fail(str(error))
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        raise SystemExit(130) from None
    except Exception as error:
        if trouble := explained(error):
            fail(redaction.clean(trouble), code=2)
        sys.stderr.write(redaction.described(error))
        raise SystemExit(1) from None
