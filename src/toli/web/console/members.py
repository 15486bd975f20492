"""The desk: members of a place, one member, and their full number for a stated reason."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.access.policies import person_of, scope_for
from toli.cards import selectors as cards
from toli.cards import services as card_services
from toli.cards.domain.card_codec import shown
from toli.chatgroups import selectors as chatgroups
from toli.core.errors import DomainError, NotFound
from toli.members import selectors, services
from toli.members.domain.purposes import Purpose
from toli.members.domain.sieve import Sieve
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.forms import RevealForm
from toli.web.member_forms import SieveForm
from toli.web.membership import history
from toli.web.page import actor_of, page

if TYPE_CHECKING:
    from toli.members.models import Member
    from toli.territories.models import Territory

SHOWN = 50
LOOKS_SHOWN = 20
_LARGEST_ID = 2**63 - 1


@page(can.MEMBERS_VIEW)
def members(request: HttpRequest, scope: Scope, code: str) -> HttpResponse:
    """Members below a place, page by page; a POST looks for a name or a number, which must not stand in an address."""
    place = territories.get_territory(scope, code)
    sieve = Sieve.read(request.GET)
    chosen: dict[str, Any] = {"sieve": sieve, "without": _without(sieve)}
    context: dict[str, Any] = {
        **frame(request, scope, place, "members"),
        "may_export": _may_export(request, place),
        "form": SieveForm(initial=sieve.query, drives=selectors.drives_within(scope)),
        "narrowed": sieve.narrows,
        "query": urlencode(sieve.query),
    }
    if request.method == "POST":
        words = request.POST.get("number", "")[:64]
        found = _found(request, scope, words, chosen)
        more = SHOWN if len(found) >= SHOWN else 0
        context |= {"searched": True, "rows": _rows(found), "more_found": more}
    else:
        after = number_in(request.GET.get("after", ""))
        listed = services.look_at_list(actor=actor_of(request), territory=place, after=after, limit=SHOWN, **chosen)
        context |= {"after": after, "rows": _rows(listed), "last": listed[-1].pk if len(listed) == SHOWN else 0}
        context["counted"] = selectors.count_members(scope, place, **chosen)
    return render(request, "console/members.html", context)


def _without(sieve: Sieve) -> list[Any]:
    """Whom the other contexts know to have what is asked to be missing."""
    campaign = chatgroups.current_campaign() if sieve.seat else None
    return [*([cards.holders()] if sieve.card else []), *([chatgroups.seated(campaign.pk)] if campaign else [])]


def _may_export(request: HttpRequest, place: "Territory") -> bool:
    return scope_for(actor_of(request), can.MEMBERS_EXPORT).covers(territories.path_of(place.pk))


def _found(request: HttpRequest, scope: Scope, words: str, chosen: dict[str, Any]) -> list["Member"]:
    """Members of one's area with this name or number, or with this card, whom the filters let through."""
    found = services.search_members(actor=actor_of(request), text=words, limit=SHOWN, **chosen)
    holder = card_services.find_holder(actor=actor_of(request), number=words)
    if holder is None or holder in found:
        return found
    if chosen["sieve"].narrows and not selectors.passing(scope, [holder.pk], **chosen):
        return found
    return [*found, holder]


def _rows(listed: list["Member"]) -> list[dict[str, Any]]:
    ids = [member.pk for member in listed]
    phones, numbers = selectors.masked_phones(ids), cards.numbers_of(ids)
    return [{"member": member, "phone": phones.get(member.pk), "card": numbers.get(member.pk)} for member in listed]


def number_in(text: str) -> int:
    """The id out of an address after which a list goes on; 0 for anything else."""
    return min(int(text), _LARGEST_ID) if text.isascii() and text.isdigit() and len(text) < 30 else 0


@page(can.MEMBERS_VIEW)
def member(request: HttpRequest, scope: Scope, member_id: int) -> HttpResponse:
    found = services.look_at_member(actor=actor_of(request), member_id=member_id)
    card = cards.card_of(found.pk)
    campaign = chatgroups.current_campaign()
    context = {
        **frame(request, scope, found.territory, "members"),
        "member": found,
        "phone": selectors.masked_phone(found),
        "card": card,
        "card_number": shown(card.number) if card else "",
        "seat": chatgroups.seat_of(found.pk, campaign.pk) if campaign else None,
        "content_consent": selectors.consents(found).get(Purpose.CONTENT),
        "merges": _merges(request, found),
        "happened": next((word for word in ("joined", "parted") if word in request.GET), ""),
        "history": history(found),
        "twins": selectors.pairs_of(scope_for(actor_of(request), can.MEMBERS_MERGE), found.pk),
        "reveals": selectors.reveals_of(found, limit=LOOKS_SHOWN),
        "may_reveal": _may(request, can.MEMBERS_REVEAL, found),
        "may_card": found.state == "active" and _may(request, can.CARDS_ISSUE, found),
    }
    return render(request, "console/member.html", context)


def _merges(request: HttpRequest, found: "Member") -> list[tuple[Any, bool]]:
    may = _may(request, can.MEMBERS_MERGE, found)
    return [(merge, may and services.can_undo_merge(merge)) for merge in selectors.merges_of(found.pk)]


def _may(request: HttpRequest, permission: str, found: "Member") -> bool:
    return scope_for(actor_of(request), permission).covers(territories.path_of(found.territory_id))


@page(can.MEMBERS_REVEAL, step_up=True)
def reveal(request: HttpRequest, scope: Scope, member_id: int) -> HttpResponse:
    """Ask why; on the answer, and only there, stands the number."""
    if request.method == "POST":
        found = selectors.get_active_member(scope, member_id)
    else:
        found = services.look_at_member(actor=actor_of(request), member_id=member_id, permission=can.MEMBERS_REVEAL)
    form = RevealForm(request.POST if request.method == "POST" else None)
    context = {**frame(request, scope, found.territory, "members"), "member": found, "form": form}
    status = 400 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        try:
            context["number"] = services.reveal_phone(
                actor=actor_of(request),
                member_id=member_id,
                reason=form.cleaned_data["reason"],
                note=form.cleaned_data["note"],
            )
            status = 200
        except NotFound:
            raise
        except DomainError as error:
            form.add_error(None, str(error))
            status = STATUS[error.kind]
    context["left"] = services.reveals_left(person_of(actor_of(request)))
    answer = render(request, "console/reveal.html", context, status=status)
    answer["Cache-Control"] = "private, no-store"
    return answer
