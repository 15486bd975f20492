"""The desk: changing kits, approving them, and how they look on each platform."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.content import selectors as content
from toli.content import services
from toli.content.domain.mails import SUBJECT_LIMIT
from toli.content.domain.platforms import PLATFORMS, Fit, Platform, utf16
from toli.content.errors import FileRefused
from toli.content.services.acting import named
from toli.content.services.files import MOST_BYTES
from toli.core.errors import DomainError, NotFound
from toli.distribution.direct import mail_as_read
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.errors import STATUS
from toli.web.kit_forms import SUBJECT, EditForm, PlatformForm, ReviewForm, own_words_of, words_of
from toli.web.limited import takes_files
from toli.web.page import actor_of, page, see_other
from toli.web.pictures import as_file, shown
from toli.web.plan_forms import WAY_NAMES, way_name

if TYPE_CHECKING:
    from toli.content.models import Kit

PDF = "application/pdf"


@page(can.KITS_APPROVE)
def approvals(request: HttpRequest, scope: Scope) -> HttpResponse:
    """What waits for somebody to approve it, the oldest first."""
    actor = actor_of(request)
    items = [
        {
            "kit": kit,
            "renditions": sorted(kit.renditions.all(), key=lambda item: item.language, reverse=True),
            "lacks": named(content.lacks(kit)),
            "own": kit.created_by_id == actor.id,
            "picture": shown(kit, request.LANGUAGE_CODE, f"/console/kits/{kit.pk}/picture.jpg"),
        }
        for kit in content.waiting_for_review(scope)
    ]
    return render(request, "console/approvals.html", {**_frame(request, scope), "items": items})


@page(can.KITS_EDIT)
def edit(request: HttpRequest, scope: Scope, kit_id: int) -> HttpResponse:
    """Change a draft."""
    kit = content.get_kit(scope, kit_id)
    if kit.state != "draft":
        return see_other(f"/console/kits/{kit_id}")
    form = EditForm(request.POST or None, initial=words_of(kit))
    if request.method == "POST" and form.is_valid():
        try:
            services.edit_kit(actor=actor_of(request), kit_id=kit_id, edits=form.edits())
            return see_other(f"/console/kits/{kit_id}")
        except DomainError as error:
            form.refuse(None, error)
    return _form(request, scope, kit, form)


@page(can.KITS_APPROVE)
def review(request: HttpRequest, scope: Scope, kit_id: int) -> HttpResponse:
    """Approve a kit with one's own changes."""
    kit = content.get_kit(scope, kit_id)
    if kit.state != "in_review":
        return see_other(f"/console/kits/{kit_id}")
    form = ReviewForm(request.POST or None, initial=words_of(kit))
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        try:
            services.approve_kit(actor=actor_of(request), kit_id=kit_id, edits=form.edits(), note=note)
            return see_other("/console/approvals")
        except DomainError as error:
            form.refuse(None, error)
    return _form(request, scope, kit, form)


def _form(request: HttpRequest, scope: Scope, kit: "Kit", form: EditForm) -> HttpResponse:
    context = {**_frame(request, scope), "kit": kit, "form": form, "platforms": limits_of_platforms()}
    return render(request, "console/kit_edit.html", context, status=400 if form.errors else 200)


@page(can.KITS_VIEW)
def platforms(request: HttpRequest, scope: Scope, kit_id: int) -> HttpResponse:
    """How the kit looks on each platform, and other words for those where it does not fit."""
    kit = content.get_kit(scope, kit_id)
    languages = sorted((item.language for item in kit.renditions.all()), reverse=True)
    form = PlatformForm(request.POST or None, languages=languages, initial=own_words_of(kit))
    if request.method == "POST" and form.is_valid():
        edits = services.KitEdits(platform_texts=form.drafts())
        try:
            services.edit_kit(actor=actor_of(request), kit_id=kit_id, edits=edits)
            return see_other(f"/console/kits/{kit_id}/platforms")
        except NotFound:
            form.add_error(None, _("You may look at this kit, but not take this step."))
        except DomainError as error:
            form.refuse(None, error)
    context = {
        **_frame(request, scope),
        "kit": kit,
        "form": form,
        "previews": [_previews(kit, language, form) for language in languages],
        "has_poster": content.picture_of(kit) is not None,
        "editable": kit.state == "draft",
        "platforms": limits_of_platforms(),
        "filmed": content.video_file(kit, "full") is not None,
        "link": f"{settings.BASE_URL}/s/…",
    }
    return render(request, "console/kit_platforms.html", context, status=400 if form.errors else 200)


