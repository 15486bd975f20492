"""`toli role`: who may act where."""

from typing import Annotated

import typer
from django.utils.translation import gettext as _

from toli.access import selectors, services
from toli.accounts import selectors as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, print_json, print_table, say

app = typer.Typer(help=_("Roles: who may act on which territory."))


@app.command(
    help=_("Let an account act in ROLE on a territory.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli role grant imran coordinator UP-AC034[/bold]"
)
def grant(
    login: Annotated[str, typer.Argument(help=_("The account's login."))],
    role: Annotated[str, typer.Argument(help=_("headquarters, content or coordinator"))],
    territory: Annotated[str, typer.Argument(help=_("Code of the territory."))],
) -> None:
    account = accounts.get_account(login)
    services.ensure_standard_roles()
    services.grant_role(actor=SYSTEM, account_id=account.pk, role_code=role, territory_code=territory)
    say(_("%(login)s is now %(role)s on %(territory)s.") % {"login": login, "role": role, "territory": territory})


@app.command(name="list", help=_("Who holds which role where."))
def list_(json: JsonOption = False) -> None:
    rows = [
        {
            "id": row.pk,
            "login": row.account.login,
            "role": row.role.code,
            "territory": row.territory.code,
            "from": row.valid_from,
            "to": row.valid_to,
        }
        for row in selectors.assignments()
    ]
    if json:
        print_json(rows)
    else:
        print_table(
            [_("Number"), _("Login"), _("Role"), _("Territory"), _("From"), _("To")],
            [[str(value if value is not None else "") for value in row.values()] for row in rows],
        )


@app.command(help=_("End an assignment, by its number from `toli role list`."))
def end(number: Annotated[int, typer.Argument(help=_("Number of the assignment."))]) -> None:
    services.end_role(actor=SYSTEM, assignment_id=number)
    say(_("The assignment has ended."))
