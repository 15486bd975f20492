"""`toli place`: the organisation's own pages, channels and accounts, to which programs post."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, YesOption, fail, print_json, print_table, say
from toli.posting import selectors, services

app = typer.Typer(help=_("Own pages, channels and accounts: which there are, whether they work, what they may post."))
Place = Annotated[int, typer.Argument(help=_("Number of the account."))]


@app.command(
    help=_("Keep a page, channel or account. Settings are read from lines of the form name=value on stdin.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli place add telegram_posts --name News --territory IN --person rohit < settings.txt[/bold]"
)
def add(
    provider: Annotated[str, typer.Argument(help=_("The platform, such as telegram_posts, facebook or youtube."))],
    name: Annotated[str, typer.Option(help=_("What people call it."))] = "",
    territory: Annotated[str, typer.Option(help=_("Code of the territory that it speaks to."))] = "",
    person: Annotated[str, typer.Option(help=_("Login of whoever looks after it."))] = "",
    group: Annotated[int | None, typer.Option(help=_("Its number in the registry of groups, if it is there."))] = None,
    language: Annotated[str, typer.Option(help=_("Language of what is posted there; unset: as the plan says."))] = "",
    json: JsonOption = False,
) -> None:
    place = services.add_place(
        actor=SYSTEM,
        provider=provider,
        settings=_settings(),
        name=name,
        territory_code=territory,
        person_login=person,
        group_id=group,
        language=language,
    )
    if json:
        print_json(_facts(place))
    else:
        say(_("Kept as number %(id)d.") % {"id": place.pk})


@app.command(help=_("Change settings of an account, read from stdin as name=value, such as a token that ran out."))
def change(place: Place, json: JsonOption = False) -> None:
    found = services.change_place(actor=SYSTEM, place_id=place, settings=_settings())
    if json:
        print_json(_facts(found))
    else:
        say(_("Changed."))


@app.command(name="list", help=_("All accounts, those that stand still first."))
def list_(json: JsonOption = False) -> None:
    found = [_facts(place) for place in selectors.places(EVERYWHERE)]
    if json:
        print_json(found)
    else:
        print_table(
            [_("Number"), _("Platform"), _("Name"), _("Territory"), _("State"), _("Reason")],
            [[str(item["id"]), *(item[key] for key in ("provider", "name", "territory", "state", "reason"))]
             for item in found],
        )  # fmt: skip


@app.command(
    help=_("Ask the platform whether an account can be posted to, and what is left of its quota. Posts nothing.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli place health 3 --json[/bold]"
)
def health(place: Place, json: JsonOption = False) -> None:
    found = services.examine_place(actor=SYSTEM, place_id=place)
    if json:
        print_json(asdict(found))
    elif found.problem:
        fail(found.problem)
    else:
        quota = f" {found.quota.used}/{found.quota.total}" if found.quota else ""
        say(_("%(name)s can be posted to.") % {"name": found.name} + quota)
    if found.problem:
        raise SystemExit(1)


@app.command(help=_("Post one line in an account and delete it at once. Without --yes nothing is posted."))
def test(place: Place, yes: YesOption = False, json: JsonOption = False) -> None:
    found = selectors.get_place(EVERYWHERE, place)
    if not yes:
        say(_("One line would be posted in %(name)s and deleted. Add --yes.") % {"name": found.title})
        return
    post = services.try_place(actor=SYSTEM, place_id=place)
    if json:
        print_json({"place": place, "post": post.pk, "state": post.state, "reason": post.reason})
    elif post.state == "deleted":
        say(_("Posted and deleted."))
    else:
        say(_("Posted, but it could not be deleted: %(reason)s") % {"reason": post.reason})


@app.command(help=_("Let nothing be posted in an account until it is resumed."))
def pause(place: Place, json: JsonOption = False) -> None:
    _state(place, "paused", json)


@app.command(help=_("Post in an account again; what waits for it goes out."))
def resume(place: Place, json: JsonOption = False) -> None:
    _state(place, "active", json)


@app.command(help=_("Post in an account no more. What stands there stays."))
def off(place: Place, json: JsonOption = False) -> None:
    _state(place, "off", json)


def _state(place: int, state: str, json: bool) -> None:
    found = services.set_place_state(actor=SYSTEM, place_id=place, state=state)
    if json:
        print_json(_facts(found))
    else:
        say(_("%(name)s: %(state)s") % {"name": found.title, "state": found.get_state_display()})


def _facts(place: Any) -> dict[str, Any]:
    return {
        "id": place.pk,
        "provider": place.provider,
        "name": place.title,
        "territory": place.home.code,
        "group": place.group_id,
        "language": place.language,
        "state": place.state,
        "reason": place.reason,
        "settings": place.config,
        "quota_used": place.quota_used,
        "quota_total": place.quota_total,
    }


def _settings() -> dict[str, str]:
    """Secrets do not stand in the history of the shell: they are read."""
    stream = typer.get_text_stream("stdin")
    if stream.isatty():
        say(_("Write one name=value on each line, then Ctrl+D."))
    found = {}
    for line in stream:
        name, sign, value = line.strip().partition("=")
        if sign:
            found[name.strip()] = value.strip()
    return found
