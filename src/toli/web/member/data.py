"""A member's own data: what is kept, who looked, what it may be used for, and what they ask for."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.core.errors import DomainError, Invalid, NotFound
from toli.members import selectors as members
from toli.members import services as member_services
from toli.members.domain.purposes import CHANNELS, PURPOSES, Channel, Purpose, stands
from toli.rights import selectors as rights
from toli.rights import services
from toli.rights.domain.requests import COOLING, WAITING, Kind
from toli.web.forms import CorrectionForm, WordsForm
from toli.web.page import actor_of, member_page, see_other

if TYPE_CHECKING:
    from toli.members.models import Member

HOME = "/me/data"
LOOKS_SHOWN = 20


@member_page
def data(request: HttpRequest, member: "Member") -> HttpResponse:
    """What is stored about the member, what it may be used for, and what they can ask for."""
    if request.method == "POST":
        _switch(request, member)
        return see_other(f"{HOME}#messages")
    words = members.words(member.pk)
    requests = rights.requests_of(member.pk)
    context = {
        **frame(member),
        "phone": members.masked_phone(member),
        "content_consent": members.consents(member).get(Purpose.CONTENT, False),
        "switches": [(purpose, _switches(words, purpose)) for purpose in PURPOSES[::-1]],
        "reveals": members.reveals_of(member, limit=LOOKS_SHOWN),
        "family": members.shares_phone(member.pk),
        "joined": members.merges_of(member.pk),
        "lists": members.lists_with(member, limit=LOOKS_SHOWN),
        "requests": [(item, rights.words_of(item), rights.answer_of(item)) for item in requests],
        "erasing": next((item for item in requests if item.kind == Kind.ERASURE and item.state in WAITING), None),
        "letters": len(services.letters_of(member.pk, request.LANGUAGE_CODE)),
        "done": request.GET.get("done", ""),
    }
    return render(request, "member/data.html", context)


def _switches(words: dict[tuple[str, str], bool], purpose: str) -> list[tuple[str, bool]]:
    return [(channel, stands(words.get((purpose, channel)), purpose)) for channel in CHANNELS]


def _switch(request: HttpRequest, member: "Member") -> None:
    purpose, channel = request.POST.get("purpose", ""), request.POST.get("channel", "")
    if purpose not in PURPOSES or (channel and channel not in CHANNELS):
        raise Invalid
    member_services.set_consent(
        actor=actor_of(request),
        member_id=member.pk,
        purpose=purpose,
        given=request.POST.get("given") == "yes",
        language=request.LANGUAGE_CODE,
        evidence={"page": "my data"},
        channels=[Channel(channel)] if channel else (),
    )


@member_page(step_up=True)
def copy(request: HttpRequest, member: "Member") -> HttpResponse:
    """One file with everything, to keep: readable without a network, and for programs."""
    if request.method != "POST":
        return render(request, "member/copy_ready.html", frame(member))
    found = services.copy_of(actor=actor_of(request), member_id=member.pk)
    answer = render(request, "member/copy.html", {"copy": found})
    answer["Content-Disposition"] = f'attachment; filename="my-data-{found.made_at:%Y-%m-%d}.html"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@member_page
def letters(request: HttpRequest, member: "Member") -> HttpResponse:
    """Letters to the member about what happened to data about them."""
    found = [letter for _case, letter in services.letters_of(member.pk, request.LANGUAGE_CODE)]
    return render(request, "member/letters.html", {**frame(member), "letters": found})


@member_page
def correct(request: HttpRequest, member: "Member") -> HttpResponse:
    """Name and language at once; the place is looked at by a person."""
    initial = {"name": member.name, "language": member.language}
    form = CorrectionForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            member_services.correct_member(
                actor=actor_of(request),
                member_id=member.pk,
                name=form.cleaned_data["name"],
                language=form.cleaned_data["language"],
            )
            if form.cleaned_data["place"]:
                _file(request, member, Kind.CORRECTION, form.cleaned_data["place"])
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return see_other(f"{HOME}?done=correction")
    return render(request, "member/correct.html", {**frame(member), "form": form}, status=_status(form))


@member_page
def erase(request: HttpRequest, member: "Member") -> HttpResponse:
    """Ask for erasure, or take it back while that can be done."""
    if request.method == "POST" and request.POST.get("take_back"):
        services.take_back_erasure(actor=actor_of(request), member_id=member.pk)
        return see_other(f"{HOME}?done=taken_back")
    if request.method == "POST":
        try:
            _file(request, member, Kind.ERASURE, "")
        except NotFound:
            raise
        except DomainError:
            return see_other(HOME)  # it is asked for already
        return see_other(f"{HOME}?done=erasure")
    return render(request, "member/erase.html", {**frame(member), "days": COOLING.days})


@member_page
def ask(request: HttpRequest, member: "Member", kind: str) -> HttpResponse:
    """Name somebody who may act for oneself, or complain: a few words, and an answer by a day."""
    if kind not in (Kind.NOMINATION, Kind.COMPLAINT):
        raise NotFound
    form = WordsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            _file(request, member, kind, form.cleaned_data["words"])
        except DomainError as error:
            form.add_error("words", str(error))
        else:
            return see_other(f"{HOME}?done={kind}")
    return render(request, "member/ask.html", {**frame(member), "form": form, "kind": kind}, status=_status(form))


def _file(request: HttpRequest, member: "Member", kind: str, words: str) -> None:
    services.file_request(actor=actor_of(request), member_id=member.pk, kind=kind, words=words)


def _status(form: Any) -> int:
    return 400 if form.is_bound else 200


def frame(member: "Member") -> dict[str, object]:
    return {"member": member, "tab": "data"}
