"""`toli bot`: the bot that keeps groups by itself, on Telegram."""

from dataclasses import asdict
from typing import Annotated

import typer
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.botgroups import selectors, services
from toli.cli.output import JsonOption, out, print_json, print_table, say

app = typer.Typer(help=_("The bot that keeps chat groups by itself: connect it, see how it works, try it."))
Provider = Annotated[str, typer.Option(help=_("Which platform."))]
Group = Annotated[int, typer.Argument(help=_("Number of the group."))]
TELEGRAM = "telegram_bot"


@app.command(
    help=_("Ask the platform who the bot is, and have it tell us what happens in the groups.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli bot connect[/bold]"
)
def connect(
    address: Annotated[str, typer.Option(help=_("Our own address, if it is another than TOLI_BASE_URL."))] = "",
    provider: Provider = TELEGRAM,
    json: JsonOption = False,
) -> None:
    bot = services.connect_bot(actor=SYSTEM, provider_key=provider, base_url=address)
    if json:
        print_json({"bot": bot.username, "address": bot.address})
    else:
        say(_("The bot @%(name)s is connected.") % {"name": bot.username})


@app.command(help=_("How the bot works: what waits, what was given up, and the groups that it keeps."))
def status(json: JsonOption = False) -> None:
    bots, health, kept = list(selectors.bots()), selectors.health(), selectors.kept_groups(EVERYWHERE)
    if json:
        print_json(
            {
                "bots": [{"name": bot.username, "heard_at": bot.heard_at} for bot in bots],
                "health": asdict(health),
                "groups": [
                    {
                        "id": row.group.pk,
                        "name": row.group.name,
                        "inside": row.inside,
                        "counted": row.chat.people,
                        "strangers": row.strangers,
                        "lost": not row.chat.inside,
                        "missing": row.chat.missing.split(),
                    }
                    for row in kept
                ],
            }
        )
        return
    for bot in bots:
        say(f"@{bot.username}")
    say(
        _("Updates: %(updates)s wait, %(updates_failed)s given up. Orders: %(orders)s wait, %(orders_failed)s failed.")
        % asdict(health)
    )
    columns = [_("Number"), _("Group"), _("In the group"), _("Platform counts"), _("Without a seat"), _("Trouble")]
    print_table(
        columns,
        [
            [
                str(row.group.pk),
                row.group.name,
                str(row.inside),
                str(row.chat.people if row.chat.people is not None else "–"),
                str(row.strangers),
                row.chat.missing if row.chat.inside else _("The bot is not in the group"),
            ]
            for row in kept
        ],
    )


@app.command(help=_("Write one line into a group, so that its people see that the bot is there."))
def test(number: Group) -> None:
    services.post_test(actor=SYSTEM, group_id=number)
    say(_("It is written."))


@app.command(help=_("A new address by which the named person puts the bot into the group."))
def code(number: Group) -> None:
    address = services.renew_group_code(actor=SYSTEM, group_id=number)
    out.print(address, soft_wrap=True, markup=False, highlight=False)
