"""A citizen who wants to hear from the organisation and become no member: number, code, place, and what they agree to.

Nothing is stored before they have agreed, except in their own session. Whether a number is known shows only to
whoever has proved it.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain.scope import EVERYWHERE
from toli.compliance.domain.channels import why_barred
from toli.compliance.selectors import get_organisation
from toli.core.errors import DomainError
from toli.members import services as members
from toli.members.domain.citizens import OFFERED
from toli.members.domain.purposes import Channel
from toli.members.errors import AlreadyMember
from toli.members.selectors import find_by_phone
from toli.territories import selectors as territories
from toli.web.forms import HearForm
from toli.web.limited import limited
from toli.web.page import public_page, see_other
from toli.web.public import join_place
from toli.web.public.number_door import NumberDoor

ADDRESS = "/hear"
DOOR = NumberDoor("hear", ADDRESS, "public/hear.html")
SESSION = "hear_state"
# A channel that people agree to, and the provider that would carry it: who may not use that is not asked about it.
PROVIDERS = {Channel.WHATSAPP: "whatsapp_cloud"}
State = dict[str, Any]


@public_page
@limited("join.address")
def hear(request: HttpRequest) -> HttpResponse:
    """One address for all steps: the session knows how far somebody has come."""
    state: State = request.session.get(SESSION, {})
    came = {key: request.GET[key][:60] for key in ("t", "s") if request.GET.get(key)}
    if came:
        state = request.session[SESSION] = {**state, "t": "", **came}
    step = request.POST.get("step", "")
    if step in ("place", "consent"):
        return {"place": _place, "consent": _consent}[step](request, state)
    if state.get("phone") and request.method != "POST" and request.GET.get("step") != "phone":
        return _show(request, state)
    return DOOR.answer(request, _proved)


def _proved(request: HttpRequest, phone: str) -> HttpResponse:
    if find_by_phone(phone):
        return render(request, "public/hear_member.html")
    state = {**request.session.get(SESSION, {}), "phone": phone, "sure": False, "done": ""}
    if known := members.stop_path_of(phone=phone):
        request.session[SESSION] = state
        return see_other(f"{known}?known=1")
    return _go_on(request, state)


def _go_on(request: HttpRequest, state: State) -> HttpResponse:
    request.session[SESSION] = state
    return see_other(ADDRESS)


def _show(request: HttpRequest, state: State) -> HttpResponse:
    if state.get("sure") and not request.GET.keys() & {"under", "q"}:
        return _ask_consent(request, state, HearForm())
    return join_place.ask(request, state, action=ADDRESS)


def _place(request: HttpRequest, state: State) -> HttpResponse:
    if not state.get("phone"):
        return see_other(ADDRESS)
    place = territories.get_territory(EVERYWHERE, request.POST.get("territory", ""))
    if not join_place.is_enough(place, unsure=request.POST.get("unsure") == "yes"):
        return see_other(f"{ADDRESS}?under={place.code}")
    return _go_on(request, {**state, "t": place.code, "sure": True})


def _ask_consent(request: HttpRequest, state: State, form: HearForm) -> HttpResponse:
    context = {
        "form": form,
        "ways": _ways(),
        "place": territories.get_territory(EVERYWHERE, state["t"]),
        "until": members.holds_until().date(),
    }
    return render(request, "public/hear_consent.html", context)


def _consent(request: HttpRequest, state: State) -> HttpResponse:
    """Agreeing. A form that is sent twice leads to the same page."""
    if not (state.get("phone") and state.get("sure")):
        return see_other(state.get("done") or ADDRESS)
    form = HearForm(request.POST)
    form.is_valid()
    ways = _ways()
    chosen = [way for way in ways if way in form.channels] if len(ways) > 1 else ways
    try:
        citizen = members.agree(
            phone=state["phone"], territory_code=state["t"], channels=chosen, language=request.LANGUAGE_CODE
        )
    except AlreadyMember:
        del request.session[SESSION]
        return render(request, "public/hear_member.html")
    except DomainError as error:
        form.add_error(None, str(error))
        return _ask_consent(request, state, form)
    path = members.stop_path(citizen_id=citizen.pk, channel=chosen[0])
    request.session[SESSION] = {"done": path}
    return see_other(f"{path}?agreed=1")


def _ways() -> list[str]:
    """What a citizen is asked about: the ways that this kind of organisation may use."""
    kind = get_organisation().kind
    return [way.value for way in OFFERED if way not in PROVIDERS or why_barred(kind, PROVIDERS[way]) is None]
