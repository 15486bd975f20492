"""Somebody was written down by a coordinator and decides: a member by their own act, or "this is not me"."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM, ActorKind
from toli.accounts.domain.sessions import Method
from toli.cards import services as cards
from toli.core import wall
from toli.core.errors import DomainError
from toli.enrolment.errors import OwnPhoneNeeded
from toli.enrolment.services import applications as services
from toli.members import services as members
from toli.territories import selectors as territories
from toli.web.device import device_of, remember_device
from toli.web.enrol_forms import DecisionForm
from toli.web.limited import limited
from toli.web.page import actor_of, public_page, see_other, sign_in


@public_page
@limited("links.address")
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """A GET changes nothing, as phones look at links themselves."""
    if request.method == "POST" and request.POST.get("answer") == "not-me":
        services.refuse_invitation(token=token)
        return _closed(render(request, "public/invitation_over.html", {"settled": False}))
    found = services.find_invitation(token=token)
    chosen = _chosen(request, found)
    options = {"known": found.known, "several": len(found.versions) > 1}
    if request.method == "POST" and chosen:
        form = DecisionForm(request.POST, **options)
        if form.is_valid():
            try:
                return _decide(request, token, form)
            except DomainError as error:
                form.refuse(None, error)
    else:
        form = DecisionForm(initial={"name": chosen.name if chosen else ""}, **options)
    return _closed(render(request, "public/invitation.html", _context(request, found, chosen, form)))


def _chosen(request: HttpRequest, found: services.Invitation) -> Any:
    """The version that the person looks at: the first, unless they have picked another."""
    wanted = request.POST.get("choice") or request.GET.get("v", "")
    return next((one for one in found.versions if str(one.pk) == wanted), next(iter(found.versions), None))


def _context(request: HttpRequest, found: services.Invitation, chosen: Any, form: DecisionForm) -> dict[str, Any]:
    code = request.POST.get("territory") or request.GET.get("under") or (chosen.territory.code if chosen else "")
    place = territories.get_territory(EVERYWHERE, code) if code else None
    return {
        "found": found,
        "chosen": chosen,
        "form": form,
        "place": place,
        "above": territories.ancestors(EVERYWHERE, place)[:-1] if place else [],
        "below": territories.children(EVERYWHERE, place) if place else [],
    }


def _decide(request: HttpRequest, token: str, form: DecisionForm) -> HttpResponse:
    """On the coordinator's own phone nobody becomes a member: it would be their act."""
    if actor_of(request).kind is ActorKind.STAFF:
        raise OwnPhoneNeeded
    given = form.cleaned_data
    choice = services.Choice(
        application_id=int(request.POST.get("choice", "0")) if request.POST.get("choice", "").isdecimal() else 0,
        name=given["name"],
        territory_code=request.POST.get("territory", ""),
        language=request.LANGUAGE_CODE,
        consents={key: given[key] for key in ("adult", "membership", "content")},
        another=given.get("another", False),
        ask_family=given.get("ask_family", False),
    )
    joined = services.confirm_invitation(token=token, choice=choice, device=device_of(request))
    if joined is None:
        return _closed(render(request, "public/invitation_over.html", {"settled": True}))
    if joined.held:
        return remember_device(request, _closed(render(request, "public/held.html")))
    member = joined.member
    with wall.lifted("the newcomer is given their first card"):
        cards.issue_cards(actor=SYSTEM, member_ids=[member.pk])
    sign_in(request, members.open_account(member_id=member.pk), Method.LINK)
    return remember_device(request, see_other("/me?joined=1"))


def _closed(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer
