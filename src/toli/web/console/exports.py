"""The desk: lists of members that leave the house. Asked for, approved by another, fetched by who asked."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.core.errors import DomainError, NotFound
from toli.members import selectors, services
from toli.members.errors import ExportLinkInvalid
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.forms import ExportForm, PrintForm
from toli.web.page import actor_of, page, see_other

if TYPE_CHECKING:
    from collections.abc import Callable

    from toli.members.models import Export

OWN, WAITING = "/console/exports", "/console/exports/waiting"


@page(can.MEMBERS_EXPORT, step_up=True)
def ask(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """Ask for a list of the members of a place."""
    place = territories.get_territory(scope, code)
    terms = services.export_terms(actor=actor_of(request), territory=place)
    form = ExportForm(request.POST if request.method == "POST" else None, choices=terms.columns)
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_for_export(
                actor=actor_of(request),
                territory_code=place.code,
                columns=form.cleaned_data["columns"],
                purpose=form.cleaned_data["purpose"],
            )
        except DomainError as error:
            form.add_error(None, str(error))
            status = STATUS[error.kind]
        else:
            return see_other(OWN)
    context = {**frame(request, scope, place, "exports"), "form": form, "terms": terms}
    return render(request, "console/export_ask.html", context, status=status)


@page(can.MEMBERS_EXPORT, step_up=True)
def ask_print(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """Ask for the cards of a place on sheets: the same rules as for any list of its members."""
    place = territories.get_territory(scope, code)
    form = PrintForm(request.POST if request.method == "POST" else None)
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_for_export(
                actor=actor_of(request),
                territory_code=place.code,
                columns=["sheets"],
                purpose=form.cleaned_data["purpose"],
            )
        except DomainError as error:
            form.add_error(None, str(error))
            status = STATUS[error.kind]
        else:
            return see_other(OWN)
    terms = services.export_terms(actor=actor_of(request), territory=place)
    context = {
        **frame(request, scope, place, "exports"),
        "form": form,
        "terms": terms,
        "most": min(terms.most, services.MOST_CARDS),
    }
    return render(request, "console/print_ask.html", context, status=status)


@page(can.MEMBERS_EXPORT)
def own(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The lists that one asked for, and what became of them."""
    found = selectors.exports_of(actor_of(request))
    context = {**_frame(request, scope), "rows": [_row(export) for export in found]}
    return render(request, "console/exports.html", context)


@page(can.EXPORTS_APPROVE, step_up=True)
def waiting(request: HttpRequest, scope: Scope) -> HttpResponse:
    return _waiting(request, scope)


def _waiting(request: HttpRequest, scope: Scope, refused: DomainError | None = None) -> HttpResponse:
    found = selectors.exports_to_decide(scope, actor_of(request))
    context = {**_frame(request, scope), "rows": [_row(export) for export in found], "refused": refused}
    status = STATUS[refused.kind] if refused else 200
    return render(request, "console/exports_waiting.html", context, status=status)


@page(can.EXPORTS_APPROVE, step_up=True)
def approve(request: HttpRequest, scope: Scope, export_id: int) -> HttpResponse:
    return _decide(request, scope, export_id, services.approve_export)


@page(can.EXPORTS_APPROVE, step_up=True)
def refuse(request: HttpRequest, scope: Scope, export_id: int) -> HttpResponse:
    return _decide(request, scope, export_id, services.refuse_export)


def _decide(request: HttpRequest, scope: Scope, export_id: int, decide: "Callable[..., None]") -> HttpResponse:
    selectors.get_export(scope, export_id)
    if request.method == "POST":
        try:
            decide(actor=actor_of(request), export_id=export_id)
        except NotFound:
            raise
        except DomainError as error:
            return _waiting(request, scope, refused=error)
    return see_other(WAITING)


@page(can.MEMBERS_EXPORT, step_up=True)
def link(request: HttpRequest, scope: Scope, export_id: int) -> HttpResponse:
    """A new link to one's own list; an earlier one stops working."""
    if selectors.get_export(scope, export_id).asked_by_id != actor_of(request).id:
        raise ExportLinkInvalid
    if request.method != "POST":
        return see_other(OWN)
    return see_other(f"/x/{services.open_link(actor=actor_of(request), export_id=export_id)}")


@page(can.MEMBERS_EXPORT, step_up=True)
def fetch(request: HttpRequest, scope: Scope, token: str) -> HttpResponse:
    """Show what the link leads to; hand the file over on a POST only, as each time is counted."""
    try:
        if request.method == "POST":
            return _attachment(*services.download(actor=actor_of(request), token=token))
        export = services.look_behind_link(actor=actor_of(request), token=token)
    except ExportLinkInvalid as error:
        context = {**_frame(request, scope), "refused": str(error)}
        return render(request, "console/export_link.html", context, status=404)
    context = {**frame(request, scope, export.territory, "exports"), **_row(export), "token": token}
    return render(request, "console/export_link.html", context)


def _attachment(name: str, content: bytes) -> HttpResponse:
    kind = "application/pdf" if name.endswith(".pdf") else "text/csv; charset=utf-8"
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _row(export: "Export") -> dict[str, Any]:
    return {"export": export, "columns": services.column_names(export.columns), "over": selectors.is_over(export)}


def _frame(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    return frame(request, scope, territories.roots(scope)[0], "exports")
