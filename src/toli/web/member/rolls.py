"""Whether the member stands in the rolls that were certified, and what to do when that is wrong."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.core.errors import DomainError, NotFound
from toli.rolls import selectors, services
from toli.web.errors import STATUS
from toli.web.page import actor_of, member_page, see_other
from toli.web.roll_forms import OwnChallengeForm

if TYPE_CHECKING:
    from toli.members.models import Member
    from toli.rolls.models import Challenge

HOME = "/me/data/rolls"


@member_page
def standings(request: HttpRequest, member: "Member") -> HttpResponse:
    """Certified rolls of the member's place, and those that they stand in: with which class, or not at all."""
    said = selectors.challenges_of(member)
    shown = [
        (roll, line, said.get(roll.pk, []), selectors.can_be_challenged(roll) and not _waits(said.get(roll.pk, [])))
        for roll, line in selectors.standings(member)
    ]
    return render(request, "member/rolls.html", {"member": member, "tab": "data", "standings": shown})


def _waits(challenges: "list[Challenge]") -> bool:
    """Whether one of them is to be settled before there can be another."""
    return any(item.state == "open" or (item.state == "accepted" and not item.supplement_id) for item in challenges)


@member_page
def challenge(request: HttpRequest, member: "Member", roll_id: int) -> HttpResponse:
    """Object to what a roll says of the member, or that it does not name them."""
    found = next(((roll, line) for roll, line in selectors.standings(member) if roll.pk == roll_id), None)
    if found is None:
        raise NotFound
    roll, line = found
    form = OwnChallengeForm(request.POST or None, stands=line is not None)
    status = 400 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            services.challenge_own(actor=actor_of(request), member=member, roll_id=roll_id, **form.cleaned_data)
            return see_other(HOME)
        except DomainError as error:
            form.refuse(None, error)
            status = STATUS[error.kind]
    context = {"member": member, "tab": "data", "roll": roll, "line": line, "form": form}
    return render(request, "member/roll_challenge.html", context, status=status)
