"""`toli sender`: the ways by which texts leave."""

import json as json_text
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated

import typer
from django.conf import settings
from django.utils.translation import gettext as _

from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.domain.sending import SURELY_NOT_SENT
from toli.accounts.ports import Receipt, ShowsRequests, TextSender
from toli.accounts.services.sending import Senders
from toli.audit import services as audit
from toli.cli.output import JsonOption, fail, out, print_json, print_table, say
from toli.cli.texts import KINDS, OF_ORGANISATION, sample, to_register
from toli.compliance import selectors as compliance
from toli.core.domain.phone import masked

app = typer.Typer(help=_("Senders of texts: which are in use, what they carry, whether they work."))
LANGUAGES = [code for code, _name in settings.LANGUAGES]


class Kind(StrEnum):
    """What a text is for."""

    CODE = "code"
    LINK = "link"
    LINK_AFTER_RESET = "link_after_reset"
    WELCOME = "welcome"
    BREACH = "breach"


class Language(StrEnum):
    """Languages that texts are written in."""

    HI = "hi"
    EN = "en"


def carried(sender: TextSender) -> dict[str, str]:
    """For each kind and language (``code.hi``) why this sender cannot carry it; empty when it can."""
    return {f"{kind}.{lang}": sender.objection(sample(kind, lang)) for kind in _kinds() for lang in LANGUAGES}


def _kinds() -> list[str]:
    """Texts that name the organisation have no words before it is described."""
    described = compliance.find_organisation() is not None
    return [kind for kind in KINDS if described or kind not in OF_ORGANISATION]


@app.command(
    name="list",
    help=_("The senders in use, in the order in which they are tried, and which texts each of them carries.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli sender list[/bold]",
)
def list_(json: JsonOption = False) -> None:
    found = {sender.key: carried(sender) for sender in accounts.text_sender().senders}
    if json:
        print_json([{"sender": key, "carries": objections} for key, objections in found.items()])
        return
    texts_known = next(iter(found.values()))
    rows = [[text, *(objections[text] or _("yes") for objections in found.values())] for text in texts_known]
    print_table([_("Text"), *found], rows)


@app.command(
    help=_("Show what would be asked of each sender for one text. With --yes, send it.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli sender test --to +919876543210 --kind code[/bold]"
)
def test(
    to: Annotated[str, typer.Option(help=_("Telephone number that gets the text."))],
    kind: Annotated[Kind, typer.Option(help=_("What the text is for."))] = Kind.CODE,
    language: Annotated[Language, typer.Option(help=_("Language of the text."))] = Language.HI,
    sender: Annotated[str, typer.Option(help=_("Only this sender, also one that is not in use."))] = "",
    yes: Annotated[bool, typer.Option("--yes", help=_("Send it; without this it is only shown."))] = False,
    json: JsonOption = False,
) -> None:
    message = sample(kind, language, accounts.phone_from(to))
    senders = [_named(sender)] if sender else list(accounts.text_sender().senders)
    if not yes:
        shown = [_preview(one, message) for one in senders]
        if json:
            print_json(shown)
        else:
            out.print_json(json_text.dumps(shown, ensure_ascii=False))
            say(_("Nothing was sent. Add --yes to send it."))
        return
    (receipt,) = Senders(senders).send_many([message])
    _record(kind, receipt)
    if json:
        print_json({"to": masked(message.to), **asdict(receipt)})
    else:
        words = {"to": masked(message.to), "outcome": receipt.outcome.value, "sender": receipt.sender}
        say(_("%(to)s: %(outcome)s by %(sender)s") % words + (f" ({receipt.reason})" if receipt.reason else ""))
    if receipt.outcome in SURELY_NOT_SENT:
        raise SystemExit(1)


def _named(name: str) -> TextSender:
    try:
        found: TextSender = accounts.sender_named(name)
    except (ImportError, ValueError) as error:
        fail(_("The sender %(name)s cannot be used: %(why)s") % {"name": name, "why": error})
    return found


def _preview(sender: TextSender, message: object) -> dict[str, object]:
    objection = sender.objection(message)  # type: ignore[arg-type]
    if objection or not isinstance(sender, ShowsRequests):
        return {"sender": sender.key, "objection": objection}
    return {"sender": sender.key, "objection": "", **sender.preview(message)}  # type: ignore[arg-type]


def _record(kind: str, receipt: Receipt) -> None:
    audit.record_act(
        SYSTEM,
        action="senders.test",
        target=f"sender:{receipt.sender}",
        details={"kind": kind, "outcome": receipt.outcome.value, "reason": receipt.reason},
    )


@app.command(
    help=_("The texts to register with the operators (DLT), as they stand in the file that TOLI_SMS_FILE names.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli sender texts[/bold]"
)
def texts(json: JsonOption = False) -> None:
    found = {(kind, language): to_register(kind, language) for kind in _kinds() for language in LANGUAGES}
    if json:
        print_json([{"kind": kind, "language": language, "text": text} for (kind, language), text in found.items()])
        return
    for (kind, language), text in found.items():
        block = f'[templates.{kind}.{language}]\nid = ""\ntext = {json_text.dumps(text, ensure_ascii=False)}\n'
        out.print(block, markup=False, highlight=False, soft_wrap=True)
    if not compliance.find_organisation():
        say(_("The welcome names the organisation: describe it first, with `toli organisation set`."))
