"""Becoming a member, in four steps: number and name, code, place, what happens to your data.

One address shows whichever step somebody is at. Nothing is stored about a person before they have agreed, except
in their own session. Every form may be sent twice: a phone that lost its network in between cannot know whether
the first one arrived, and gets the same answer.
"""

import secrets
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
from toli.core.errors import DomainError
from toli.enrolment.services import guarding
from toli.members import selectors as members
from toli.members import services as member_services
from toli.members.errors import DriveClosed
from toli.members.services import Step
from toli.territories import selectors as territories
from toli.web.client import client_address
from toli.web.device import device_of, remember_device
from toli.web.forms import CodeForm, ConsentForm, NumberForm
from toli.web.limited import limited
from toli.web.page import actor_of, next_page, public_page, see_other, sign_in
from toli.web.public import join_again, join_counts, join_place

SESSION = "join"
PURPOSE = "join"
State = dict[str, Any]


@public_page
@limited("join.address")
def join(request: HttpRequest) -> HttpResponse:
    """One address for all steps: the session knows how far somebody has come."""
    if members.current_drive() is None:
        raise DriveClosed
    state: State = request.session.get(SESSION, {})
    _remember_origin(request, state)
    step = request.POST.get("step", "")
    handlers = {"number": _number, "code": _code, "who": _who, "place": _place, "consent": _consent}
    return handlers[step](request, state) if step in handlers else _show(request, state)


def _remember_origin(request: HttpRequest, state: State) -> None:
    """Drive, place and share link that the person came by."""
    came = {key: request.GET[key][:60] for key in ("d", "t", "s") if request.GET.get(key)}
    if "d" in came and not members.is_open_drive(came["d"]):
        del came["d"]  # over or mistyped: the one that is open where they live takes its place
    if came:
        state.update(came)
        if "t" in came:
            state["place_sure"] = False
        request.session[SESSION] = state


def _show(request: HttpRequest, state: State) -> HttpResponse:
    """The page of the step that comes next; ``?step=number`` and ``?under=`` lead back to an earlier one."""
    if not state.get("phone") or request.GET.get("step") == "number":
        return _ask_number(request, state, NumberForm(initial={"name": state.get("name", "")}))
    if not state.get("verified"):
        return _ask_code(request, state, CodeForm())
    if state.get("shared") and not state.get("another"):
        names = _first_names(state)
        return render(request, "public/join_who.html", {"names": names})
    if state.get("place_sure") and not request.GET.keys() & {"under", "q"}:
        return _ask_consent(request, state, ConsentForm())
    return join_place.ask(request, state)


def _go_on(request: HttpRequest, state: State) -> HttpResponse:
    """Keep what is known by now and show the next step; loading that page again sends nothing twice."""
    request.session[SESSION] = state
    return see_other("/join")


def _ask_number(request: HttpRequest, state: State, form: NumberForm) -> HttpResponse:
    """The first step. Its ``once`` tells a form that is sent again from the wish for another code."""
    if not request.session.session_key:
        request.session[SESSION] = state  # so that the answer may get lost, and who asked is still known
    once = request.POST.get("once") or secrets.token_urlsafe(8)
    return render(request, "public/join_number.html", {"form": form, "once": once})


def _number(request: HttpRequest, state: State) -> HttpResponse:
    form = NumberForm(request.POST)
    if not form.is_valid():
        return _ask_number(request, state, form)
    name, phone, once = form.cleaned_data["name"], form.cleaned_data["phone"], request.POST.get("once", "")[:20]
    if once and (once, phone) == (state.get("once"), state.get("phone")):
        state["name"] = name
        return _go_on(request, state)
    try:
        accounts.request_code(
            phone=phone, purpose=PURPOSE, language=request.LANGUAGE_CODE, address=client_address(request)
        )
    except DomainError as error:
        form.refuse("phone", error)
        return _ask_number(request, state, form)
    state.update(name=name, phone=phone, once=once, verified=False, shared=False, another=False, place_sure=False)
    join_counts.count(state, Step.STARTED)
    return _go_on(request, state)


def _ask_code(request: HttpRequest, state: State, form: CodeForm) -> HttpResponse:
    context = {"form": form, "action": "/join", "back": "/join?step=number", "phone": state["phone"], "joining": True}
    return render(request, "public/code.html", context)


def _code(request: HttpRequest, state: State) -> HttpResponse:
    if not state.get("phone") or state.get("verified"):
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
    state.update(verified=True, shared=bool(members.find_by_phone(state["phone"])))
    join_counts.count(state, Step.CODE)
    return _go_on(request, state)


def _first_names(state: State) -> list[str]:
    """How those who joined with this number are called. Whoever reads it has just proved that they hold the phone."""
    return [member.name.split()[0] for member in members.find_all_by_phone(state["phone"])]


