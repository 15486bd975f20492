"""Becoming a member, in four steps: number and name, code, place, what happens to your data.

Nothing is stored about a person before they have agreed, except in their own session.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain.scope import EVERYWHERE
from toli.accounts import services as accounts
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.domain.sessions import Method
from toli.cards import services as cards
from toli.chatgroups import selectors as chatgroups
from toli.chatgroups import services as group_services
from toli.chatgroups.errors import NoSeatFree
from toli.core import wall
from toli.core.errors import DomainError, NotFound
from toli.members import selectors as members
from toli.members import services as member_services
from toli.members.errors import DriveClosed
from toli.sharing import selectors as sharing
from toli.territories import selectors as territories
from toli.web.client import client_address
from toli.web.forms import CodeForm, ConsentForm, NumberForm
from toli.web.limited import limited
from toli.web.page import actor_of, next_page, public_page, see_other, sign_in

SESSION = "join"
PURPOSE = "join"
SEARCH_LIMIT = 20
State = dict[str, Any]


@public_page
@limited("join.address")
def join(request: HttpRequest) -> HttpResponse:
    """One address for all steps: the session knows how far somebody has come."""
    if members.current_drive() is None:
        raise DriveClosed
    state: State = request.session.get(SESSION, {})
    _remember_origin(request, state)
    handler = {"number": _number, "code": _code, "place": _place, "consent": _consent}.get(request.POST.get("step", ""))
    return handler(request, state) if handler else _show(request, state)


def _remember_origin(request: HttpRequest, state: State) -> None:
    """Drive, place and share link that the person came by."""
    came = {key: request.GET[key][:60] for key in ("d", "t", "s") if request.GET.get(key)}
    if came:
        state.update(came)
        request.session[SESSION] = state


def _show(request: HttpRequest, state: State) -> HttpResponse:
    """The page of the step that comes next; ``?step=number`` and ``?under=`` lead back to an earlier one."""
    if not state.get("phone") or request.GET.get("step") == "number":
        return render(request, "public/join_number.html", {"form": NumberForm(initial={"name": state.get("name", "")})})
    if not state.get("verified"):
        return _ask_code(request, state, CodeForm())
    if state.get("place_sure") and not request.GET.keys() & {"under", "q"}:
        return render(request, "public/join_consent.html", {"form": ConsentForm()})
    return _ask_place(request, state)


def _go_on(request: HttpRequest, state: State) -> HttpResponse:
    """Keep what is known by now and show the next step; loading that page again sends nothing twice."""
    request.session[SESSION] = state
    return see_other("/join")


def _number(request: HttpRequest, state: State) -> HttpResponse:
    form = NumberForm(request.POST)
    if form.is_valid():
        try:
            accounts.request_code(
                phone=form.cleaned_data["phone"],
                purpose=PURPOSE,
                language=request.LANGUAGE_CODE,
                address=client_address(request),
            )
        except DomainError as error:
            form.refuse("phone", error)
        else:
            state.update(
                name=form.cleaned_data["name"], phone=form.cleaned_data["phone"], verified=False, place_sure=False
            )
            return _go_on(request, state)
    return render(request, "public/join_number.html", {"form": form})


def _ask_code(request: HttpRequest, state: State, form: CodeForm) -> HttpResponse:
    context = {"form": form, "action": "/join", "back": "/join?step=number", "phone": state["phone"], "joining": True}
    return render(request, "public/code.html", context)


def _code(request: HttpRequest, state: State) -> HttpResponse:
    if not state.get("phone"):
        return see_other("/join")
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _ask_code(request, state, form)
    try:
        accounts.verify_code(
            phone=state["phone"], purpose=PURPOSE, code=form.cleaned_data["code"], address=client_address(request)
        )
    except DomainError as error:
        form.refuse("code", error)
        return _ask_code(request, state, form)
    known = members.find_by_phone(state["phone"])
    if known:
        return _enter(request, known.pk, "/me?known=1")
    state["verified"] = True
    return _go_on(request, state)


def _enter(request: HttpRequest, member_id: int, default: str) -> HttpResponse:
    """Sign the member in and lead them to where they wanted to go in the first place."""
    del request.session[SESSION]
    target = next_page(request, default)
    sign_in(request, member_services.open_account(member_id=member_id), Method.CODE)
    return see_other(target)


def _ask_place(request: HttpRequest, state: State) -> HttpResponse:
    """Is this your place? Or look for it, by name or down the tree."""
    words = request.GET.get("q", "")
    under = request.GET.get("under") or state.get("t") or _place_of_sharer(state) or "IN"
    try:
        place = territories.get_territory(EVERYWHERE, under)
    except NotFound:
        place = territories.get_territory(EVERYWHERE, "IN")
    below = territories.children(EVERYWHERE, place)
    context = {
        "place": place,
        "above": territories.ancestors(EVERYWHERE, place)[:-1],
        "below": below,
        "found": territories.search(EVERYWHERE, words, limit=SEARCH_LIMIT) if words else [],
        "words": words,
    }
    return render(request, "public/join_place.html", context)


def _place_of_sharer(state: State) -> str | None:
    """Neighbours share with neighbours: suggest the place of whoever shared the link."""
    if not state.get("s"):
        return None
    try:
        return sharing.get_link(state["s"]).member.territory.code
    except NotFound:
        return None


def _place(request: HttpRequest, state: State) -> HttpResponse:
    if not state.get("verified"):
        return see_other("/join")
    place = territories.get_territory(EVERYWHERE, request.POST.get("territory", ""))
    if territories.children(EVERYWHERE, place):
        return see_other(f"/join?under={place.code}")
    state.update(t=place.code, place_sure=True)
    return _go_on(request, state)


def _consent(request: HttpRequest, state: State) -> HttpResponse:
    if not (state.get("verified") and state.get("place_sure")):
        return see_other("/join")
    form = ConsentForm(request.POST)
    form.is_valid()
    try:
        member = member_services.enrol_member(
            actor=actor_of(request),
            drive_code=_drive_code(state),
            name=state["name"],
            phone=state["phone"],
            territory_code=state["t"],
            language=request.LANGUAGE_CODE,
            consents=form.cleaned_data,
            evidence={"page": "join", "code": "verified"},
            source_code=state.get("s", ""),
        )
    except DomainError as error:
        form.add_error(None, str(error))
        return render(request, "public/join_consent.html", {"form": form})
    with wall.lifted("the newcomer is given their first card"):
        cards.issue_cards(actor=SYSTEM, member_ids=[member.pk])
    return _enter(request, member.pk, "/me?joined=1")


def _drive_code(state: State) -> str:
    """The drive that the person's link named, else the one that is open where they live."""
    if state.get("d"):
        return str(state["d"])
    drive = members.open_drive_for(territories.get_territory(EVERYWHERE, state["t"]))
    if drive is None:
        raise DriveClosed
    return drive.code


@public_page
@limited("join.address")
def join_link(request: HttpRequest, code: str) -> HttpResponse:
    """The permanent link of a territory: leads a card holder to their group, anybody else to join."""
    link = chatgroups.resolve_join_link(code)
    actor = actor_of(request)
    with wall.behind(account=actor.id):
        member = members.member_of(actor)
    if member is None:
        request.session["next"] = request.path
        state: State = request.session.get(SESSION, {})
        state["t"] = link.territory.code
        request.session[SESSION] = state
    elif request.method == "POST":
        try:
            return see_other(group_services.go_to_group(member_id=member.pk, campaign_id=link.campaign_id))
        except NoSeatFree:
            return see_other("/me/group?waiting=1")
    return render(request, "public/join_link.html", {"link": link, "member": member})
