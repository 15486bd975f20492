"""`toli group`: chat groups, from the first one to the last booth."""

from dataclasses import asdict
from typing import Annotated

import typer
from django.conf import settings
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.chatgroups import selectors, services
from toli.chatgroups.domain.kinds import KINDS, most_people
from toli.cli.output import JsonOption, YesOption, print_json, print_table, say
from toli.territories import selectors as territories

app = typer.Typer(help=_("Chat groups: open, list, divide."))
Campaign = Annotated[str, typer.Argument(help=_("Short name of the campaign."))]
Territory = Annotated[str, typer.Argument(help=_("Code of the territory."))]


@app.command(
    name="open",
    help=_("Ask for as many groups as the card holders of a territory need.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli group open connect-2029 UP[/bold]",
)
def open_(campaign: Campaign, territory: Territory, json: JsonOption = False) -> None:
    groups = services.open_state_groups(actor=SYSTEM, campaign_code=campaign, territory_code=territory)
    rows = [{"id": group.pk, "name": group.name, "state": group.state} for group in groups]
    if json:
        print_json(rows)
    else:
        print_table(
            [_("Number"), _("Group"), _("State")], [[str(row["id"]), row["name"], row["state"]] for row in rows]
        )


@app.command(name="list", help=_("Groups that serve a territory or places below it."))
def list_(
    under: Annotated[str, typer.Option(help=_("Code of the territory."))] = "IN", json: JsonOption = False
) -> None:
    place = territories.get_territory(EVERYWHERE, under)
    rows = [
        {
            "id": group.pk,
            "name": group.name,
            "kind": group.kind,
            "state": group.state,
            "taken": group.taken,
            "capacity": group.capacity,
            "admin": group.admin.login,
        }
        for group in selectors.groups(EVERYWHERE, territory=place)
    ]
    if json:
        print_json(rows)
    else:
        columns = [_("Number"), _("Group"), _("Kind"), _("State"), _("Taken"), _("Capacity"), _("Admin")]
        print_table(columns, [[str(row["id"]), *list(row.values())[1:]] for row in rows])


@app.command(help=_("The kinds of groups and channels that can be entered, and how many people each can hold."))
def kinds(json: JsonOption = False) -> None:
    rows = [
        {
            "kind": kind.key,
            "people": most_people(kind.key, settings.TOLI_GROUP_LIMITS),
            "members_are_placed_there": kind.seats,
            "holds_groups": kind.holds,
            "source": kind.source,
        }
        for kind in KINDS.values()
    ]
    if json:
        print_json(rows)
    else:
        columns = [_("Kind"), _("People"), _("Members are placed there"), _("Source")]
        shown = [
            [
                row["kind"],
                row["people"] or _("no limit stated"),
                _("yes") if row["members_are_placed_there"] else _("no"),
            ]
            for row in rows
        ]
        print_table(columns, [[*cells, row["source"]] for cells, row in zip(shown, rows, strict=True)])


@app.command(
    help=_("Enter a group or channel that exists already.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli group add connect-2029 UP-AC-001 https://chat.whatsapp.com/… --name Friends --admin sunita[/bold]"
)
def add(
    campaign: Campaign,
    territory: Annotated[str, typer.Argument(help=_("Codes of the territories that it serves, with commas."))],
    link: Annotated[str, typer.Argument(help=_("Its invite link."))],
    name: Annotated[str, typer.Option(help=_("Its name on the platform."))],
    admin: Annotated[str, typer.Option(help=_("Login of the person who looks after it."))],
    kind: Annotated[str, typer.Option(help=_("What it is: see `toli group kinds`."))] = "whatsapp_group",
    people: Annotated[int, typer.Option(min=0, help=_("How many people are in it today."))] = 0,
    capacity: Annotated[
        int | None, typer.Option(min=2, help=_("People it can hold; unset: as the campaign's groups."))
    ] = None,
    community: Annotated[int | None, typer.Option(help=_("Number of the community in which it stands."))] = None,
    json: JsonOption = False,
) -> None:
    group = services.add_group(
        actor=SYSTEM,
        campaign_code=campaign,
        kind=kind,
        name=name,
        territory_codes=[code.strip() for code in territory.split(",") if code.strip()],
        join_address=link,
        admin_login=admin,
        people=people,
        capacity=capacity,
        community_id=community,
    )
    if json:
        print_json({"id": group.pk, "kind": group.kind, "territory": group.territory.code, "capacity": group.capacity})
    else:
        say(_("The group %(name)s is entered as number %(number)d.") % {"name": group.name, "number": group.pk})


@app.command(help=_("Communities, with how many groups and people stand in each and how many its platform allows."))
def communities(
    under: Annotated[str, typer.Option(help=_("Code of the territory."))] = "IN", json: JsonOption = False
) -> None:
    found = list(selectors.communities(EVERYWHERE, territory=territories.get_territory(EVERYWHERE, under)))
    counts = selectors.count_in(found)
    rows = [
        {"id": item.pk, "name": item.name, "territory": item.territory.code, **asdict(counts[item.pk])}
        for item in found
    ]
    if json:
        print_json(rows)
    else:
        columns = [_("Number"), _("Community"), _("Territory"), _("Groups"), _("At most"), _("People"), _("At most")]
        print_table(columns, [[str(row["id"]), *list(row.values())[1:]] for row in rows])


@app.command(help=_("Write down in which community a group stands. Without --into: in none."))
def put(
    number: Annotated[int, typer.Argument(help=_("Number of the group."))],
    into: Annotated[int | None, typer.Option(help=_("Number of the community."))] = None,
) -> None:
    group = services.put_in_community(actor=SYSTEM, group_id=number, community_id=into)
    where = group.community.name if group.community else _("no community")
    say(_("%(name)s stands in %(where)s.") % {"name": group.name, "where": where})


@app.command(help=_("Write down another name of a group, as it is on its platform."))
def rename(
    number: Annotated[int, typer.Argument(help=_("Number of the group."))],
    name: Annotated[str, typer.Argument(help=_("Its name on the platform."))],
) -> None:
    say(services.rename_group(actor=SYSTEM, group_id=number, name=name).name)


@app.command(help=_("Seat those who wait, and ask for the groups that will be needed. A job does this by itself."))
def supply(campaign: Campaign, json: JsonOption = False) -> None:
    served = services.serve_waiting(campaign_id=selectors.get_campaign(campaign).pk)
    report = services.watch_supply(actor=SYSTEM, campaign_code=campaign)
    if json:
        print_json({"seated": served.seated, **asdict(report)})
        return
    say(
        _("%(seated)d seated, %(waiting)d wait; %(asked)d further groups asked for.")
        % {"seated": served.seated, "waiting": report.waiting, "asked": report.asked}
    )
    for sentence in report.nobody:
        say(sentence)


@app.command(help=_("Strangers have a group's link: send nobody there, and ask its admin to change it."))
def leak(number: Annotated[int, typer.Argument(help=_("Number of the group."))]) -> None:
    group = services.report_leak(actor=SYSTEM, group_id=number)
    say(_("Nobody is sent to %(name)s until its link is changed.") % {"name": group.name})


@app.command(help=_("Close a group in which nobody has a place."))
def archive(number: Annotated[int, typer.Argument(help=_("Number of the group."))]) -> None:
    group = services.archive_group(actor=SYSTEM, group_id=number)
    say(_("The group %(name)s is closed.") % {"name": group.name})


@app.command(help=_("Enter the invite link of a group that has been created."))
def confirm(
    number: Annotated[int, typer.Argument(help=_("Number of the group."))],
    link: Annotated[str, typer.Argument(help=_("Its invite link."))],
) -> None:
    group = services.confirm_group_open(actor=SYSTEM, group_id=number, join_address=link)
    say(_("The group %(name)s is open.") % {"name": group.name})


@app.command(
    help=_("Divide the groups of a territory along the tree, down to a level.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli group divide connect-2029 UP --depth ac --dry-run[/bold]"
)
def divide(
    campaign: Campaign,
    territory: Territory,
    depth: Annotated[str, typer.Option(help=_("zone, district, ac or booth"))],
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Show the plan, change nothing."))] = False,
    yes: Annotated[bool, typer.Option("--yes", help=_("Do not ask."))] = False,
    json: JsonOption = False,
) -> None:
    def run(dry: bool) -> services.DivisionReport:
        return services.divide(actor=SYSTEM, campaign_code=campaign, territory_code=territory, depth=depth, dry_run=dry)

    report = run(True)
    if not json:
        rows = [[group.place, group.label, group.members, "" if group.exists else _("new")] for group in report.groups]
        print_table([_("Place"), _("Group"), _("Members"), ""], rows)
        if report.tasks:
            print_table([_("Coordinator"), _("Groups to create")], [list(task) for task in report.tasks.items()])
        say(
            _(
                "%(before)d groups become %(groups)d (from nothing at least %(branch)d while branches stand apart, "
                "%(bound)d whatsoever), %(created)d of them new; %(leaving)d people move (at least %(least)d)."
            )
            % {
                "before": report.before,
                "groups": len(report.groups),
                "branch": report.branch_bound,
                "bound": report.lower_bound,
                "created": report.created,
                "leaving": report.leaving,
                "least": report.leaving_bound,
            }
        )
        if report.nobody:
            say(report.nobody)
    if not dry_run:
        if not yes and not typer.confirm(_("Divide now?"), err=True):
            raise typer.Exit(1)
        report = run(False)
    if json:
        print_json(asdict(report))


@app.command(help=_("Move people into the groups that are open by now. Jobs do this by themselves."))
def move(campaign: Campaign, territory: Territory, json: JsonOption = False) -> None:
    report = services.move_members(actor=SYSTEM, campaign_code=campaign, territory_code=territory)
    if json:
        print_json(asdict(report))
    else:
        say(_("%(moved)d moved, %(waiting)d wait for their group, %(divided)d old groups are empty.") % asdict(report))


@app.command(help=_("Print the permanent join link of a territory: the only one to be printed."))
def link(campaign: Campaign, territory: Territory, json: JsonOption = False) -> None:
    found = services.join_link(actor=SYSTEM, campaign_code=campaign, territory_code=territory)
    address = f"{settings.BASE_URL}/j/{found.code}"
    if json:
        print_json({"territory": territory, "link": address})
    else:
        typer.echo(address)


@app.command(
    help=_("Compare a group with what was copied out of it: participants, an exported chat, or contact cards.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli group roster 12 participants.txt --yes[/bold]"
)
def roster(
    group: Annotated[int, typer.Argument(help=_("Number of the group."))],
    file: Annotated[typer.FileText, typer.Argument(encoding="utf-8-sig", help=_("The file; - for what is typed in."))],
    yes: YesOption = False,
    json: JsonOption = False,
) -> None:
    report = services.take_roster(actor=SYSTEM, group_id=group, text=file.read(), dry_run=not yes)
    found = report.roster
    row = {
        "group": group,
        "recorded": report.recorded,
        "kind": found.kind,
        "people": found.people,
        "here": found.here,
        "here_by_name": found.here_by_name,
        "missing": found.missing,
        "gone": found.gone,
        "elsewhere": found.elsewhere,
        "strangers": found.strangers,
        "unknown_names": found.unknown_names,
        "unread": report.unread,
    }
    if json:
        print_json(row)
        return
    columns = [_("People"), _("With a place"), _("By name"), _("Missing"), _("Gone"), _("Elsewhere"), _("Strangers")]
    print_table(columns, [list(row.values())[3:10]])
    say(_("Recorded.") if yes else _("Nothing was recorded. Add --yes to do it."))