def _who(request: HttpRequest, state: State) -> HttpResponse:
    """A member whom we know, or somebody else of the same family, on the same telephone."""
    if not (state.get("verified") and state.get("shared")):
        return see_other("/join")
    chosen = request.POST.get("who", "")
    known = members.find_all_by_phone(state["phone"])
    if chosen.isdecimal() and int(chosen) < len(known):
        return _enter(request, known[int(chosen)].pk, "/me?known=1")
    state["another"] = chosen == "another"
    return _go_on(request, state)


def _enter(request: HttpRequest, member_id: int, default: str) -> HttpResponse:
    """Sign the member in and lead them to where they wanted to go in the first place."""
    request.session.pop(SESSION, None)
    target = next_page(request, default)
    sign_in(request, member_services.open_account(member_id=member_id), Method.CODE)
    return see_other(target)


def _place(request: HttpRequest, state: State) -> HttpResponse:
    if not state.get("verified"):
        return see_other("/join")
    place = territories.get_territory(EVERYWHERE, request.POST.get("territory", ""))
    if not join_place.is_enough(place, unsure=request.POST.get("unsure") == "yes"):
        return see_other(f"/join?under={place.code}")
    if not state.get("place_sure"):
        join_counts.count({**state, "t": place.code}, Step.PLACE)
    state.update(t=place.code, place_sure=True)
    return _go_on(request, state)


def _ask_consent(request: HttpRequest, state: State, form: ConsentForm) -> HttpResponse:
    context = {"form": form, "place": territories.get_territory(EVERYWHERE, state["t"])}
    return render(request, "public/join_consent.html", {**context, "again": join_again.seal(state)})


def _consent(request: HttpRequest, state: State) -> HttpResponse:
    if not (state.get("verified") and state.get("place_sure")):
        done = join_again.member_of(request.POST.get("again", ""))
        return _enter(request, done.pk, "/me?joined=1") if done else see_other("/join")
    form = ConsentForm(request.POST)
    form.is_valid()
    try:
        joined = _enrol(request, state, form.consents)
    except DomainError as error:
        form.add_error(None, str(error))
        return _ask_consent(request, state, form)
    if joined.held:
        del request.session[SESSION]
        return remember_device(request, render(request, "public/held.html"))
    return remember_device(request, _enter(request, joined.member.pk, "/me?joined=1"))


def _enrol(request: HttpRequest, state: State, consents: dict[str, bool]) -> guarding.Joined:
    """The one place where joining by this page makes a member, with their first card, or holds them for a check."""
    joined = guarding.join(
        device=device_of(request),
        actor=actor_of(request),
        drive_code=_drive_code(state),
        name=state["name"],
        phone=state["phone"],
        territory_code=state["t"],
        language=request.LANGUAGE_CODE,
        consents=consents,
        evidence={"page": "join", "code": "verified"},
        source_code=state.get("s", ""),
        another=bool(state.get("another")),
    )
    if not joined.held:
        with wall.lifted("the newcomer is given their first card"):
            cards.issue_cards(actor=SYSTEM, member_ids=[joined.member.pk])
        join_counts.count(state, Step.JOINED)
    return joined


def _drive_code(state: State) -> str:
    """The drive that the person's link named while it is open, else the one that is open where they live."""
    if state.get("d"):
        return str(state["d"])
    drive = members.open_drive_for(territories.get_territory(EVERYWHERE, state["t"]))
    if drive is None:
        raise DriveClosed
    return drive.code


@public_page
@limited("join.address")
def join_link(request: HttpRequest, code: str) -> HttpResponse:
    """The link of a poster, an inviter or a territory: leads a card holder to their group, anybody else to join."""
    found = members.find_join_code(code)
    if found is not None:
        return _by_code(request, found)
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
            if chatgroups.seat_of(member.pk, link.campaign_id) is None:
                group_services.wait_for_seat(member_id=member.pk, campaign_id=link.campaign_id)
            return see_other("/me/group")
    return render(request, "public/join_link.html", {"link": link, "member": member})


def _by_code(request: HttpRequest, code: Any) -> HttpResponse:
    """What a poster or an inviter's link knows: the page speaks its language and starts at its place."""
    actor = actor_of(request)
    with wall.behind(account=actor.id):
        if members.member_of(actor) is not None:
            return see_other("/me/group")
    over = code.drive is not None and not members.is_open(code.drive)
    current = members.open_drive_for(code.territory) if over else None
    if over and current is None:
        raise DriveClosed
    state: State = request.session.get(SESSION, {})
    if state.get("c") != code.code:
        state = {"name": state.get("name", "")}
    request.session[SESSION] = state | {
        "t": code.territory.code,
        "c": code.code,
        "by": code.source,
        **({"d": code.drive.code} if code.drive and not over else {}),
    }
    if current is not None:
        context = {"drive": code.drive, "current": current}
        return render(request, "public/join_over.html", context)
    return see_other(f"/join?lang={code.language}" if "lang" not in request.GET else "/join")
