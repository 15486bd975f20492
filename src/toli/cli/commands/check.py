"""`toli check`: joinings that are held, and people who say they never joined."""

from typing import Annotated

import typer
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, YesOption, print_json, print_table, say
from toli.enrolment import selectors
from toli.enrolment.services import guarding

app = typer.Typer(help=_("Joinings that are held for a check, and people who say they never joined."))
Case = Annotated[int, typer.Argument(help=_("Number of the case."))]
Reason = Annotated[str, typer.Option(help=_("What was found out."))]


@app.command(
    help=_("Cases that wait, the most harmful first.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli check cases --json[/bold]"
)
def cases(
    decided: Annotated[bool, typer.Option(help=_("Those that were decided instead."))] = False,
    json: JsonOption = False,
) -> None:
    rows = [
        {
            "case": row.case.pk,
            "kind": row.case.kind,
            "source": row.case.holds,
            "rule": row.case.rule,
            "territory": row.case.territory.code,
            "count": row.case.evidence.get("count", 0),
            "held": row.held,
            "state": row.case.state,
        }
        for row in selectors.inbox(EVERYWHERE, SYSTEM, decided=decided)
    ]
    if json:
        print_json(rows)
    else:
        heads = [_("Case"), _("Kind"), _("Source"), _("Rule"), _("Territory"), _("How many"), _("Held"), _("State")]
        print_table(heads, [list(row.values()) for row in rows])


@app.command(
    help=_("Let everybody whom a case holds become a member.")
    + "\n\n"
    + _("Example:")
    + ' [bold]toli check release 12 --reason "called five of them"[/bold]'
)
def release(case: Case, reason: Reason) -> None:
    count = guarding.release_case(actor=SYSTEM, case_id=case, reason=reason)
    say(_("%(count)s people are members now.") % {"count": count})


@app.command(
    help=_("Turn away everybody whom a case holds. More than a few need a second person, in the console.")
    + "\n\n"
    + _("Example:")
    + ' [bold]toli check refuse 12 --reason "nobody answers" --yes[/bold]'
)
def refuse(case: Case, reason: Reason, yes: YesOption = False, json: JsonOption = False) -> None:
    if not yes:
        held = selectors.count_held(EVERYWHERE, SYSTEM, case)
        _answer(json, case, held, done=False, text=_("%(count)s people would be turned away. To do it, add --yes."))
        return
    count = guarding.refuse_case(actor=SYSTEM, case_id=case, reason=reason)
    if count or not selectors.get_case(EVERYWHERE, SYSTEM, case).waits:
        _answer(json, case, count, done=True, text=_("%(count)s people were turned away. It can be taken back."))
    else:
        _answer(json, case, 0, done=False, text=_("Nobody yet: a second person has to agree in the console."))


@app.command(
    help=_("Take a refusal back: those who were turned away become members.")
    + "\n\n"
    + _("Example:")
    + ' [bold]toli check restore 12 --reason "they came to the office" --yes[/bold]'
)
def restore(case: Case, reason: Reason, yes: YesOption = False, json: JsonOption = False) -> None:
    if not yes:
        refused = selectors.count_refused(EVERYWHERE, SYSTEM, case)
        _answer(
            json, case, refused, done=False, text=_("%(count)s people were turned away. To take it back, add --yes.")
        )
        return
    count = guarding.restore_case(actor=SYSTEM, case_id=case, reason=reason)
    _answer(json, case, count, done=True, text=_("%(count)s people are members now."))


def _answer(json: bool, case: int, count: int, *, done: bool, text: str) -> None:
    if json:
        print_json({"case": case, "count": count, "done": done})
    else:
        say(text % {"count": count})
