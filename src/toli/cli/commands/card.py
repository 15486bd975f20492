"""`toli card`: issue, check and revoke membership cards."""

from dataclasses import asdict
from typing import Annotated

import typer
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import SYSTEM
from toli.cards import selectors, services
from toli.cli.output import JsonOption, print_json, print_table, progress, say

app = typer.Typer(help=_("Membership cards: issue, welcome, check, revoke."))


@app.command(
    help=_("Issue a card to every member who has never had one. Safe to repeat.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli card issue[/bold]"
)
def issue(json: JsonOption = False) -> None:
    with progress(_("Cards"), quiet=json) as advance:
        issued = services.issue_cards(actor=SYSTEM, advance=advance)
    if json:
        print_json({"issued": issued})
    else:
        say(_("%(count)d cards issued.") % {"count": issued})


@app.command(
    help=_("Send the first message to all who have a card and have not heard yet. Safe to repeat.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli card welcome[/bold]"
)
def welcome(json: JsonOption = False) -> None:
    with progress(_("Messages"), quiet=json) as advance:
        sent = services.send_welcomes(actor=SYSTEM, advance=advance)
    if json:
        print_json({"sent": sent})
    else:
        say(_("%(count)d messages handed over.") % {"count": sent})


@app.command(
    help=_("Check a card by its address. Ends with 1 when it is not valid.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli card verify HTTPS://TOLI.EXAMPLE.ORG/V/7Q3K9M2XPA-02RC-1/MFRGG…[/bold]"
)
def verify(
    address: Annotated[list[str], typer.Argument(help=_("Address from the card, or its last two parts."))],
    json: JsonOption = False,
) -> None:
    check = selectors.verify_card("/".join(address))
    if json:
        print_json(asdict(check))
    else:
        print_table(
            [_("State"), _("Number"), _("Valid until"), _("Name")],
            [[check.state, check.number, str(check.valid_until or ""), check.holder]],
        )
    if check.state != selectors.CardState.VALID:
        raise typer.Exit(1)


@app.command(
    help=_("End a card at once.")
    + "\n\n"
    + _("Example:")
    + ' [bold]toli card revoke 7Q3K-9M2X-PA --reason "reported lost"[/bold]'
)
def revoke(
    number: Annotated[str, typer.Argument(help=_("The card's number, such as 7Q3K-9M2X-PA."))],
    reason: Annotated[str, typer.Option(help=_("Why."))],
) -> None:
    services.revoke_card(actor=SYSTEM, number=number, reason=reason)
    say(_("The card %(number)s has been revoked.") % {"number": number})
