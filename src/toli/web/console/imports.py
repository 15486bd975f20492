"""The desk: lists of members that come into the house. Sent, looked at, checked, imported, and undone for a day."""

import csv
from io import StringIO
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.core.errors import DomainError
from toli.members import selectors
from toli.members.services import importing
from toli.members.services.importing import uploads
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.import_forms import UploadForm
from toli.web.limited import takes_files
from toli.web.page import actor_of, page, see_other

if TYPE_CHECKING:
    from toli.members.models import ImportRun

OWN = "/console/imports"
SHOWN_PROBLEMS = 50
BUSY = ("checking", "running", "undoing")
FIELDS = {
    "name": gettext_lazy("Name"),
    "given_name": gettext_lazy("Given name"),
    "family_name": gettext_lazy("Family name"),
    "phone": gettext_lazy("Mobile number"),
    "territory": gettext_lazy("Code of the place"),
    "state": gettext_lazy("State or its code"),
    "ac": gettext_lazy("Constituency"),
    "booth": gettext_lazy("Booth"),
    "language": gettext_lazy("Language"),
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@page(can.MEMBERS_IMPORT)
@takes_files(uploads.MOST_BYTES)
def own(request: HttpRequest, scope: Scope) -> HttpResponse:
    """One's own imports, and the form to send another list."""
    form = UploadForm(request.POST or None, request.FILES or None)
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data["file"]
        try:
            run = uploads.keep_upload(
                actor=actor_of(request),
                drive_code=form.cleaned_data["drive"],
                territory=form.cleaned_data["territory"],
                file_name=sent.name,
                parts=sent.chunks(),
            )
        except DomainError as error:
            form.refuse("file", error)
            status = STATUS[error.kind]
        else:
            return see_other(f"{OWN}/{run.pk}")
    context = {
        **_frame(request, scope),
        "form": form,
        "runs": selectors.imports(actor_of(request)),
        "most": uploads.MOST_BYTES >> 20,
    }
    return render(request, "console/imports.html", context, status=status)


@page(can.MEMBERS_IMPORT)
def one(request: HttpRequest, scope: Scope, run_id: int) -> HttpResponse:
    """One import at the step where it stands."""
    actor = actor_of(request)
    refused: DomainError | None = None
    run = selectors.get_import(actor, run_id)
    if request.method == "POST":
        try:
            _act(request, run_id)
        except DomainError as error:
            refused = error
        else:
            return see_other(OWN if request.POST.get("act") == "drop" else f"{OWN}/{run_id}")
        run = selectors.get_import(actor, run_id)
    status = STATUS[refused.kind] if refused else 200
    context = {**_frame(request, scope), **_step(request, run), "run": run, "refused": refused}
    return render(request, "console/import.html", context, status=status)


@page(can.MEMBERS_IMPORT, step_up=True)
def undo(request: HttpRequest, scope: Scope, run_id: int) -> HttpResponse:
    """Ask, then take an import back."""
    actor = actor_of(request)
    run = selectors.get_import(actor, run_id)
    if request.method == "POST":
        uploads.ask_for_undo(actor=actor, run_id=run_id)
        return see_other(f"{OWN}/{run_id}")
    if not importing.can_undo(run):
        return see_other(f"{OWN}/{run_id}")
    return render(request, "console/import_undo.html", {**_frame(request, scope), "run": run})


@page(can.MEMBERS_IMPORT)
def errors(request: HttpRequest, scope: Scope, run_id: int) -> HttpResponse:
    """The rows that were not taken, with reasons, for a spreadsheet."""
    run = selectors.get_import(actor_of(request), run_id)
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([_("Row"), _("Reason")])
    for problem in importing.problems_of(run):
        message = problem.message
        writer.writerow([problem.row, "'" + message if message.startswith(_FORMULA) else message])
    answer = HttpResponse(("\ufeff" + text.getvalue()).encode(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="import-{run.pk}-errors.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _act(request: HttpRequest, run_id: int) -> None:
    actor, act = actor_of(request), request.POST.get("act", "")
    if act == "columns":
        places = {field: _place(request.POST.get(f"column-{field}", "")) for field in FIELDS}
        uploads.choose_columns(
            actor=actor, run_id=run_id, places=places, territory=request.POST.get("territory", "")[:40]
        )
        uploads.ask_for_check(actor=actor, run_id=run_id)
    elif act == "start":
        uploads.start_import(actor=actor, run_id=run_id)
    elif act == "drop":
        uploads.drop_upload(actor=actor, run_id=run_id)


def _place(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 5 else None


def _step(request: HttpRequest, run: "ImportRun") -> dict[str, Any]:
    """What the page shows at this step."""
    busy = run.state in BUSY
    found: dict[str, Any] = {"busy": busy, "may_undo": importing.can_undo(run), "counts": _counts(run)}
    if run.state == "waiting":
        _run, look = uploads.look_at_import(actor=actor_of(request), run_id=run.pk)
        chosen = {field: place for place, field in enumerate(run.plan["columns"]) if field}
        found |= {
            "look": look,
            "territory": run.plan["territory"],
            "cards": look.format == "vcard",
            "fields": [{"name": field, "label": label, "place": chosen.get(field)} for field, label in FIELDS.items()],
            "headings": list(enumerate(look.headers)),
        }
    if not busy:
        found |= {"problems": list(importing.problems_of(run, limit=SHOWN_PROBLEMS)), "most": SHOWN_PROBLEMS}
    elif run.lines:
        found["done"] = min(100, round(100 * run.chunks * run.chunk_rows / run.lines))
    return found


def _counts(run: "ImportRun") -> dict[str, int] | None:
    """What was done, or would be; None as long as nobody has counted."""
    if run.state == "waiting":
        return run.checked
    names = ("rows", "created", "updated", "unchanged", "rejected")
    return {name: getattr(run, name) for name in names} if run.state != "checking" else None


def _frame(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    return frame(request, scope, territories.roots(scope)[0], "imports")
