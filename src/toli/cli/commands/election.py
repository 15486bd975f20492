"""`toli election`: the election calendar, which decides where nothing may be sent."""

from datetime import datetime
from typing import Annotated, Any

import typer
from django.utils import timezone
from django.utils.translation import gettext as _

from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, YesOption, fail, print_json, print_table, say
from toli.compliance import selectors, services

app = typer.Typer(help=_("The election calendar: where and when nothing may be sent."))
Code = Annotated[str, typer.Argument(help=_("Short name of the election."))]
PollOption = Annotated[
    list[str],
    typer.Option("--poll", help=_("Phase, close of poll and areas: 1 2029-04-19T18:00 UP-AC001,UP-AC002. Repeatable.")),
]
FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]


@app.command(
    help=_("Put an election into the calendar. Silence holds from the next message on.")
    + "\n\n"
    + _("Example:")
    + ' [bold]toli election add ls-2029 --name-en "General election 2029" --name-hi "आम चुनाव 2029" '
    "--announced 2029-03-16 --poll '1 2029-04-19T18:00 UP'[/bold]"
)
def add(
    code: Code,
    name_en: Annotated[str, typer.Option(help=_("Name in English."))],
    name_hi: Annotated[str, typer.Option(help=_("Name in Hindi."))],
    announced: Annotated[datetime, typer.Option(formats=FORMATS, help=_("When it was announced."))],
    poll: PollOption,
    silence_hours: Annotated[int, typer.Option(min=0, max=240, help=_("Hours of silence to the close of poll."))] = 48,
    certificates: Annotated[bool, typer.Option(help=_("Whether political material needs a certificate."))] = True,
) -> None:
    services.add_election(
        actor=SYSTEM,
        code=code,
        name_en=name_en,
        name_hi=name_hi,
        announced_at=timezone.make_aware(announced),
        polls=[_draft(line) for line in poll],
        silence_hours=silence_hours,
        needs_certificate=certificates,
    )
    say(_("The election %(code)s is in the calendar.") % {"code": code})


@app.command(
    name="add-poll",
    help=_("Let further areas vote in an election that is in the calendar.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli election add-poll ls-2029 --poll '2 2029-04-26T17:00 BR'[/bold]",
)
def add_poll(code: Code, poll: PollOption) -> None:
    count = sum(services.add_polls(actor=SYSTEM, code=code, poll=_draft(line)) for line in poll)
    say(_("%(count)d areas were added.") % {"count": count})


@app.command(name="list", help=_("All elections, with their phases."))
def list_(json: JsonOption = False) -> None:
    found: list[dict[str, Any]] = [
        {
            "code": election.code,
            "announced_at": election.announced_at,
            "silence_hours": election.silence_hours,
            "needs_certificate": election.needs_certificate,
            "polls": [
                {"phase": item.phase, "territory": item.territory.code, "closes_at": item.closes_at}
                for item in election.polls.all()
            ],
        }
        for election in selectors.elections()
    ]
    if json:
        print_json(found)
        return
    head = [_("Election"), _("Phase"), _("Territory"), _("Close of poll")]
    print_table(head, [_row(election["code"], item) for election in found for item in election["polls"]])


@app.command(help=_("Take an election out of the calendar."))
def remove(code: Code, yes: YesOption = False) -> None:
    if not yes:
        areas = selectors.get_election(code).polls.count()
        say(_("The election %(code)s has %(count)d areas. To remove it, add --yes.") % {"code": code, "count": areas})
        return
    services.remove_election(actor=SYSTEM, code=code)
    say(_("The election %(code)s is removed.") % {"code": code})


def _row(code: str, poll: dict[str, Any]) -> list[str]:
    closes = timezone.localtime(poll["closes_at"]).strftime("%Y-%m-%d %H:%M")
    return [code, str(poll["phase"]), poll["territory"], closes]


def _draft(line: str) -> services.PollDraft:
    try:
        phase, closes, areas = line.split(maxsplit=2)
        moment = timezone.make_aware(datetime.fromisoformat(closes))
        return services.PollDraft(int(phase), moment, [area for area in areas.replace(",", " ").split() if area])
    except ValueError:
        fail(_("%(line)s: write phase, close of poll and areas, as in 1 2029-04-19T18:00 UP.") % {"line": line}, code=2)
