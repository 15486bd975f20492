"""Pages for what went wrong: each says what happened and what to do next, and holds no data."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from toli.core.domain.pictures import MEGABYTE
from toli.core.errors import DomainError, ErrorKind, TooManyRequests

STATUS = {
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.CONFLICT: 409,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.INVALID: 400,
    ErrorKind.UNAVAILABLE: 503,
    ErrorKind.TOO_MANY: 429,
}


def error_page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "error.html", {"status": status, "title": title, "text": text}, status=status)


def for_domain_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The page for a refusal that no view turned into a form error."""
    titles = {
        404: _("Not found"),
        409: _("Changed meanwhile"),
        403: _("Not allowed"),
        400: _("That did not work"),
        503: _("Not available just now"),
    }
    status = STATUS[error.kind]
    if isinstance(error, TooManyRequests):
        answer = error_page(request, status, str(error.title), str(error))
        answer["Retry-After"] = str(error.retry_after)
        return answer
    return error_page(request, status, titles[status], str(error))


def too_large(request: HttpRequest, most_bytes: int) -> HttpResponse:
    return error_page(
        request,
        413,
        _("Too large"),
        _("What you sent has more than %(most)d MB. Please go back, choose something smaller and send it again.")
        % {"most": most_bytes // MEGABYTE},
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(
        request, 404, _("Not found"), _("We could not find this. It may have moved, or it may lie outside your area.")
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 403, _("Not allowed"), _("You may not do this."))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 400, _("That did not work"), _("Please check the address and try again."))


def server_error(request: HttpRequest) -> HttpResponse:
    return error_page(
        request, 500, _("A mistake on our side"), _("Nothing you entered was lost. Please try again in a minute.")
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if request.path == "/join":  # a step sent twice: whoever has joined by now is in
        return HttpResponseRedirect("/me" if request.user.is_authenticated else "/join", status=303)
    return error_page(
        request,
        403,
        _("This page was open for too long"),
        _("Please go back, load the page again and repeat the last step."),
    )
