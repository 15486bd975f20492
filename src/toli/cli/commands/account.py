"""`toli account`: accounts of staff."""

from datetime import timedelta
from typing import Annotated

import typer
from django.conf import settings
from django.utils.translation import gettext as _

from toli.accounts import selectors, services
from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, print_json, print_table, say

app = typer.Typer(help=_("Accounts of staff: create them, let them sign in."))


@app.command(
    help=_("Create an account for someone on the staff. It may do nothing before a role is given.")
    + "\n\n"
    + _("Example:")
    + ' [bold]toli account create imran --name "Imran Khan"[/bold]'
)
def create(
    login: Annotated[str, typer.Argument(help=_("Short name to sign in with."))],
    name: Annotated[str, typer.Option(help=_("Name that others see."))],
    language: Annotated[str, typer.Option(help=_("hi or en"))] = "hi",
) -> None:
    services.create_account(actor=SYSTEM, login=login, display_name=name, kind="staff", language=language)
    say(_("The account %(login)s is there. Give it a role with `toli role grant`.") % {"login": login})


@app.command(
    name="sign-in-link",
    help=_("Print a link that signs the account in once.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli account sign-in-link imran --hours 2[/bold]",
)
def sign_in_link(
    login: Annotated[str, typer.Argument(help=_("The account's login."))],
    hours: Annotated[int, typer.Option(min=1, max=72, help=_("How long it can be used."))] = 24,
    json: JsonOption = False,
) -> None:
    account = selectors.get_account(login)
    token = services.create_sign_in_link(actor=SYSTEM, account_id=account.pk, lifetime=timedelta(hours=hours))
    link = f"{settings.BASE_URL}/a/{token}"
    if json:
        print_json({"login": login, "link": link})
    else:
        typer.echo(link)


@app.command(name="list", help=_("All accounts of staff."))
def list_(json: JsonOption = False) -> None:
    rows = [
        {"login": account.login, "name": account.display_name, "active": account.is_active}
        for account in selectors.staff()
    ]
    if json:
        print_json(rows)
    else:
        print_table([_("Login"), _("Name"), _("Active")], [[str(value) for value in row.values()] for row in rows])
