"""`toli demo`: an invented organisation, taken through the whole chain."""

from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils.translation import gettext as _

from toli.cli.output import JsonOption, fail, print_json, print_table, progress, say
from toli.compliance import selectors as compliance
from toli.demo.messages import resume_after_fresh_start
from toli.demo.plan import LEDGER, ORGANISATION, DemoPlan, DemoResult, DifferentDemo
from toli.demo.run import Demonstration
from toli.demo.servers import Servers

STANDARD_MEMBERS = 50_000


def register(app: typer.Typer) -> None:
    @app.command(
        help=_("Take synthetic members through the whole chain, then serve the pages.")
        + "\n\n"
        + _("Stopped at any point, the same command goes on where it was.")
        + "\n\n"
        + _("Example: [bold]toli demo --members 2000 --no-serve --json[/bold]")
    )
    def demo(
        members: Annotated[int, typer.Option(min=10, max=5_000_000, help=_("How many."))] = STANDARD_MEMBERS,
        seed: Annotated[int, typer.Option(min=0, help=_("Another seed, other people."))] = 1,
        serve: Annotated[bool, typer.Option(help=_("Go on serving when all is played."))] = True,
        port: Annotated[int | None, typer.Option(min=1, max=65535, help=_("Port; unset: TOLI_PORT."))] = None,
        fresh: Annotated[bool, typer.Option("--fresh", help=_("Throw the old demonstration away first."))] = False,
        yes: Annotated[bool, typer.Option("--yes", help=_("Do not ask before throwing away."))] = False,
        json: JsonOption = False,
    ) -> None:
        folder = Path(settings.VAR_DIR) / "demo"
        _refuse_real_senders()
        if fresh:
            _throw_away(folder, yes)
        _refuse_real_data()
        servers = Servers(port=port or settings.WEB_PORT, log_folder=folder)
        demonstration = Demonstration(
            DemoPlan(members, seed, folder), servers, lambda name: progress(_stage(name), quiet=json)
        )
        try:
            demonstration.prepare()
        except DifferentDemo as error:
            fail(str(error))
        with servers:
            result = demonstration.play()
            _report(result, json)
            if serve:
                say(_("Toli answers on %(address)s. Stop with Ctrl+C.") % {"address": servers.address})
                servers.wait()
        if not result.sound:
            raise typer.Exit(1)


def _refuse_real_data() -> None:
    """A demonstration is never mixed into an organisation's own database."""
    if "compliance_organisation" not in connection.introspection.table_names():
        return
    organisation = compliance.find_organisation()
    if organisation is not None and organisation.name_en != ORGANISATION["name_en"]:
        fail(
            _("This database belongs to %(name)s. Demonstrations need one of their own: set TOLI_VAR_DIR.")
            % {"name": organisation.name_en}
        )


def _refuse_real_senders() -> None:
    """Invented people have no telephones, and the simulation reads the texts from the files."""
    if settings.TEXT_SENDER_ORDER != ("outbox",):
        fail(_("A demonstration writes its texts into files: unset TOLI_SENDER, or set it to outbox."))


def _throw_away(folder: Path, yes: bool) -> None:
    _refuse_real_data()
    if not yes and not typer.confirm(_("Throw the demonstration's database away?"), err=True):
        raise typer.Exit(1)
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    call_command("migrate", interactive=False, verbosity=0)
    resume_after_fresh_start()
    for name in ("plan.json", "journal.jsonl", "members.csv", LEDGER):
        (folder / name).unlink(missing_ok=True)
    for path in Path(settings.OUTBOX_DIR).glob("*.jsonl"):
        path.unlink()


def _report(result: DemoResult, json: bool) -> None:
    if json:
        print_json(result.as_json())
        return
    names = {
        "imported": _("Members"),
        "carded": _("With a card"),
        "seated": _("With a seat in a group"),
        "joined": _("In a group (by their own word)"),
        "relayed": _("Reached by a kit"),
        "shared": _("Shared it (reported)"),
        "opened": _("Links opened (measured)"),
        "converted": _("Joined through a link (proved)"),
    }
    print_table([_("Stage"), _("People")], [[names[stage], count] for stage, count in result.funnel.items()])
    print_table([_("Groups"), _("How many")], [[state, count] for state, count in result.groups.items()])
    _report_messages(result)
    say(_("%(seconds)d seconds in all.") % {"seconds": result.total_seconds})
    if not result.sound:
        say(_("The numbers do not agree; run `toli doctor`."))
    who = {
        "headquarters": _("headquarters"),
        "coordinator": _("a coordinator"),
        "member": _("a member"),
    }
    print_table([_("Sign in as"), _("Address")], [[who[name], link] for name, link in result.sign_in.items()])


def _report_messages(result: DemoResult) -> None:
    names = {
        "queued": _("Meant for members who agreed"),
        "taken": _("Taken by the gateway"),
        "sent": _("Sent, as the outbox says"),
        "delivered": _("Delivered, as the gateway reported"),
        "held_by_silence": _("Held back by the silence before a poll"),
        "recalled": _("Called off by the recall"),
        "unknown": _("Unknown"),
    }
    print_table([_("Messages"), _("How many")], [[words, result.messages[name]] for name, words in names.items()])
    where = {
        "standing": _("Standing in own channels"),
        "deleted_by_the_recall": _("Deleted there by the recall"),
        "held_by_silence": _("Held back there by the silence before a poll"),
    }
    print_table([_("Posts"), _("How many")], [[words, result.posts[name]] for name, words in where.items()])
    for name, count in result.broken_promises.items():
        say(_("Messages that broke the promise %(name)s: %(count)d") % {"name": name, "count": count})


def _stage(name: str) -> str:
    return {
        "prepare": _("Setting up"),
        "list": _("Writing the list of members"),
        "import": _("Importing members"),
        "cards": _("Issuing cards, sending welcomes"),
        "state_groups": _("Planning state groups"),
        "create_groups": _("Coordinators create groups"),
        "join_first": _("First members join"),
        "divide": _("Headquarters divides the groups"),
        "create_divided_groups": _("Coordinators create the new groups"),
        "move": _("Seats move"),
        "follow": _("Members follow into the new groups"),
        "join_second": _("More members join"),
        "publish": _("A kit is written, approved, sent"),
        "relay": _("Coordinators post it"),
        "share": _("Members share it"),
        "open": _("Citizens open it"),
        "convert": _("Citizens become members"),
        "direct": _("The kit reaches members directly"),
        "recall": _("A kit is taken back while it is being sent"),
        "settle": _("Waiting for jobs"),
        "count": _("Counting"),
    }[name]
