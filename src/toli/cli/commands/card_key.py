"""`toli card-key`: the keys that sign membership cards."""

from typing import Annotated

import typer
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import SYSTEM
from toli.cards import keys, services
from toli.cli.output import JsonOption, print_json, print_table, say

app = typer.Typer(
    help=_("Keys that sign cards: see, add, withdraw, retire. Back up the secrets file before and after.")
)
Version = Annotated[int, typer.Argument(help=_("The key's version."))]
Yes = Annotated[bool, typer.Option("--yes", help=_("Do it; without this it is only told what would happen."))]


@app.command(name="list", help=_("Which keys there are, which one signs, and how many cards count on each."))
def list_(json: JsonOption = False) -> None:
    gone, signs = keys.withdrawn(), keys.signing_key()[0]
    rows = [
        (version, _state(version, gone, signs), services.counting(version).count()) for version in keys.public_keys()
    ]
    if json:
        print_json([{"version": version, "state": state, "cards": count} for version, state, count in rows])
    else:
        print_table([_("Key"), _("State"), _("Cards")], rows)


@app.command(
    help=_("Make a new key, which signs from now on. Cards under older keys stay good until they expire.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli card-key add[/bold]"
)
def add(json: JsonOption = False) -> None:
    version = services.add_key(actor=SYSTEM)
    if json:
        print_json({"version": version})
    else:
        say(_("Cards are signed with key %(version)d from now on. Back up the secrets file.") % {"version": version})


@app.command(
    help=_("Say that somebody else may have a key: its cards no longer count, and all are replaced.")
    + "\n\n"
    + _("Example:")
    + ' [bold]toli card-key withdraw 1 --reason "a copy of the file was seen" --yes[/bold]'
)
def withdraw(
    version: Version,
    reason: Annotated[str, typer.Option(help=_("Why."))],
    yes: Yes = False,
    json: JsonOption = False,
) -> None:
    if not yes:
        count = services.counting(version).count()
        say(_("%(count)d cards would end at once and be replaced. Add --yes to do it.") % {"count": count})
        return
    count = services.withdraw_key(actor=SYSTEM, version=version, because=reason)
    if json:
        print_json({"version": version, "to_reissue": count})
    else:
        say(
            _("%(count)d cards are to be replaced. A worker does it; `toli card reissue` does it now.")
            % {"count": count}
        )


@app.command(help=_("Forget a key for ever. Refused while a card counts on it."))
def retire(version: Version, yes: Yes = False, json: JsonOption = False) -> None:
    count = services.counting(version).count()
    if yes:
        services.retire_key(actor=SYSTEM, version=version)
    if json:
        print_json({"version": version, "cards": count, "retired": yes})
    elif not yes:
        say(_("%(count)d cards count on key %(version)d.") % {"count": count, "version": version})
    else:
        say(_("Key %(version)d is forgotten.") % {"version": version})


def _state(version: int, gone: frozenset[int], signs: int) -> str:
    return _("withdrawn") if version in gone else _("signs") if version == signs else _("verifies")
