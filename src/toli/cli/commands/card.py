"""`toli card`: issue, check and revoke membership cards."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import SYSTEM
from toli.cards import card_files, printing, selectors, services
from toli.cards.domain.card_codec import shown
from toli.cards.domain.states import CardState
from toli.cli.output import JsonOption, fail, print_json, print_table, progress, say

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
        print_json({key: value for key, value in asdict(check).items() if key != "photo"})
    else:
        print_table(
            [_("State"), _("Number"), _("Valid until"), _("Name")],
            [[check.state, check.number, str(check.valid_until or ""), check.holder]],
        )
    if check.state != CardState.VALID:
        raise typer.Exit(1)


@app.command(
    help=_(
        "Check a card without a network, with two files. Ends with 1 when it is not good, with 3 when it is "
        "good but the list of revoked cards is missing or too old."
    )
    + "\n\n"
    + _("Example:")
    + " [bold]toli card check --offline --keys toli-card-keys.json --revoked toli-revoked-cards.bin HTTPS://…[/bold]"
)
def check(
    address: Annotated[str, typer.Argument(help=_("What the QR code says."))],
    keys: Annotated[
        Path | None, typer.Option(help=_("File of public keys, from /.well-known/toli-card-keys.json."))
    ] = None,
    revoked: Annotated[Path | None, typer.Option(help=_("List of revoked cards, from /v/revoked."))] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help=_("With files only; without this the database is asked."))
    ] = False,
    json: JsonOption = False,
) -> None:
    if not offline:
        verify([address], json=json)
        return
    if keys is None:
        fail(_("A check without a network needs the file of public keys: add --keys FILE."), code=2)
    found = card_files.check_with_files(address, keys=keys, revoked=revoked)
    face = found.face
    if json:
        print_json({"state": found.state, "list": found.list_age, "card": asdict(face) if face else None})
    else:
        rows = [[found.state, found.list_age, shown(face.number), face.valid_until, face.place]] if face else []
        print_table(
            [_("State"), _("List"), _("Number"), _("Valid until"), _("Place")],
            rows or [[found.state, found.list_age, "", "", ""]],
        )
    if found.state != CardState.VALID:
        raise typer.Exit(1)
    if not found.sure:
        say(_("Good by its signature. Whether it was revoked is not certain: fetch a new list."))
        raise typer.Exit(3)


@app.command(
    help=_("Write the public keys and the list of revoked cards into a folder, to carry to apps without a network.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli card publish --folder /media/stick[/bold]"
)
def publish(
    folder: Annotated[Path, typer.Option(help=_("Where to."), file_okay=False)],
    json: JsonOption = False,
) -> None:
    revoked = services.publish_revoked()
    written = card_files.write_files(folder)
    if json:
        print_json({"revoked": revoked, "files": written})
    else:
        say(
            _("%(count)d revoked cards are listed. Written: %(files)s")
            % {"count": revoked, "files": ", ".join(written)}
        )


@app.command(
    name="print",
    help=_(
        "Write the cards of a territory onto A4 sheets of ten, with marks to cut along. Recorded in the audit trail."
    )
    + "\n\n"
    + _("Example:")
    + " [bold]toli card print --territory S24-AC034-B0142 --out sheets.pdf[/bold]",
)
def print_(
    territory: Annotated[str, typer.Option(help=_("Code of the territory."))],
    out: Annotated[
        Path, typer.Option(help=_("File to write; several where there are more than 1,000 cards."), dir_okay=False)
    ],
    json: JsonOption = False,
) -> None:
    count, files = printing.print_cards(actor=SYSTEM, territory_code=territory, out=out)
    if json:
        print_json({"cards": count, "files": [str(path) for path in files]})
    else:
        names = ", ".join(str(path) for path in files)
        say(_("%(count)d cards. Written: %(files)s") % {"count": count, "files": names})


@app.command(
    help=_("New cards instead of all whose key was withdrawn. Can be stopped and started again.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli card reissue[/bold]"
)
def reissue(json: JsonOption = False) -> None:
    with progress(_("Cards"), quiet=json) as advance:
        count = services.reissue_cards(actor=SYSTEM, advance=advance)
    if json:
        print_json({"reissued": count})
    else:
        say(_("%(count)d cards were replaced.") % {"count": count})


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
