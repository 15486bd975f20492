"""Whether the member stands in the rolls that were certified, and what to do when that is wrong."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.rolls import selectors
from toli.web.page import member_page

if TYPE_CHECKING:
    from toli.members.models import Member


@member_page
def standings(request: HttpRequest, member: "Member") -> HttpResponse:
    """Certified rolls of the member's place, and those that they stand in: with which class, or not at all."""
    context = {"member": member, "tab": "data", "standings": selectors.standings(member)}
    return render(request, "member/rolls.html", context)
