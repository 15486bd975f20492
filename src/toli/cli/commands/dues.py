"""`toli dues`: what a membership costs, what is owed and paid."""

from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, YesOption, print_json, print_table, say
from toli.dues import selectors, services
from toli.dues.domain.money import AmountUnreadable, is_currency, plain, read
from toli.dues.domain.offers import PRIMARY, Terms
from toli.dues.errors import AmountWrong, CurrencyUnknown
from toli.members import selectors as members
from toli.territories import selectors as territories

app = typer.Typer(help=_("Fees, receipts and terms of membership."))
Place = Annotated[str, typer.Option("--territory", help=_("Code of the territory; with all below it."))]


@app.command(
    help=_("Set what a drive offers: a class of membership, its months and its fee.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli dues offer drive-2026 --months 36 --fee 100[/bold]"
)
def offer(
    drive: Annotated[str, typer.Argument(help=_("Short name of the drive."))],
    grade: Annotated[str, typer.Option(help=_("Class: primary or active."))] = PRIMARY,
    months: Annotated[int, typer.Option(help=_("How long a membership lasts, in months."))] = 36,
    fee: Annotated[str, typer.Option(help=_("The fee, like 100 or 99.50; 0 if it is free."))] = "0",
    currency: Annotated[str, typer.Option(help=_("Code of the currency."))] = "INR",
    grace: Annotated[int, typer.Option(help=_("Days after the end in which nothing is taken away."))] = 30,
    least_months: Annotated[int, typer.Option(help=_("Months as a primary member before."))] = 0,
    json: JsonOption = False,
) -> None:
    if not is_currency(currency):
        raise CurrencyUnknown(currency=currency)
    try:
        amount = read(fee, currency)
    except AmountUnreadable:
        raise AmountWrong from None
    terms = Terms(grade, months, amount, currency, grace, least_months)
    services.set_offer(actor=SYSTEM, drive_code=drive, terms=terms)
    if json:
        print_json({"drive": drive, "grade": grade, "months": months, "fee": amount, "currency": currency})
    else:
        say(_("The drive %(drive)s offers this now.") % {"drive": drive})


@app.command(
    help=_("What is paid and owed in a territory.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli dues due --territory UP --json[/bold]"
)
def due(territory: Place, json: JsonOption = False) -> None:
    place = territories.get_territory(EVERYWHERE, territory)
    rows = selectors.sums(EVERYWHERE, place)
    ending = selectors.ending(EVERYWHERE, place).count()
    if json:
        print_json({"territory": territory, "sums": rows, "due_for_renewal": ending})
        return
    say(_("Due for renewal: %(count)d") % {"count": ending})
    columns = [_("Currency"), _("Paid"), _("of that in cash"), _("Still owed"), _("Receipts")]
    print_table(
        columns,
        [
            [row["currency"], *(plain(row[key], row["currency"]) for key in ("paid", "cash", "owed")), row["receipts"]]
            for row in rows
        ],
    )


@app.command(
    help=_("Confirm what a bank's list says was paid: a CSV with the columns reference and amount.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli dues paid bank.csv --json[/bold]"
)
def paid(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=_("The list."))], json: JsonOption = False
) -> None:
    report = services.confirm_statement(actor=SYSTEM, text=file.read_text(encoding="utf-8-sig", errors="replace"))
    found = {**report.counts(), "by_line": {str(fate): lines for fate, lines in report.lines.items()}}
    if json:
        print_json(found)
    else:
        print_table([_("What"), _("Lines")], [[name, number] for name, number in report.counts().items()])


@app.command(
    help=_("Receipts of a drive, in the order of their numbers.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli dues receipts drive-2026 --json[/bold]"
)
def receipts(
    drive: Annotated[str, typer.Argument(help=_("Short name of the drive."))], json: JsonOption = False
) -> None:
    found = selectors.receipts(EVERYWHERE).filter(drive=members.get_drive(drive)).order_by("number")
    rows: list[dict[str, Any]] = [
        {
            "number": receipt.shown,
            "at": receipt.at,
            "amount": receipt.amount,
            "currency": receipt.currency,
            "way": receipt.way,
            "taken_by": receipt.taken_by.login if receipt.taken_by else "",
            "territory": receipt.territory.code,
            "cancelled": hasattr(receipt, "cancellation"),
        }
        for receipt in found
    ]
    if json:
        print_json(rows)
    else:
        columns = [_("Number"), _("When"), _("Amount"), _("Way"), _("Received by"), _("Cancelled")]
        cells = [
            [row["number"], row["at"], plain(row["amount"], row["currency"]), row["way"], row["taken_by"],
             _("yes") if row["cancelled"] else ""]
            for row in rows
        ]  # fmt: skip
        print_table(columns, cells)


@app.command(
    name="lapse",
    help=_("End card and seat of members whose term and days of grace are over; each is told first.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli dues lapse --yes[/bold]",
)
def lapse_(yes: YesOption = False, json: JsonOption = False) -> None:
    count = services.lapse(actor=SYSTEM, dry_run=not yes)
    if json:
        print_json({"lapsed" if yes else "would_lapse": count})
    elif yes:
        say(_("%(count)d memberships have ended.") % {"count": count})
    else:
        say(_("%(count)d memberships would end. Add --yes to do it.") % {"count": count})
