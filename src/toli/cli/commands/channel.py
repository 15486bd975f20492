"""`toli channel`: the numbers, bots and mailboxes that messages leave by."""

import dataclasses
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, YesOption, fail, print_json, print_table, say
from toli.messaging import selectors
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.providers import is_secret, provider_class, providers
from toli.messaging.services import devices, senders, trying

app = typer.Typer(help=_("The senders of the delivery engine: set up, pause, try."))
Code = Annotated[str, typer.Argument(help=_("Short name of the sender."))]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help=_("A setting: name=value, name=env:VARIABLE for a secret, or name=file:PATH.")),
]
TemplateOption = Annotated[
    str | None, typer.Option("--kit-template", help=_("Name of the template by which kits go out."))
]
PriceOption = Annotated[
    list[str] | None,
    typer.Option("--price", help=_("What a message costs in paise, as content=86.31 or membership=11.5.")),
]


@app.command(
    "list",
    help=_("All senders, and whether they send.") + "\n\n" + _("Example:") + " [bold]toli channel list[/bold]",
)
def list_(json: JsonOption = False) -> None:
    rows = [
        {
            "code": item.code, "name": item.name, "provider": item.provider, "state": item.state, "reason": item.reason,
            "per_second": item.per_second, "recipient_gap": item.recipient_gap,
            "portfolio": item.portfolio.code if item.portfolio else "", "kit_template": item.kit_template,
            "prices_paise": item.prices, **_health(item),
        }
        for item in selectors.senders()
    ]  # fmt: skip
    if json:
        print_json(rows)
        return
    columns = [_("Sender"), _("Provider"), _("State"), _("Reason"), _("In a second"), _("Waiting"), _("Not known"),
               _("Last sent"), _("Last fault")]  # fmt: skip
    print_table(
        columns,
        [
            (r["code"], r["provider"], r["state"], r["reason"], r["per_second"], r["queued"], r["unknown"],
             f"{r['last_sent_at']:%Y-%m-%d %H:%M}" if r["last_sent_at"] else "–", f"{r['error']} {r['code_of_error']}")
            for r in rows
        ],
    )  # fmt: skip