def _previews(kit: "Kit", language: str, form: PlatformForm) -> dict[str, Any]:
    media = {item.platform: item for item in content.media_of(kit)}
    rendition = content.rendition_for(kit, language)
    cards = []
    for platform in PLATFORMS.values():
        texts = content.texts_for(kit, language, platform.code)
        fit = Fit(platform, max((platform.count(text) for text in texts), default=0))
        field = form[f"{platform.code}_{language}"]
        card: dict[str, Any] = {"platform": platform, "text": texts[0], "fit": fit, "field": field}
        card |= {"media": media.get(platform.code), "name": name_of(platform)}
        if platform.whole:
            card |= {"mail": mail_as_read(kit, language), "subject": form[f"{platform.code}{SUBJECT}{language}"]}
        cards.append(card)
    return {"language": language, "title": rendition.title, "title_used": utf16(rendition.title), "cards": cards}


def limits_of_platforms() -> list[dict[str, Any]]:
    """What kit.js needs to count while somebody writes; the same figures that the server goes by. ``whole``: an empty
    line begins no variant; ``own``: it is no text of a kit."""
    limits: list[dict[str, Any]] = []
    for item in PLATFORMS.values():
        told = {"code": item.code, "name": str(name_of(item)), "most": item.most, "count": item.count.__name__}
        limits.append({**told, "whole": item.whole})
        if item.whole:
            subject = {"code": f"{item.code}{SUBJECT.rstrip('_')}", "name": _("Subject"), "most": SUBJECT_LIMIT}
            limits.append({**subject, "count": "len", "whole": True, "own": True})
    return limits


def name_of(platform: Platform) -> str | Promise:
    """What people call the platform."""
    return way_name(platform.code) if platform.code in WAY_NAMES else platform.name


@page(can.KITS_VIEW)
def media(request: HttpRequest, scope: Scope, kit_id: int, platform: str) -> HttpResponse:
    """The picture in the size of one platform, for those in whose area the kit is."""
    return as_file(content.media_for_staff(scope, kit_id, platform))


@page(can.KITS_VIEW)
@takes_files(MOST_BYTES)
def file(request: HttpRequest, scope: Scope, kit_id: int, kind: str) -> HttpResponse:
    """The certificate or the document of a kit: fetched, or put there."""
    kit = content.get_kit(scope, kit_id)
    if kind not in {"certificate", "document"}:
        raise NotFound
    if request.method != "POST":
        answer = HttpResponse(content.file_for_staff(scope, kit_id, kind), content_type=PDF)
        answer["Content-Disposition"] = f'attachment; filename="{kit.code}-{kind}.pdf"'
        return answer
    sent = request.FILES.get("file")
    try:
        if sent is None:
            raise FileRefused
        services.set_file(actor=actor_of(request), kit_id=kit_id, kind=kind, data=sent.read(MOST_BYTES + 1))
    except NotFound:
        return _refused(request, scope, kit, _("You may look at this kit, but not take this step."), 409)
    except DomainError as error:
        return _refused(request, scope, kit, str(error), STATUS[error.kind])
    return see_other(f"/console/kits/{kit_id}")


def _refused(request: HttpRequest, scope: Scope, kit: "Kit", why: str, status: int) -> HttpResponse:
    context = {**_frame(request, scope), "kit": kit, "refused": why}
    return render(request, "console/kit_refused.html", context, status=status)


def _frame(request: HttpRequest, scope: Scope) -> dict[str, Any]:
    return frame(request, scope, territories.roots(scope)[0], "kits")
