"""`toli call`: members who are drawn by lot and asked whether they wanted to join."""

from typing import Annotated, Any

import typer
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from toli.access.domain.scope import EVERYWHERE
from toli.access.services import staff_account_id
from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, fail, print_json, print_table, say
from toli.enrolment import selectors
from toli.enrolment.services import calling
from toli.members import selectors as members
from toli.territories import selectors as territories

app = typer.Typer(help=_("Members who are drawn by lot and asked whether they wanted to join."))
Place = Annotated[str, typer.Argument(help=_("Code of the territory."))]
Sample = Annotated[int, typer.Argument(help=_("Number of the list."))]


@app.command(
    help=_("Draw members who joined lately, and give the list to somebody to call.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli call draw UP-AC-142 --caller asha --size 20[/bold]"
)
def draw(
    territory: Place,
    caller: Annotated[str, typer.Option(help=_("Login of who makes the calls."))],
    size: Annotated[int | None, typer.Option(help=_("How many; TOLI_CALL_SAMPLE unless told."))] = None,
    json: JsonOption = False,
) -> None:
    sample = calling.draw_sample(
        actor=SYSTEM, territory_code=territory, caller_id=staff_account_id(caller), size=size
    )  # fmt: skip
    drawn = sample.lines.count()
    if json:
        print_json({"sample": sample.pk, "drawn": drawn, "out_of": len(sample.frame), "seed": sample.seed})
    else:
        text = _("List %(sample)s: %(drawn)s members were drawn out of %(all)s.")
        say(text % {"sample": sample.pk, "drawn": drawn, "all": len(sample.frame)})


@app.command(
    name="list",
    help=_("Lists that were drawn, the latest first.") + "\n\n" + _("Example:") + " [bold]toli call list[/bold]",
)
def list_(json: JsonOption = False) -> None:
    rows = [
        {
            "sample": sample.pk,
            "territory": sample.territory.code,
            "drawn_at": sample.drawn_at.isoformat(timespec="seconds"),
            "caller": sample.caller.login,
            "called": sample.lines.exclude(outcome="").count(),
            "drawn": sample.lines.count(),
        }
        for sample in selectors.samples(EVERYWHERE)
    ]
    if json:
        print_json(rows)
    else:
        heads = [_("List"), _("Territory"), _("Drawn at"), _("Caller"), _("Called"), _("Drawn")]
        print_table(heads, [list(row.values()) for row in rows])


@app.command(
    help=_("The people of a list, with masked numbers, and what they said.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli call show 12[/bold]"
)
def show(sample: Sample, json: JsonOption = False) -> None:
    lines = selectors.lines_of(selectors.get_sample(EVERYWHERE, sample))
    phones = members.masked_phones([line.member_id for line in lines])
    rows = [
        {
            "place": line.place,
            "member": line.member_id,
            "name": line.member.name,
            "phone": phones.get(line.member_id, ""),
            "territory": line.territory.code,
            "outcome": line.outcome,
        }
        for line in lines
    ]
    if json:
        print_json(rows)
    else:
        heads = [_("Place of the lot"), _("Member"), _("Name"), _("Number"), _("Territory"), _("Said")]
        print_table(heads, [list(row.values()) for row in rows])


@app.command(
    help=_("What calls brought below a territory, and for each helper; shares with their 95 % interval.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli call results UP --json[/bold]"
)
def results(territory: Place, json: JsonOption = False) -> None:
    place = territories.get_territory(EVERYWHERE, territory)
    total, below, helpers = selectors.call_results(EVERYWHERE, place)
    rows = [_result(place.code, total)]
    rows += [_result(row.territory.code if row.territory else "", row) for row in below]
    rows += [_result(row.enroller.login if row.enroller else row.source, row) for row in helpers]
    if json:
        print_json(rows)
    else:
        heads = [
            _("Who or where"),
            _("Drawn"),
            pgettext("calls", "Reached"),
            _("Did not ask"),
            _("At least"),
            _("At most"),
        ]
        print_table(heads, [list(row.values()) for row in rows])


def _result(name: str, row: selectors.Called) -> dict[str, Any]:
    share = row.not_asked
    return {
        "name": name,
        "drawn": row.drawn,
        "reached": row.reached,
        "not_asked": share.count,
        "low": round(share.low, 3),
        "high": round(share.high, 3),
    }


@app.command(
    help=_("Draw a list again from its seed and compare; ends with 1 when anybody else would have been drawn.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli call verify 12[/bold]"
)
def verify(sample: Sample, json: JsonOption = False) -> None:
    same = selectors.draws_again(selectors.get_sample(EVERYWHERE, sample))
    if json:
        print_json({"sample": sample, "same": same})
        if same is False:
            raise typer.Exit(1)
    elif same is None:
        say(_("It is no longer kept out of whom this list was drawn."))
    elif same:
        say(_("The same people are drawn again."))
    else:
        fail(_("Other people are drawn: this list was changed."))
