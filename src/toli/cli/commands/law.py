"""`toli law`: what may be sent where and when, why not, and what was refused."""

from datetime import datetime, timedelta
from typing import Annotated

import typer
from django.utils import timezone
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, print_json, print_table, say
from toli.compliance import selectors, services
from toli.compliance.domain.law import SOURCES
from toli.core import clock
from toli.territories import selectors as territories
from toli.web.rule_words import RULES

app = typer.Typer(help=_("What may be sent where and when: quiet hours, silence before polls, registered texts."))
FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d"]


@app.command(
    help=_("Ask whether something may be sent to a place at a moment. Exits with 1 when it may not.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli law ask UP --channel telegram --at 2029-04-18T12:00[/bold]"
)
def ask(
    territory: Annotated[str, typer.Argument(help=_("Code of the territory."))],
    channel: Annotated[str, typer.Option(help=_("Channel, such as telegram, sms or assisted."))],
    purpose: Annotated[str, typer.Option(help=_("content, membership or security"))] = "content",
    at: Annotated[datetime | None, typer.Option(formats=FORMATS, help=_("When; now without it."))] = None,
    template: Annotated[str, typer.Option(help=_("Short name of the registered SMS text."))] = "",
    json: JsonOption = False,
) -> None:
    question = services.SendingQuestion(
        territory_id=territories.get_territory(EVERYWHERE, territory).pk,
        channel=channel,
        purpose=purpose,
        at=timezone.make_aware(at) if at else clock.now(),
        template=template,
    )
    refusal = selectors.judge_all([question])[0]
    if json:
        facts = {"rule": refusal.rule, "until": refusal.until, "final": refusal.final} if refusal else {"rule": None}
        print_json({**facts, "source": SOURCES.get(refusal.rule) if refusal else None})
    elif refusal is None:
        say(_("It may be sent."))
    else:
        until = f"{timezone.localtime(refusal.until):%Y-%m-%d %H:%M}" if refusal.until else "–"
        head = [_("Rule"), _("What it says"), _("Until"), _("Source")]
        print_table(head, [[refusal.rule, str(RULES[refusal.rule]), until, SOURCES.get(refusal.rule, "–")]])
    if refusal is not None:
        raise typer.Exit(1)


@app.command(help=_("How many messages each rule held back."))
def refusals(
    days: Annotated[int, typer.Option(min=1, help=_("Of how many days."))] = 30, json: JsonOption = False
) -> None:
    found = selectors.refusals(EVERYWHERE, since=clock.now() - timedelta(days=days))
    if json:
        print_json([{"rule": item.rule, "channel": item.channel, "count": item.count} for item in found])
    else:
        print_table([_("Rule"), _("Channel"), _("Count")], [[item.rule, item.channel, item.count] for item in found])


@app.command(
    name="register-sms",
    help=_("Enter a text that was registered with the telephone companies; again to change it.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli law register-sms daily --id 1107161234567890123 --header JANSET --text '{text} {link}'[/bold]",
)
def register_sms(
    code: Annotated[str, typer.Argument(help=_("Short name of the text."))],
    id_: Annotated[str, typer.Option("--id", help=_("Number of its registration."))],
    header: Annotated[str, typer.Option(help=_("The sender that phones show."))],
    text: Annotated[str, typer.Option(help=_("The registered words, with {text} and {link} where they vary."))],
) -> None:
    services.register_sms_template(actor=SYSTEM, code=code, registered_id=id_, header=header, text=text)
    say(_("The SMS text %(code)s is registered.") % {"code": code})


@app.command(name="end-sms", help=_("Send nothing by a registered SMS text any more."))
def end_sms(code: Annotated[str, typer.Argument(help=_("Short name of the text."))]) -> None:
    services.end_sms_template(actor=SYSTEM, code=code)
    say(_("The SMS text %(code)s has ended.") % {"code": code})


@app.command(name="list-sms", help=_("All registered SMS texts."))
def list_sms(json: JsonOption = False) -> None:
    rows = [
        {"code": item.code, "id": item.registered_id, "header": item.header, "valid_until": item.valid_until}
        for item in selectors.sms_templates()
    ]
    if json:
        print_json(rows)
    else:
        head = [_("SMS text"), _("Number"), _("Sender"), _("Valid until")]
        print_table(head, [[str(value or "–") for value in row.values()] for row in rows])
