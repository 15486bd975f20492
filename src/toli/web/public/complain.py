"""Complaining without an account: three fields, a number, and an address at which the answer stands later."""

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.core.errors import DomainError
from toli.rights import selectors, services
from toli.rights.domain.complaints import is_token
from toli.web.forms import ComplaintForm
from toli.web.limited import limited
from toli.web.page import actor_of, public_page, see_other


@public_page
@limited("complaints.address")
def form(request: HttpRequest) -> HttpResponse:
    """What about, in words, and a number if they like. ``token`` tells a form that is sent twice from a second one."""
    posted = request.method == "POST"
    fields = ComplaintForm(request.POST if posted else None, initial={"about": "message" if "s" in request.GET else ""})
    token = request.POST.get("token", "")
    token = token if is_token(token) else secrets.token_urlsafe(16)
    code = (request.POST if posted else request.GET).get("s", "")[:20]
    if posted and fields.is_valid():
        try:
            services.file_complaint(
                actor=actor_of(request),
                token=token,
                language=request.LANGUAGE_CODE,
                link_code=code,
                **fields.cleaned_data,
            )
        except DomainError as error:
            fields.refuse(None, error)
        else:
            return see_other(f"/complain/{token}?new=1")
    context = {"form": fields, "token": token, "code": code}
    return render(request, "public/complain.html", context, status=400 if posted else 200)


@public_page
@limited("links.address", methods=("GET", "HEAD"))
def state(request: HttpRequest, token: str) -> HttpResponse:
    """What became of it, for whoever holds the address."""
    found = selectors.complaint_behind(token)
    context = {"item": found, "answer": selectors.complaint_answer(found), "new": "new" in request.GET}
    answer = render(request, "public/complaint.html", context)
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer
