"""What is known about a case: for the officer's page, for programs, and as text to hand on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from toli.access.domain.scope import Scope
from toli.core import clock
from toli.members.models import MemberState
from toli.rights import selectors
from toli.rights.domain.breaches import Kind, Way, board_by, hours_left
from toli.rights.models import BreachCase
from toli.rights.selectors import KIND_NAMES, WAY_NAMES, PlaceCount


@dataclass(frozen=True, slots=True)
class CaseReport:
    """``people``: affected; ``told``: of them, those a letter left for; ``beyond``: those who were erased since."""

    case: BreachCase
    hours_left: int
    people: int
    told: int
    beyond: int
    places: Sequence[PlaceCount]
    kinds: dict[Kind, int]
    ways: dict[Way, int]

    def as_json(self) -> dict[str, Any]:
        case = self.case
        return {
            "case": case.pk,
            "title": case.title,
            "drill": case.drill,
            "state": case.state,
            "territory": case.territory.code,
            "aware_at": case.aware_at,
            "board_by": board_by(case.aware_at),
            "board_hours_left": self.hours_left,
            "board_first_at": case.board_first_at,
            "board_full_at": case.board_full_at,
            "from": case.began_at,
            "until": case.ended_at,
            "acts": case.acts,
            "acts_that_name_nobody": case.nameless,
            "people": self.people,
            "told": self.told,
            "erased_since": self.beyond,
            "letters": case.letters,
            "kinds": {str(kind.name).lower(): count for kind, count in self.kinds.items()},
            "ways": {str(way.name).lower(): count for way, count in self.ways.items()},
            "places": [
                {"code": place.code, "level": place.level, "depth": place.depth, "count": place.count}
                for place in self.places
            ],
        }


def report_of(*, scope: Scope, case_id: int, depth: int | None = None) -> CaseReport:
    """Everything that is known now. ``depth``: levels below the case's place. Raises BreachNotFound."""
    case = selectors.get_case(scope, case_id)
    affected = case.affected
    return CaseReport(
        case=case,
        hours_left=hours_left(case.aware_at, clock.now()),
        people=affected.count(),
        told=affected.filter(told_at__isnull=False).count(),
        beyond=affected.filter(member__state=MemberState.ERASED).count(),
        places=selectors.by_place(case, depth=depth),
        kinds=selectors.by_kind(case),
        ways=selectors.by_way(case),
    )


def markdown(report: CaseReport, language: str) -> str:
    """The report as text, in the language of the moment."""
    case = report.case
    lines = [
        f"# {case.title}" + (f" ({_('drill')})" if case.drill else ""),
        "",
        f"- {_('Place')}: {case.territory.label(language)} ({case.territory.code})",
        f"- {_('When')}: {_moment(case.began_at)} – {_moment(case.ended_at)}",
        f"- {_('We learned of it')}: {_moment(case.aware_at)}",
        f"- {_('The Board needs the details by')}: {_moment(board_by(case.aware_at))}",
        f"- {_('People affected')}: {report.people}",
        f"- {_('Entries of the audit trail')}: {case.acts}"
        + (f"; {_('whom they were about is not known')}: {case.nameless}" if case.nameless else ""),
        "",
        *_table(_("How"), [(str(WAY_NAMES[way]), count) for way, count in report.ways.items()]),
        *_table(_("Which data"), [(str(KIND_NAMES[kind]), count) for kind, count in report.kinds.items()]),
        *_table(
            _("Place"),
            [(f"{'· ' * place.depth}{place.label(language)} ({place.code})", place.count) for place in report.places],
        ),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _table(heading: str, rows: Sequence[tuple[str, int]]) -> list[str]:
    if not rows:
        return []
    return [f"| {heading} | {_('People')} |", "| --- | ---: |", *[f"| {what} | {count} |" for what, count in rows], ""]


def _moment(when: Any) -> str:
    return timezone.localtime(when).strftime("%d.%m.%Y %H:%M")
