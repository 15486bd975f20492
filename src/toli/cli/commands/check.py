"""`toli check`: joinings that are held, and people who say they never joined."""

from typing import Annotated

import typer
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, print_json, print_table, say
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
