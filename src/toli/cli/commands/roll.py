"""`toli roll`: certified rolls of members: who was a member of a territory on a day."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts import selectors as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.cli.output import JsonOption, fail, print_json, print_table, progress, say
from toli.rolls import selectors, services
from toli.rolls.domain.supplement import DAYS, MOST_DAYS

if TYPE_CHECKING:
    from toli.accounts.domain.actor import Actor
    from toli.rolls.models import Challenge, Roll

app = typer.Typer(help=_("Rolls of members: who was a member of a territory on a day, certified by an officer."))
ByOption = Annotated[str, typer.Option("--by", help=_("Login of the member of staff who does it."))]
PlaceOption = Annotated[str, typer.Option("--place", help=_("Code of the place that should stand there."))]
GradeOption = Annotated[str, typer.Option("--grade", help=_("Class that should stand there: primary or active."))]
NumberArgument = Annotated[int, typer.Argument(help=_("Number of the roll."))]


@app.command(
    help=_("Draw up the roll of a territory and a day; where there is one, produce it again and compare.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli roll draw UP --day 2026-10-31 --by asha[/bold]"
)
def draw(
    territory: Annotated[str, typer.Argument(help=_("Code of the territory."))],
    day: Annotated[datetime, typer.Option("--day", formats=["%Y-%m-%d"], help=_("A day that is over."))],
    by: ByOption,
    json: JsonOption = False,
) -> None:
    with progress(_("Members"), quiet=json) as advance:
        drawn = services.draw_roll(actor=_actor(by), territory_code=territory, day=day.date(), advance=advance)
    since = drawn.since
    later = {"added": len(since.added), "removed": len(since.removed), "changed": len(since.changed)}
    if json:
        print_json({**_row(drawn.roll), "new": drawn.new, "same": drawn.same, "recorded_later": later})
    elif drawn.new:
        say(
            _("Drawn up: roll %(number)d with %(count)d members. Another person has to certify it.") % _said(drawn.roll)
        )
    elif drawn.same:
        say(_("Produced again: roll %(number)d with %(count)d members, the same hash.") % _said(drawn.roll))
    if not json:
        say(drawn.roll.content_hash)
        if since:
            say(_late(later))
    if not drawn.same:
        fail(_("The roll gave another hash than the first time. Look with: toli roll verify %d") % drawn.roll.pk)


@app.command(
    help=_("Certify a roll that somebody else drew up.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli roll certify 3 --by imran[/bold]"
)
def certify(
    number: NumberArgument,
    by: ByOption,
    challenge_days: Annotated[
        int, typer.Option("--challenge-days", min=0, max=MOST_DAYS, help=_("For how many days it can be objected to."))
    ] = DAYS,
    json: JsonOption = False,
) -> None:
    _tell(services.certify_roll(actor=_actor(by), roll_id=number, challenge_days=challenge_days), json)


@app.command(
    help=_("Publish a certified roll.") + "\n\n" + _("Example:") + " [bold]toli roll publish 3 --by imran[/bold]"
)
def publish(number: NumberArgument, by: ByOption, json: JsonOption = False) -> None:
    _tell(services.publish_roll(actor=_actor(by), roll_id=number), json)


@app.command(
    help=_("The facts of a roll; with --out its file, which names nobody (.json or .csv).")
    + "\n\n"
    + _("Example:")
    + " [bold]toli roll show 3 --out roll.json[/bold]"
)
def show(
    number: NumberArgument,
    out: Annotated[Path | None, typer.Option("--out", help=_("Write the roll into this file."))] = None,
    json: JsonOption = False,
) -> None:
    roll = selectors.get_roll(EVERYWHERE, number)
    if out:
        form = "csv" if out.suffix == ".csv" else "json"
        out.write_bytes(services.roll_file(actor=SYSTEM, roll_id=number, form=form)[1])
    _tell(roll, json)


@app.command(
    help=_("Check a roll in the database (its number), or a file of one: against its hash, and against the database.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli roll verify roll.json[/bold]"
)
def verify(
    what: Annotated[str, typer.Argument(help=_("Number of a roll, or a file."))], json: JsonOption = False
) -> None:
    if what.isdecimal():
        found = services.check_roll(actor=SYSTEM, roll_id=int(what))
        later = {"added": found.added, "removed": found.removed, "changed": found.changed}
        good = found.fits and found.same
        result: dict[str, Any] = {"fits": found.fits, "same": found.same, "recorded_later": later}
        words = [_("The lines fit the hash, and the history gives the same hash again.")]
        words += [_late(later)] if any(later.values()) else []
    else:
        path = Path(what)
        if not path.is_file():
            fail(_("There is no file %s.") % what, code=2)
        check = services.check_file(content=path.read_bytes())
        good = check.fits and check.known
        result = {"fits": check.fits, "known": check.known, "hash": check.content_hash, "lines": check.lines}
        words = [_("The file fits its hash, and this hash was certified here.")]
    if json:
        print_json({**result, "good": good})
    elif good:
        for sentence in words:
            say(sentence)
    if not good:
        fail(_("It does not fit: something was changed, or it was never certified here."))


@app.command(
    help=_(
        "Object to a line of a certified roll, or to the absence of a member; without --kind: list what was objected."
    )
    + "\n\n"
    + _("Example:")
    + ' [bold]toli roll challenge 3 --kind missing --member 1234 --reason "Joined in May" --by asha[/bold]'
)
def challenge(
    number: NumberArgument,
    kind: Annotated[str, typer.Option("--kind", help=", ".join(selectors.CHALLENGE_KINDS))] = "",
    line: Annotated[int, typer.Option("--line", min=0, help=_("Number of the line that is wrong."))] = 0,
    member: Annotated[int, typer.Option("--member", min=0, help=_("Number of the member who is missing."))] = 0,
    reason: Annotated[str, typer.Option("--reason", help=_("What is wrong, in your own words."))] = "",
    place: PlaceOption = "",
    grade: GradeOption = "",
    by: Annotated[str, typer.Option("--by", help=_("Login of the member of staff who does it."))] = "",
    json: JsonOption = False,
) -> None:
    if not kind:
        found = selectors.challenges(selectors.get_roll(EVERYWHERE, number))
        _tell_challenges(found, json)
        return
    made = services.challenge_roll(
        actor=_actor(by),
        roll_id=number,
        kind=kind,
        reason=reason,
        line=line,
        member_id=member,
        territory_code=place,
        grade=grade,
    )
    _tell_challenges([made], json)


@app.command(
    help=_("Accept or refuse an objection that somebody else has made.")
    + "\n\n"
    + _("Example:")
    + ' [bold]toli roll decide 7 --accept --note "The receipt is of May" --by imran[/bold]'
)
def decide(
    number: Annotated[int, typer.Argument(help=_("Number of the objection."))],
    accept: Annotated[bool, typer.Option("--accept/--refuse", help=_("What is decided."))],
    note: Annotated[str, typer.Option("--note", help=_("Why; the member reads it."))],
    by: ByOption,
    place: PlaceOption = "",
    grade: GradeOption = "",
    json: JsonOption = False,
) -> None:
    made = services.decide_challenge(
        actor=_actor(by), challenge_id=number, accept=accept, note=note, territory_code=place, grade=grade
    )
    _tell_challenges([made], json)


@app.command(
    help=_("Put what was accepted into a supplement (--by), list the supplements, or write one into a file (--out).")
    + "\n\n"
    + _("Example:")
    + " [bold]toli roll supplement 3 --by imran[/bold]"
)
def supplement(
    number: NumberArgument,
    by: Annotated[str, typer.Option("--by", help=_("Login of the member of staff who does it."))] = "",
    nth: Annotated[int, typer.Option("--number", min=1, help=_("Which supplement, for --out."))] = 1,
    out: Annotated[Path | None, typer.Option("--out", help=_("Write the supplement into this file."))] = None,
    json: JsonOption = False,
) -> None:
    if by:
        services.issue_supplement(actor=_actor(by), roll_id=number)
    if out:
        out.write_bytes(services.supplement_file(actor=SYSTEM, roll_id=number, number=nth)[1])
    found = selectors.supplements(selectors.get_roll(EVERYWHERE, number))
    if json:
        print_json([{**services.supplement_facts(item), "issued_by": item.issued_by.login} for item in found])
        return
    print_table(
        [_("Number"), _("Issued by"), _("When"), _("Hash")],
        [[str(item.number), item.issued_by.login, f"{item.issued_at:%Y-%m-%d %H:%M}", item.content_hash[:16]]
         for item in found],
    )  # fmt: skip


@app.command(name="list", help=_("The latest 200 rolls."))
def list_(json: JsonOption = False) -> None:
    rolls = selectors.rolls(EVERYWHERE)
    if json:
        print_json([_row(roll) for roll in rolls])
        return
    print_table(
        [_("Number"), _("Territory"), _("Day"), _("Members"), _("State"), _("Hash")],
        [
            [str(roll.pk), roll.territory.code, f"{roll.day}", roll.members, roll.get_state_display(),
             roll.content_hash[:16]]
            for roll in rolls
        ],
    )  # fmt: skip


def _tell_challenges(found: "list[Challenge]", json: bool) -> None:
    rows: list[dict[str, Any]] = [
        {
            "id": item.pk,
            "kind": item.kind,
            "member": item.member_id,
            "ref": item.ref,
            "state": item.state,
            "raised_by": item.raised_by.login if item.raised_by else None,
            "decided_by": item.decided_by.login if item.decided_by else None,
            "place": item.territory.code if item.territory else None,
            "grade": item.grade,
            "supplement": item.supplement.number if item.supplement else None,
        }
        for item in found
    ]
    if json:
        print_json(rows)
        return
    print_table(
        [_("Number"), _("What is wrong"), _("Member"), _("State"), _("Objected by"), _("Decided by")],
        [[str(item.pk), item.get_kind_display(), str(item.member_id or "–"), item.get_state_display(),
          item.raised_by.login if item.raised_by else "–", item.decided_by.login if item.decided_by else "–"]
         for item in found],
    )  # fmt: skip


def _actor(login: str) -> "Actor":
    return accounts.actor_for(accounts.get_account(login))


def _tell(roll: "Roll", json: bool) -> None:
    if json:
        print_json(_row(roll))
        return
    say(
        _("Roll %(number)d of %(territory)s for %(day)s: %(count)d members, %(state)s.")
        % {**_said(roll), "territory": roll.territory.code, "day": roll.day, "state": roll.get_state_display()}
    )
    say(roll.content_hash)


def _said(roll: "Roll") -> dict[str, int]:
    return {"number": roll.pk, "count": roll.members}


def _late(later: dict[str, int]) -> str:
    return (
        _("Recorded later, and not in the roll: %(added)d more, %(removed)d fewer, %(changed)d with another place.")
        % later
    )


def _row(roll: "Roll") -> dict[str, Any]:
    officers: dict[str, str | date | None] = {
        "drawn_by": roll.drawn_by.login,
        "certified_by": roll.certified_by.login if roll.certified_by else None,
        "certified_at": roll.certified_at,
        "published_at": roll.published_at,
        "challenges_until": roll.challenges_until,
    }
    return {
        "id": roll.pk,
        **services.facts_of(roll),
        "state": roll.state,
        "members": roll.members,
        "active_members": roll.active_members,
        "members_with_supplements": selectors.members_by_now(roll),
        "recorded_at": roll.known_at,
        **officers,
    }
