"""`toli email`: what mail servers write back."""

import mailbox
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, print_json, say
from toli.messaging.domain.mail_reports import MOST_BYTES, read
from toli.messaging.errors import ReturnUnknown
from toli.messaging.services.returned import take_report

app = typer.Typer(help=_("E-mail: what mail servers write back about messages that left from here."))
REFUSED = "refused"


@app.callback()
def email() -> None:
    """Commands stand below."""


@app.command(
    help=_("Read reports of mail servers: one from standard input, as their pipe hands it over, or a whole mbox file.")
    + "\n\n"
    + _("Addresses that do not exist are not written to any more, and whoever complained gets no more e-mail.")
    + " "
    + _("What does not hold a token of ours is refused. Reading something twice changes nothing.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli email bounces --to bounces+k5x@example.org < report.eml[/bold]"
)
def bounces(
    mbox: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, readable=True, help=_("A file in mbox format; unset: standard input.")
        ),
    ] = None,
    to: Annotated[
        str, typer.Option(help=_("The address that the report was sent to, where the mail server tells."))
    ] = "",
    json: JsonOption = False,
) -> None:
    found: Counter[str] = Counter(_outcome(raw, to) for raw in _reports(mbox))
    if json:
        print_json(dict(found))
    else:
        for outcome, count in sorted(found.items()):
            say(f"{_name(outcome)}: {count}")
    # A pipe that fails makes the mail server write to whoever sent this, and nobody should learn how to forge one.
    if mbox is not None and found[REFUSED]:
        raise SystemExit(1)


def _reports(mbox: Path | None) -> Iterator[bytes]:
    if mbox is None:
        yield sys.stdin.buffer.read(MOST_BYTES)
        return
    box = mailbox.mbox(mbox, create=False)
    for key in box.iterkeys():
        yield box.get_bytes(key)


def _outcome(raw: bytes, to: str) -> str:
    try:
        return str(take_report(actor=SYSTEM, report=read(raw, recipient=to)))
    except ReturnUnknown:
        return REFUSED


def _name(outcome: str) -> str:
    names = {
        "gone": _("Addresses that do not exist"),
        "failed": _("Messages that were not delivered"),
        "delivered": _("Messages that were delivered"),
        "complaint": _("Complaints"),
        "nothing": _("Other reports"),
        REFUSED: _("Refused: no token of ours"),
    }
    return names[outcome]
