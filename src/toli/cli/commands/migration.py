"""`toli migration`: a division that is carried out in waves. Each step is taken in somebody's name."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts import selectors as accounts
from toli.accounts.domain.actor import Actor
from toli.chatgroups import services, waves
from toli.chatgroups.domain.migrating import DAYS, PER_PERSON
from toli.cli.output import JsonOption, YesOption, print_json, print_table, say
from toli.territories import selectors as territories

app = typer.Typer(help=_("Divide groups in waves: plan, approve, watch, pause, roll back."))
As = Annotated[str, typer.Option("--as", help=_("Login of the person who does this."))]
Number = Annotated[int, typer.Argument(help=_("Number of the division."))]


def _actor(login: str) -> Actor:
    return accounts.actor_for(accounts.get_account(login))


@app.command(
    help=_("Write down the plan of a division, for somebody to approve.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli migration plan connect-2029 UP --depth zone --as rohit --dry-run[/bold]"
)
def plan(
    campaign: Annotated[str, typer.Argument(help=_("Short name of the campaign."))],
    territory: Annotated[str, typer.Argument(help=_("Code of the territory."))],
    depth: Annotated[str, typer.Option(help=_("zone, district, ac or booth"))],
    as_: As,
    per_person: Annotated[int, typer.Option(min=1, help=_("Groups that one person creates in one wave."))] = PER_PERSON,
    days: Annotated[int, typer.Option(min=1, help=_("Days for the people of a wave to come over."))] = DAYS,
    afterwards: Annotated[
        str, typer.Option(help=_("What becomes of old groups: archive, or news (announcements only)."))
    ] = "archive",
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Show the plan, change nothing."))] = False,
    json: JsonOption = False,
) -> None:
    about: dict[str, Any] = {
        "actor": _actor(as_),
        "campaign_code": campaign,
        "territory_code": territory,
        "depth": depth,
        "per_person": per_person,
    }
    preview = services.preview_migration(**about)
    found = None if dry_run else services.plan_migration(**about, days=days, afterwards=afterwards)
    if json:
        print_json({**asdict(preview), "migration": found.pk if found else None})
        return
    rows = [
        [str(wave.number), ", ".join(f"{name} {tasks}" for name, tasks in wave.tasks.items()), str(wave.people)]
        for wave in preview.waves
    ]
    print_table([_("Wave"), _("Who creates how many groups"), _("People who move")], rows)
    say(preview.report.nobody or _("Plan %(hash)s.") % {"hash": preview.plan_hash[:12]})
    if found:
        say(_("Division %(number)d waits for approval.") % {"number": found.pk})


@app.command(help=_("Have a plan carried out, from its first wave on."))
def approve(
    number: Number,
    as_: As,
    plan_hash: Annotated[
        str, typer.Option("--plan", help=_("The hash of the plan that was looked at; unset: the one that waits."))
    ] = "",
) -> None:
    found = waves.get_migration(EVERYWHERE, number)
    services.approve_migration(actor=_actor(as_), migration_id=number, plan_hash=plan_hash or found.plan_hash)
    say(_("The first wave has begun."))


@app.command(help=_("Where divisions stand; with a number, one of them and its waves."))
def status(
    number: Annotated[int, typer.Argument(help=_("Number of the division; unset: all."))] = 0,
    under: Annotated[str, typer.Option(help=_("Code of the territory."))] = "IN",
    json: JsonOption = False,
) -> None:
    if not number:
        _list(under, json)
        return
    board = waves.board(EVERYWHERE, number)
    rows: list[dict[str, Any]] = [
        {
            "wave": row.wave.number,
            "state": row.wave.state,
            "groups": row.wave.new_groups,
            "open": row.open,
            "people": row.wave.people,
            "given": row.progress.given,
            "here": row.progress.here,
            "late": row.late,
            "due_at": row.wave.due_at,
        }
        for row in board.waves
    ]
    if json:
        found = board.migration
        print_json(
            {
                "number": found.pk,
                "territory": found.territory.code,
                "depth": found.depth.code,
                "state": found.state,
                "plan_hash": found.plan_hash,
                "figures": found.figures,
                "waves": rows,
                "old_groups": {"all": board.olds, "empty": board.emptied, "closed": board.closed},
            }
        )
        return
    columns = [_("Wave"), _("State"), _("Groups"), _("Open"), _("People"), _("Given"), _("There"), _("Late")]
    print_table(columns, [[str(value) for value in list(row.values())[:7]] + [", ".join(row["late"])] for row in rows])
    say(str(board.migration.get_state_display()))


def _list(under: str, json: bool) -> None:
    place = territories.get_territory(EVERYWHERE, under)
    rows = [
        {
            "number": found.pk,
            "territory": found.territory.code,
            "depth": found.depth.code,
            "state": found.state,
            "groups": found.figures["groups"],
            "people": found.figures["leaving"],
        }
        for found in waves.migrations(EVERYWHERE, territory=place)
    ]
    if json:
        print_json(rows)
        return
    columns = [_("Number"), _("Territory"), _("Level"), _("State"), _("Groups"), _("People who move")]
    print_table(columns, [[str(value) for value in row.values()] for row in rows])


@app.command(help=_("Have a plan that waits not carried out."))
def drop(number: Number, as_: As) -> None:
    services.drop_migration(actor=_actor(as_), migration_id=number)
    say(_("It is not carried out."))


@app.command(help=_("Nobody moves and no wave begins until it is resumed."))
def pause(number: Number, as_: As) -> None:
    services.pause_migration(actor=_actor(as_), migration_id=number)
    say(_("Paused."))


@app.command(help=_("Have a division that was paused go on."))
def resume(number: Number, as_: As) -> None:
    services.resume_migration(actor=_actor(as_), migration_id=number)
    say(_("It goes on."))


@app.command(
    help=_("Give people who have not come to their new group the old one again. Without --yes it shows how many.")
)
def rollback(number: Number, as_: As, yes: YesOption = False, json: JsonOption = False) -> None:
    if not yes:
        board = waves.board(EVERYWHERE, number)
        figures = {"returned": sum(row.progress.awaited for row in board.waves), "stayed": board.here}
    else:
        figures = asdict(services.roll_back_migration(actor=_actor(as_), migration_id=number))
    if json:
        print_json({**figures, "done": yes})
        return
    say(_("%(returned)d people have their old group again, %(stayed)d stay in the new one.") % figures)
    if not yes:
        say(_("Nothing was done. Add --yes to do it."))
