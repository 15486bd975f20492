"""`toli rights breach`: a case, its clock, whom it concerns, its letters. Sending is asked and approved at the desk."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.cli.files import write_private
from toli.cli.output import JsonOption, fail, out, print_json, print_table, say
from toli.core import clock
from toli.rights import selectors, services
from toli.rights.domain.breaches import ALL_KINDS, Kind, hours_left

app = typer.Typer(help=_("Breaches of members' data, and drills: who was affected, where, and the letters."))
MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
LANGUAGES = ("hi", "en")
Number = Annotated[int, typer.Argument(help=_("Number of the case, from `toli rights breach list`."))]
Depth = Annotated[int | None, typer.Option(min=0, help=_("So many levels of places below that of the case."))]


@app.command(
    name="open",
    help=_("Open a case and find whom it concerns. The 72 hours of the Data Protection Board run from --aware (now).")
    + "\n\n"
    + _("Example:")
    + ' [bold]toli rights breach open "Lists were sold" --territory IN --from 2026-11-01 --login imran[/bold]',
)
def open_(
    title: Annotated[str, typer.Argument(help=_("What happened, in a few words and without names."))],
    territory: Annotated[str, typer.Option(help=_("Code of the place whose members it is about."))],
    from_: Annotated[datetime, typer.Option("--from", formats=MOMENTS, help=_("When it began."))],
    until: Annotated[datetime | None, typer.Option(formats=MOMENTS, help=_("When it ended; now if unset."))] = None,
    aware: Annotated[datetime | None, typer.Option(formats=MOMENTS, help=_("When you learned of it."))] = None,
    login: Annotated[str, typer.Option(help=_("Only what was done with this account."))] = "",
    address: Annotated[str, typer.Option(help=_("Only what was done from this address."))] = "",
    export: Annotated[int | None, typer.Option(help=_("Only this list, by its number."))] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help=_("Only these kinds of data: name, place, number, digits, card ..."))
    ] = None,
    everybody: Annotated[
        bool, typer.Option("--everybody", help=_("Everybody in the place: the database or a backup was taken."))
    ] = False,
    drill: Annotated[bool, typer.Option("--drill", help=_("An exercise: nothing can be sent."))] = False,
    json: JsonOption = False,
) -> None:
    incident = services.Incident(
        title=title,
        territory_code=territory,
        began_at=timezone.make_aware(from_),
        ended_at=timezone.make_aware(until) if until else clock.now(),
        aware_at=timezone.make_aware(aware) if aware else None,
        login=login,
        address=address,
        export_number=export,
        kinds=[_kind(word) for word in kind or ()],
        everybody=everybody,
        drill=drill,
    )
    case = services.open_case(actor=SYSTEM, incident=incident)
    services.find_affected(case_id=case.pk)
    _tell(case.pk, None, json)


def _kind(word: str) -> Kind:
    try:
        return Kind[word.upper()]
    except KeyError:
        known = ", ".join(str(item.name).lower() for item in ALL_KINDS)
        fail(_("%(word)s is no kind of data. Known are: %(known)s.") % {"word": word, "known": known}, code=2)


@app.command(name="list", help=_("All cases, open ones first, with their clock."))
def list_(json: JsonOption = False) -> None:
    cases = selectors.cases(EVERYWHERE)
    rows: list[dict[str, Any]] = [
        {
            "id": case.pk,
            "title": case.title,
            "drill": case.drill,
            "territory": case.territory.code,
            "state": case.state,
            "letters": case.letters,
            "aware_at": case.aware_at,
            "board_hours_left": hours_left(case.aware_at, clock.now()),
            "board_full_at": case.board_full_at,
        }
        for case in cases
    ]
    if json:
        print_json(rows)
        return
    print_table(
        [_("Number"), _("Title"), _("Territory"), _("State"), _("Letters"), _("Hours left"), _("Drill")],
        [
            [str(case.pk), case.title, case.territory.code, case.get_state_display(), case.get_letters_display(),
             "–" if case.board_full_at else str(row["board_hours_left"]), _("yes") if case.drill else _("no")]
            for case, row in zip(cases, rows, strict=True)
        ],
    )  # fmt: skip


@app.command(
    help=_("Who was affected: how many, by which way, which data, in each place. Names nobody.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli rights breach show 3 --depth 2[/bold]"
)
def show(number: Number, depth: Depth = None, json: JsonOption = False) -> None:
    _tell(number, depth, json)


def _tell(number: int, depth: int | None, json: bool) -> None:
    report = services.report_of(scope=EVERYWHERE, case_id=number, depth=depth)
    if json:
        print_json(report.as_json())
        return
    out.print(services.markdown(report, get_language() or "en"), markup=False, highlight=False, soft_wrap=True)
    if not report.case.board_full_at:
        say(_("Hours left for the Data Protection Board: %(hours)d") % {"hours": report.hours_left})


@app.command(
    help=_("Write what the letters say: what happened, and what is done about it, in both languages.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli rights breach describe 3 --happened-en … --happened-hi … --measures-en … --measures-hi …[/bold]"
)
def describe(
    number: Number,
    happened_en: Annotated[str, typer.Option(help=_("What happened, in English. No names."))],
    happened_hi: Annotated[str, typer.Option(help=_("What happened, in Hindi."))],
    measures_en: Annotated[str, typer.Option(help=_("What is done about it, in English."))],
    measures_hi: Annotated[str, typer.Option(help=_("What is done about it, in Hindi."))],
) -> None:
    words = services.CaseWords(happened_en, happened_hi, measures_en, measures_hi)
    services.describe_case(actor=SYSTEM, case_id=number, words=words)
    say(_("Written down. The letters can be read with `toli rights breach letters`."))


@app.command(
    help=_(
        "Write into a new folder: the report, the letters to the Board, and letters to print, a file for each place."
    )
    + "\n\n"
    + _("Example:")
    + " [bold]toli rights breach letters 3 /safe/place/case-3[/bold]"
)
def letters(
    number: Number,
    folder: Annotated[Path, typer.Argument(help=_("A folder that is not there yet. It will hold names."))],
    json: JsonOption = False,
) -> None:
    report = services.report_of(scope=EVERYWHERE, case_id=number)
    services.check_words(report.case)
    try:
        folder.mkdir(mode=0o700, parents=True)
    except OSError as error:
        fail(_("%(path)s cannot be written: %(problem)s.") % {"path": folder, "problem": error.strerror})
    for language in LANGUAGES:
        with translation.override(language):
            write_private(folder / f"report-{language}.md", services.markdown(report, language))
        for name, full in (("board-first", False), ("board-details", True)):
            text = services.letter_to_board(report, language, full=full).text()
            write_private(folder / f"{name}-{language}.txt", text)
    for name, text in services.letter_files(actor=SYSTEM, scope=EVERYWHERE, case_id=number):
        write_private(folder / name, text)
    names = sorted(path.name for path in folder.iterdir())
    if json:
        print_json({"case": number, "folder": str(folder), "files": names})
    else:
        say(_("%(count)d files in %(folder)s. They hold names: delete them when they are used.")
            % {"count": len(names), "folder": folder})  # fmt: skip


@app.command(
    help=_("Note that the Data Protection Board was told: the first word, or with --full the details.")
    + "\n\n"
    + _("Example:")
    + " [bold]toli rights breach board 3 --full[/bold]"
)
def board(number: Number, full: Annotated[bool, typer.Option("--full", help=_("The details."))] = False) -> None:
    services.board_told(actor=SYSTEM, case_id=number, full=full)
    say(_("Noted."))


@app.command(help=_("End a case: what was kept because of it goes by the schedule again."))
def close(number: Number) -> None:
    services.close_case(actor=SYSTEM, case_id=number)
    say(_("Closed."))
