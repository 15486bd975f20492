"""The bot that keeps groups: whether it works, what it lacks, and one test."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.botgroups import selectors, services
from toli.chatgroups import selectors as chatgroups
from toli.core.errors import DomainError
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.page import actor_of, page, see_other

PROVIDER = "telegram_bot"


@page(can.GROUPS_MANAGE)
def bot(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Health, and the groups of the area. Connecting is for those who manage groups everywhere."""
    if request.method == "POST":
        try:
            services.connect_bot(actor=actor_of(request), provider_key=PROVIDER)
        except DomainError as error:
            return _page(request, scope, {"refused": str(error)}, status=STATUS[error.kind])
        return see_other("/console/bot?connected=1")
    return _page(request, scope, {})


@page(can.GROUPS_MANAGE)
def group(request: HttpRequest, scope: Scope, group_id: int, act: str) -> HttpResponse:
    """Write a test into a group, or have a new address by which the bot is put into it."""
    chatgroups.get_group(scope, group_id)
    if request.method != "POST":
        return see_other("/console/bot")
    found: dict[str, Any] = {}
    try:
        if act == "test":
            services.post_test(actor=actor_of(request), group_id=group_id)
            return see_other("/console/bot?tested=1")
        found["address"] = services.renew_group_code(actor=actor_of(request), group_id=group_id)
    except DomainError as error:
        return _page(request, scope, {"refused": str(error)}, status=STATUS[error.kind])
    return _page(request, scope, found)


def _page(request: HttpRequest, scope: Scope, more: dict[str, Any], status: int = 200) -> HttpResponse:
    context = {
        **frame(request, scope, territories.roots(scope)[0], "bot"),
        "bot": selectors.bots().first(),
        "health": selectors.health(),
        "kept": selectors.kept_groups(scope),
        "connects": services.manages_everywhere(actor_of(request)),
        "connected": "connected" in request.GET,
        "tested": "tested" in request.GET,
        **more,
    }
    return render(request, "console/bot.html", context, status=status)
