"""Proving who one is, before what does harm in the wrong hands."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.accounts.domain.actor import Actor
from toli.web.page import is_proved, safe_next, see_other, staff_page


@staff_page
def confirm(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Prove a factor and go on to where one was stopped."""
    target = safe_next(request.GET.get("next", ""), "/console/")
    if is_proved(request):
        return see_other(target)
    return render(request, "public/confirm.html", {"next": target})
