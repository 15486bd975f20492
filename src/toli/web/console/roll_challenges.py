"""The desk: objecting to a certified roll, and deciding what somebody else has objected."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.cards import services as card_services
from toli.core.errors import DomainError, NotFound
from toli.members import services as member_services
from toli.rolls import selectors, services
from toli.web.console.members import number_in
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.page import actor_of, page, see_other
from toli.web.roll_forms import ChallengeDecisionForm, ChallengeForm

if TYPE_CHECKING:
    from toli.rolls.models import Roll


@page(can.MEMBERS_VIEW)
def challenge(request: HttpRequest, scope: Scope, roll_id: int) -> HttpResponse:
    """Object to a line (``?line=``), or to a name that is missing."""
    roll = selectors.get_roll(scope, roll_id)
    number = number_in(request.GET.get("line", ""))
    line = services.look_at_line(actor=actor_of(request), roll_id=roll_id, number=number) if number else None
    if number and line is None:
        raise NotFound
    form = ChallengeForm(request.POST or None, stands=line is not None)
    status = 400 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            if _object(request, roll, form, number):
                return see_other(f"/console/rolls/{roll_id}#challenges")
        except NotFound:
            raise
        except DomainError as error:
            form.refuse(None, error)
            status = STATUS[error.kind]
    context = {**frame(request, scope, roll.territory, "rolls"), "roll": roll, "form": form, "line": line}
    return render(request, "console/roll_challenge.html", context, status=status)


def _object(request: HttpRequest, roll: "Roll", form: ChallengeForm, line: int) -> bool:
    """Whether it was taken; else the form says what is missing."""
    said, member_id = form.cleaned_data, 0
    if not line:
        member_id = _who(request, said["who"])
        if not member_id:
            form.add_error("who", _("This leads to nobody, or to more than one member, of your area."))
            return False
    services.challenge_roll(
        actor=actor_of(request),
        roll_id=roll.pk,
        kind=said["kind"],
        reason=said["reason"],
        line=line,
        member_id=member_id,
        territory_code=said["place"],
        grade=said["grade"],
    )
    return True


def _who(request: HttpRequest, words: str) -> int:
    """The one member who holds this card or number; 0 for nobody, or several."""
    if not words.strip():
        return 0
    found = member_services.search_members(actor=actor_of(request), text=words)
    holder = card_services.find_holder(actor=actor_of(request), number=words)
    ids = {member.pk for member in [*found, *([holder] if holder else [])]}
    return ids.pop() if len(ids) == 1 else 0


@page(can.EXPORTS_APPROVE, step_up=True)
def decide(request: HttpRequest, scope: Scope, challenge_id: int) -> HttpResponse:
    """One objection; somebody else than the objector accepts or refuses it."""
    found = selectors.get_challenge(scope, challenge_id)
    form = ChallengeDecisionForm(request.POST or None)
    status = 400 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            services.decide_challenge(
                actor=actor_of(request),
                challenge_id=challenge_id,
                accept=request.POST.get("act") == "accept",
                note=said["note"],
                territory_code=said["place"],
                grade=said["grade"],
            )
            return see_other(f"/console/rolls/{found.roll_id}#challenges")
        except NotFound:
            raise
        except DomainError as error:
            form.refuse(None, error)
            status = STATUS[error.kind]
    found = services.look_at_challenge(actor=actor_of(request), challenge_id=challenge_id)
    standing = selectors.standing_place(found.roll, found.ref)
    context = {
        **frame(request, scope, found.roll.territory, "rolls"),
        "item": found,
        "roll": found.roll,
        "form": form,
        "standing": standing and (standing[0], selectors.GRADES[standing[1]]),
        "own": found.raised_by_id == actor_of(request).id,
    }
    return render(request, "console/roll_decide.html", context, status=status)