@app.command(
    "providers",
    help=_("Which providers there are, and what each has to be told.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli channel providers[/bold]",
)
def providers_(json: JsonOption = False) -> None:
    found: dict[str, dict[str, Any]] = {
        key: {
            "channel": kind.channel,
            "settings": {
                field.name: {"label": str(field.metadata.get("label", field.name)), "secret": is_secret(field)}
                for field in dataclasses.fields(kind.settings_schema)
            },
        }
        for key, kind in providers().items()
    }
    if json:
        print_json(found)
        return
    for key, kind in found.items():
        rows = [(name, item["label"], _("secret") if item["secret"] else "") for name, item in kind["settings"].items()]
        print_table([_("Setting"), _("What it is"), ""], rows, title=key)


@app.command(
    help=_("Set up a sender. Its keys are sealed with the installation's own key.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli channel add main --name Office --provider whatsapp_cloud --set phone_number_id=106540352242922"
    " --set token=env:WA_TOKEN --set app_secret=env:WA_SECRET --set verify_token=env:WA_VERIFY --per-second 80[/bold]"
)
def add(
    code: Code,
    name: Annotated[str, typer.Option(help=_("How it is called."))],
    provider: Annotated[str, typer.Option(help=_("Key of the provider."))],
    settings: SetOption = None,
    per_second: Annotated[float, typer.Option(min=0, help=_("Most messages in any second; 0: no limit."))] = 0,
    recipient_gap: Annotated[
        float, typer.Option(min=0, help=_("Seconds between two messages to the same person."))
    ] = 6,
    portfolio: Annotated[str, typer.Option(help=_("Senders of one portfolio share its limit of a day."))] = "",
    per_day: Annotated[int, typer.Option(min=0, help=_("Most messages of the portfolio in 24 hours."))] = 0,
    kit_template: TemplateOption = None,
    price: PriceOption = None,
) -> None:
    made = senders.create_sender(
        actor=SYSTEM,
        code=code,
        name=name,
        provider=provider,
        settings=_settings(provider, settings or []),
        per_second=per_second,
        recipient_gap=recipient_gap,
        portfolio=portfolio,
        per_day=per_day,
        kit_template=kit_template or "",
        prices=_prices(price),
    )
    say(_("The sender %(code)s is set up. Its callback address ends in %(path)s.")
        % {"code": made.code, "path": callback_path(made.code)})  # fmt: skip


@app.command(
    help=_("Change settings of a sender.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli channel change main --set token=env:WA_TOKEN[/bold]"
)
def change(
    code: Code,
    settings: SetOption = None,
    name: Annotated[str | None, typer.Option(help=_("How it is called."))] = None,
    per_second: Annotated[
        float | None, typer.Option(min=0, help=_("Most messages in any second; 0: no limit."))
    ] = None,
    recipient_gap: Annotated[
        float | None, typer.Option(min=0, help=_("Seconds between two messages to the same person."))
    ] = None,
    kit_template: TemplateOption = None,
    price: PriceOption = None,
) -> None:
    sender = selectors.get_sender(code)
    senders.change_sender(
        actor=SYSTEM,
        code=code,
        settings=_settings(sender.provider, settings or []),
        name=name,
        per_second=per_second,
        recipient_gap=recipient_gap,
        kit_template=kit_template,
        prices=_prices(price),
    )
    say(_("The sender %(code)s is changed.") % {"code": code})


@app.command(help=_("Let a sender send nothing.") + "\n\n" + _("Example:") + " [bold]toli channel pause main[/bold]")
def pause(code: Code) -> None:
    senders.set_sender_state(actor=SYSTEM, code=code, state="paused")
    say(_("The sender %(code)s sends nothing now.") % {"code": code})


@app.command(help=_("Let a sender send again.") + "\n\n" + _("Example:") + " [bold]toli channel resume main[/bold]")
def resume(code: Code) -> None:
    senders.set_sender_state(actor=SYSTEM, code=code, state="active")
    say(_("The sender %(code)s sends again.") % {"code": code})


@app.command(
    help=_("Turn a sender off; plans leave it out.") + "\n\n" + _("Example:") + " [bold]toli channel off main[/bold]"
)
def off(code: Code) -> None:
    senders.set_sender_state(actor=SYSTEM, code=code, state="off")
    say(_("The sender %(code)s is off.") % {"code": code})


@app.command(
    name="rotate-key",
    help=_("Make a new key for notifications. Browsers are reached by the one that they know until they come by again.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli channel rotate-key push[/bold]",
)
def rotate_key(
    code: Code,
    forget_earlier: Annotated[
        bool, typer.Option(help=_("No new key: forget the earlier ones, and whoever is bound to them."))
    ] = False,
) -> None:
    bound = devices.count_bound_to_earlier_keys()
    senders.rotate_key(actor=SYSTEM, code=code, forget=forget_earlier)
    if forget_earlier:
        say(_("Forgotten. %(count)d browsers are reached no more until they come by again.") % {"count": bound})
    else:
        bound = devices.count_bound_to_earlier_keys()
        say(_("The sender has a new key. %(count)d browsers are asked for it when they come by.") % {"count": bound})


@app.command(
    help=_("Send one message to your own number or address, and see what the provider says.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli channel test main --to +919876543210 --yes[/bold]"
)
def test(
    code: Code,
    to: Annotated[str, typer.Option(help=_("Your own number or address."))],
    template: Annotated[str, typer.Option(help=_("Name of a template; without it, that for kits or free text."))] = "",
    param: Annotated[list[str] | None, typer.Option(help=_("What fills the template. Repeatable."))] = None,
    text: Annotated[str, typer.Option(help=_("Free text."))] = "",
    language: Annotated[str, typer.Option(help=_("Language of the text."))] = "en",
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    sample = trying.sample_for(selectors.get_sender(code), language)
    if template or text:
        sample = trying.Sample(text, template, language, tuple(param or ()))
    if not yes:
        if json:
            print_json(asdict(sample))
        else:
            say(sample.text or sample.template)
            say(_("Nothing was sent. Add --yes to send it."))
        return
    receipt = trying.try_sender(actor=SYSTEM, code=code, to=to, sample=sample)
    if json:
        print_json({"verdict": receipt.verdict, "code": receipt.code, "ref": receipt.ref})
    else:
        say(_("The provider says: %(verdict)s %(code)s") % {"verdict": receipt.verdict.value, "code": receipt.code})
    if receipt.verdict is not Verdict.ACCEPTED:
        raise SystemExit(1)


def _health(sender: Any) -> dict[str, Any]:
    """Beside what the sender is called by ``code``, the provider's code is ``code_of_error``."""
    found = asdict(selectors.health_of(sender))
    return {"code_of_error": found.pop("code"), **found}


def callback_path(code: str) -> str:
    """Where the provider reports to, below the site's root."""
    return f"/in/{code}"


def _prices(pairs: list[str] | None) -> dict[str, str] | None:
    """``purpose=paise`` pairs; the service says which purposes there are."""
    return {pair.partition("=")[0]: pair.partition("=")[2] for pair in pairs} if pairs else None


def _settings(provider: str, pairs: list[str]) -> dict[str, str]:
    """``name=value`` pairs; what stands in the environment or in a file is read from there, so that no secret is in a
    history."""
    known = {field.name for field in dataclasses.fields(provider_class(provider).settings_schema)}
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or name not in known:
            fail(_("%(provider)s knows no setting %(name)s.") % {"provider": provider, "name": name}, code=2)
        if value.startswith("env:"):
            value = os.environ.get(value.removeprefix("env:"), "")
        elif value.startswith("file:"):
            value = _in_file(Path(value.removeprefix("file:")))
        found[name] = value
    return found


def _in_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        fail(_("%(path)s cannot be read.") % {"path": path}, code=2)
