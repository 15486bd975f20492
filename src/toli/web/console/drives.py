"""The desk: membership drives, how they go, and their posters."""

from typing import TYPE_CHECKING, Any

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.analytics.domain.suppression import FEWEST, Veil, is_few
from toli.cards.errors import TooManyPosters
from toli.cards.posters import posters_pdf
from toli.core import clock
from toli.core.errors import DomainError
from toli.members import selectors, services
from toli.members.services import Source, Step
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.drive_forms import DriveForm, NewDriveForm
from toli.web.errors import STATUS
from toli.web.page import actor_of, page, see_other

if TYPE_CHECKING:
    from toli.members.models import Drive
    from toli.territories.models import Territory

DRIVES = "/console/drives"
LANGUAGES = ("hi", "en")
MOST_IN_A_FILE = 50  # posters: each takes a tenth of a second; the operator has no such limit


@page(can.REPORT_VIEW)
def drives(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The drives in which people of one's area can join."""
    today = clock.today()
    rows = [
        {
            "drive": drive,
            "open": selectors.is_open(drive),
            "over": drive.closes_on < today,
            "joined": _told(request, scope, drive)["joined"],
        }
        for drive in selectors.drives_within(scope)
    ]
    context = {**_frame(request, scope), "rows": rows}
    return render(request, "console/drives.html", context)


@page(can.REPORT_VIEW)
def drive(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """One drive in one's area, or in a place below it."""
    found = selectors.get_drive_within(scope, code)
    place = territories.get_territory(scope, request.GET["at"]) if request.GET.get("at") else _start(scope, found)
    context = {
        **_frame(request, scope, place),
        "drive": found,
        "open": selectors.is_open(found),
        "may_change": _may(request, can.MEMBERS_IMPORT, found.territory),
        "may_print": _may(request, can.WORK_DO, place),
        "levels": [level for level in territories.levels() if level.rank > place.level.rank],
        "fewest": FEWEST,
        "now": clock.now(),
        **_told(request, scope, found, place),
    }
    return render(request, "console/drive.html", context)


def _told(request: HttpRequest, scope: Scope, found: "Drive", place: "Territory | None" = None) -> dict[str, Any]:
    """The counts as this person may read them: who sees no members by name gets one sum, never a small one."""
    place = place or _start(scope, found)
    total, rows = selectors.progress(scope, found, place)
    if not scope_for(actor_of(request), can.MEMBERS_VIEW).covers(territories.path_of(place.pk)):
        start = _start(scope, found)
        whole = total if place == start else selectors.progress(scope, found, start)[0]
        return {"full": False, "joined": Veil.FEW if is_few(whole.joined) else whole.joined}
    steps = {step: total.steps[step] for step in Step}
    steps[Step.JOINED] -= total.sources[Source.IMPORT]  # who comes by a list takes no steps
    return {
        "full": True,
        "joined": total.joined,
        "total": total,
        "rows": [row for row in rows if row.territory],
        "steps": [{"name": step.label, "value": value} for step, value in steps.items()],
        "most": max([*total.steps.values(), 1]),
        "listed": total.sources[Source.IMPORT],
        "sources": [{"name": source.label, "value": total.sources[source]} for source in Source],
    }


def _start(scope: Scope, found: "Drive") -> "Territory":
    """Where the drive and one's area meet: the lower of the two."""
    if any(scope.covers(path) for path in territories.paths_of(found.territory_id)):
        return territories.get_by_id(scope, found.territory_id)
    area = selectors.drive_area(found)
    roots = [root for root in territories.roots(scope) if any(area.covers(p) for p in territories.paths_of(root.pk))]
    return roots[0]


@page(can.MEMBERS_IMPORT)
def new(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Announce a drive."""
    form = NewDriveForm(request.POST or None)
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            made = services.create_drive(actor=actor_of(request), **form.facts())
        except DomainError as error:
            form.refuse(None, error)
            status = STATUS[error.kind]
        else:
            return see_other(f"{DRIVES}/{made.code}")
    return render(request, "console/drive_form.html", {**_frame(request, scope), "form": form}, status=status)


@page(can.MEMBERS_IMPORT)
def edit(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """Change a drive, or end it today."""
    found = selectors.get_drive_to_change(scope, code)
    facts = {name: getattr(found, name) for name in DriveForm.base_fields}
    form = DriveForm(request.POST if request.POST.get("act") == "change" else None, initial=facts)
    status = 200
    if request.method == "POST":
        try:
            if request.POST.get("act") == "close":
                services.close_drive(actor=actor_of(request), code=code)
                return see_other(f"{DRIVES}/{code}")
            if form.is_valid():
                services.change_drive(actor=actor_of(request), code=code, **form.facts())
                return see_other(f"{DRIVES}/{code}")
            status = 400
        except DomainError as error:
            form = DriveForm(initial=facts) if not form.is_bound else form
            status, refused = STATUS[error.kind], str(error)
            context = {**_frame(request, scope), "form": form, "drive": found, "refused": refused}
            return render(request, "console/drive_form.html", context, status=status)
    context = {**_frame(request, scope), "form": form, "drive": found, "open": selectors.is_open(found)}
    return render(request, "console/drive_form.html", context, status=status)


@page(can.WORK_DO)
def posters(request: HttpRequest, scope: Scope, code: str, territory: str) -> HttpResponse:
    """Posters to print: of one place, or of all places of one level below it. One page of paper for each."""
    place = territories.get_territory(scope, territory)
    found = selectors.get_drive_within(scope, code)
    language, level = _kind_asked(request)
    if request.method == "POST":
        services.make_posters(
            actor=actor_of(request), drive_code=code, territory_code=place.code, language=language, level=level
        )
        return see_other(f"{DRIVES}/{code}/posters/{place.code}?language={language}&level={level}")
    made = selectors.posters(scope, drive=found, territory=place, language=language, level=level)
    context = {
        **_frame(request, scope, place),
        "drive": found,
        "language": language,
        "level": level,
        "in_one_file": len(made) <= MOST_IN_A_FILE,
        "posters": [{"place": item.territory, "code": item.code, "qr": _qr(item.code)} for item in made],
        "site": settings.BASE_URL,
    }
    return render(request, "console/posters.html", context)


@page(can.WORK_DO)
def posters_file(request: HttpRequest, scope: Scope, code: str, territory: str) -> HttpResponse:
    """The posters that were made, as a PDF file for the printer."""
    place = territories.get_territory(scope, territory)
    found = selectors.get_drive_within(scope, code)
    language, level = _kind_asked(request)
    made = selectors.posters(scope, drive=found, territory=place, language=language, level=level)
    if not made:
        return see_other(f"{DRIVES}/{code}?at={place.code}")
    if len(made) > MOST_IN_A_FILE:
        raise TooManyPosters(most=MOST_IN_A_FILE)
    answer = HttpResponse(posters_pdf(made, drive=found, language=language), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="posters-{code}-{place.code}-{language}.pdf"'
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _kind_asked(request: HttpRequest) -> tuple[str, str]:
    """Language and level of the posters that are asked for."""
    asked = request.POST if request.method == "POST" else request.GET
    return next((item for item in LANGUAGES if item == asked.get("language")), LANGUAGES[0]), asked.get("level", "")[
        :20
    ]


def _qr(code: str) -> str:
    """The address of the code as a picture that scales."""
    return str(segno.make_qr(f"{settings.BASE_URL}/j/{code}", error="m").svg_inline(border=2, omitsize=True))


def _may(request: HttpRequest, permission: str, place: "Territory") -> bool:
    return scope_for(actor_of(request), permission).covers(territories.path_of(place.pk))


def _frame(request: HttpRequest, scope: Scope, place: "Territory | None" = None) -> dict[str, Any]:
    return frame(request, scope, place or territories.roots(scope)[0], "drives")
