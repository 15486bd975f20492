"""The work queue: made for a phone, what does most harm by waiting first."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from itertools import chain
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from toli.access.domain import permissions as can
from toli.access.domain.scope import EVERYWHERE, Scope
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.assignments import selectors as assignments
from toli.chatgroups import late, pasting, waves
from toli.chatgroups import selectors as chatgroups
from toli.chatgroups import services as groups
from toli.chatgroups.errors import NothingToTakeOver
from toli.core.errors import DomainError
from toli.distribution import selectors as distribution
from toli.distribution import services as distribution_services
from toli.enrolment.services import wishing
from toli.posting import services as posting
from toli.sharing.domain.intents import intent_url
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.forms import GroupLinkForm
from toli.web.page import actor_of, page, see_other
from toli.web.rule_words import RULES

SHOWN, FULL_SHOWN, LATE_SHOWN = 40, 3, 5
# Work of which one says that it is done.
CONFIRMED: dict[str, Callable[[Actor, Any], Any]] = {
    "relay_kit": lambda actor, about: distribution_services.confirm_relay(actor=actor, relay_id=about["relay_id"]),
    "announce_division": lambda actor, about: groups.confirm_posted(
        actor=actor, announcement_id=about["announcement_id"]
    ),
    "close_group": lambda actor, about: groups.confirm_closed(actor=actor, old_group_id=about["old_group_id"]),
    "remove_group": lambda actor, about: groups.confirm_removed(actor=actor, group_id=about["group_id"]),
    "late_wave": lambda actor, about: groups.confirm_spoken(actor=actor, subject=about["subject"]),
    "second_admin": lambda actor, about: groups.confirm_second_admin(actor=actor, group_id=about["group_id"]),
    "hand_over": lambda actor, about: groups.confirm_hand_over(actor=actor, group_id=about["group_id"]),
}
# Work that is done on another page of its place, and ends by itself.
ELSEWHERE = {"people_waiting": "waiting", "divide_group": "divide"}
OF_GROUP = ("change_link", "second_admin", "hand_over", *ELSEWHERE)


@page(can.WORK_DO)
def queue(request: HttpRequest, scope: Scope) -> HttpResponse:
    return _queue(request, scope, {})


@page(can.WORK_DO)
def answer(request: HttpRequest, scope: Scope, work_id: int) -> HttpResponse:
    """Take the answer to one's own task; one that was given without a network is told by a script (work.js).

    The task is what keeps an answer from counting twice: once it is over, further answers find no task.
    """
    if request.method != "POST":
        return see_other("/console/work")
    answered = _answer(request, scope, work_id)
    if request.POST.get("queued") and answered.status_code == HTTPStatus.SEE_OTHER:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return answered


@page(can.WORK_DO)
def take_over(request: HttpRequest, scope: Scope, work_id: int) -> HttpResponse:
    """Do what somebody else has not done in time. Whether another one was quicker stands on the page."""
    if request.method == "POST":
        try:
            groups.take_over_work(actor=actor_of(request), work_id=work_id)
        except NothingToTakeOver as error:
            return _queue(request, scope, {}, status=HTTPStatus.CONFLICT, refused=str(error))
    return see_other("/console/work")


def _answer(request: HttpRequest, scope: Scope, work_id: int) -> HttpResponse:
    passed = assignments.find_passed_on(actor_of(request), work_id)
    if passed is not None:
        return _too_late(request, scope, passed)
    work = assignments.get_work(actor_of(request), work_id)
    if work.kind in CONFIRMED:
        if request.POST.get("done") == "yes":
            CONFIRMED[work.kind](actor_of(request), work.details)
        return see_other("/console/work")
    if work.kind == "delete_post":
        return _deleted(request, scope, work)
    if work.kind in ELSEWHERE:
        return see_other(f"/console/t/{work.territory.code}/{ELSEWHERE[work.kind]}")
    form = GroupLinkForm(request.POST)
    if form.is_valid():
        try:
            groups.confirm_group_open(
                actor=actor_of(request),
                group_id=work.details["group_id"],
                join_address=form.cleaned_data["join_address"],
            )
        except DomainError as error:
            form.add_error("join_address", str(error))
        else:
            return see_other("/console/work")
    return _queue(request, scope, {work.pk: form}, status=400)


def _too_late(request: HttpRequest, scope: Scope, passed: assignments.PassedOn) -> HttpResponse:
    """An answer to a task that somebody else has by now. What is done is done: they need not do it again.

    An invite link is not taken: there may be two groups by now, and the other one's is the group.
    """
    work, done = passed.now, request.POST.get("done") == "yes"
    if done and not passed.over and work.kind in CONFIRMED:
        CONFIRMED[work.kind](actor_of(request), work.details)
        return see_other("/console/work?late=taken")
    if done and not passed.over and work.kind == "delete_post":
        return _deleted(request, scope, work)
    return _queue(request, scope, {}, status=HTTPStatus.GONE, too_late=passed)


def _deleted(request: HttpRequest, scope: Scope, work: Any) -> HttpResponse:
    """A post of a kit that was recalled is gone, or cannot be deleted."""
    done, reason = request.POST.get("done"), request.POST.get("reason", "").strip()
    answered = done == "yes" or (done == "no" and reason)
    if answered and "post_id" in work.details:  # a program's post, that no program can delete
        posting.confirm_deleted(
            actor=actor_of(request), post_id=work.details["post_id"], deleted=done == "yes", reason=reason
        )
    elif answered:
        distribution_services.confirm_gone(
            actor=actor_of(request), place_id=work.details["place_id"], deleted=done == "yes", reason=reason
        )
    return see_other("/console/work")


def _queue(
    request: HttpRequest,
    scope: Scope,
    forms: dict[int, GroupLinkForm],
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    work = assignments.open_work(actor_of(request))
    others = late.late_with_others(actor_of(request))
    full = waves.groups_to_divide(scope_for(actor_of(request), can.GROUPS_DIVIDE), FULL_SHOWN)
    told = _told_by(work[:SHOWN], full)
    invite = request.GET.get("invite", "")[:200]  # shared into Toli from the app in which the group was made
    context = {
        **frame(request, scope, territories.roots(scope)[0], "work"),
        "items": [
            _item(entry, forms.get(entry.pk), invite) | {"full": told.get(entry.pk, [])} for entry in work[:SHOWN]
        ],
        "full": [group for group in full if group not in chain(*told.values())],
        "of_group": OF_GROUP,
        "late": others[:LATE_SHOWN],
        "late_more": max(0, others.count() - LATE_SHOWN),
        "passed_on": late.passed_on(actor_of(request)),
        "late_taken": request.GET.get("late") == "taken",
        "asking": len(wishing.wishes_to_answer(actor=actor_of(request))),
        "count": len(work),
        "more": max(0, len(work) - SHOWN),
        **more,
    }
    return render(request, "console/work.html", context, status=status)


def _told_by(work: Sequence[Any], full: Sequence[Any]) -> dict[int, list[Any]]:
    """Groups that are nearly full, by the task to divide those of their place: they stand there and nowhere else."""
    paths = {task.pk: territories.path_of(task.territory_id) for task in work if task.kind == "divide_group"}
    told: dict[int, list[Any]] = {}
    for group in full if paths else ():
        path = territories.path_of(group.territory_id)
        over = next((pk for pk, branch in paths.items() if path.startswith(branch)), None)
        if over is not None:
            told.setdefault(over, []).append(group)
    return told


def _item(work: Any, form: GroupLinkForm | None, invite: str) -> dict[str, Any]:
    if work.kind == "delete_post":
        return {"work": work}
    if work.kind == "relay_kit":
        relay = distribution.get_relay(EVERYWHERE, work.details["relay_id"])
        refusal = distribution.why_not_now(relay)
        if refusal is not None:
            return {"work": work, "held": RULES[refusal.rule], "until": refusal.until}
        text = distribution.relay_text(relay)
        words, _break, link = text.rpartition("\n")
        return {"work": work, "text": text, "intent": intent_url("whatsapp", words.strip(), link)}
    if work.kind == "announce_division":
        words, _break, link = work.details["text"].rpartition("\n")
        return {"work": work, "intent": intent_url("whatsapp", words, link)}
    item = {"work": work, "form": form or GroupLinkForm(initial={"join_address": invite})}
    if work.kind in ("create_group", "second_admin"):
        group = chatgroups.get_group(EVERYWHERE, work.details["group_id"])
        pastes = pasting.all_texts_for(group, get_language() or "hi") if work.kind == "create_group" else []
        item |= {"group": group, "second": group.deputy, "pastes": pastes}
    return item
