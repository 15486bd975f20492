"""The desk: kits from draft to withdrawal."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.chatgroups import selectors as chatgroups
from toli.content import selectors as content
from toli.content import services as content_services
from toli.content.domain.platforms import fits_of
from toli.content.services.acting import named
from toli.content.services.pictures import PictureDraft
from toli.core import clock
from toli.core.domain.pictures import MOST_BYTES
from toli.core.errors import DomainError, NotFound
from toli.distribution import selectors as distribution
from toli.distribution import services as distribution_services
from toli.territories import selectors as territories
from toli.web.console.kit_picture import picture_in
from toli.web.console.kit_studio import limits_of_platforms
from toli.web.console.kit_video import about_video
from toli.web.console.views import frame
from toli.web.kit_forms import KitForm
from toli.web.limited import takes_files
from toli.web.page import actor_of, page, see_other
from toli.web.pictures import shown

RELAYS_SHOWN = 100
QUEUE = "/console/approvals"


@page(can.KITS_VIEW)
def kits(request: HttpRequest, scope: Scope) -> HttpResponse:
    items = [
        {
            "kit": kit,
            "rendition": content.rendition_for(kit, request.LANGUAGE_CODE),
            "way": distribution.cascade(scope, kit),
        }
        for kit in content.kits(scope)[:50]
    ]
    context = {**frame(request, scope, territories.roots(scope)[0], "kits"), "items": items}
    return render(request, "console/kits.html", context)


@page(can.KITS_EDIT)
@takes_files(MOST_BYTES)
def new_kit(request: HttpRequest, scope: Scope) -> HttpResponse:
    form = KitForm(request.POST or None, request.FILES or None)
    place = territories.get_territory(scope, request.POST.get("territory") or territories.roots(scope)[0].code)
    if request.method == "POST" and form.is_valid():
        kit = _created(request, form, place.code)
        if kit:
            return see_other(f"/console/kits/{kit.pk}")
    return render(
        request,
        "console/kit_new.html",
        {**frame(request, scope, place, "kits"), "form": form, "platforms": limits_of_platforms()},
    )


def _created(request: HttpRequest, form: KitForm, territory_code: str) -> Any:
    """The draft; None when something was refused, which then stands in the form."""
    picture = picture_in(request, form)
    if form.errors:
        return None
    try:
        return _create(request, form, territory_code, picture)
    except DomainError as error:
        form.refuse(None, error)
        return None


def _create(request: HttpRequest, form: KitForm, territory_code: str, picture: PictureDraft | None) -> Any:
    fields = form.cleaned_data
    begins = fields["valid_from"] or clock.now()
    return content_services.create_kit(
        actor=actor_of(request),
        code=fields["code"],
        territory_code=territory_code,
        act_url=fields["act_url"],
        renditions=form.renditions(),
        valid_from=begins,
        valid_until=begins + timedelta(days=fields["valid_days"]),
        topic=fields["topic"],
        certificate_number=fields["certificate_number"],
        made_with_ai=fields["made_with_ai"],
        picture=picture,
    )


@page(can.KITS_VIEW)
def kit(request: HttpRequest, scope: Scope, kit_id: int) -> HttpResponse:
    return _detail(request, scope, kit_id)


def _detail(request: HttpRequest, scope: Scope, kit_id: int, refused: str = "") -> HttpResponse:
    found = content.get_kit(scope, kit_id)
    relays = distribution.relays(scope, found)
    context = {
        **frame(request, scope, territories.roots(scope)[0], "kits"),
        "kit": found,
        "picture": shown(found, request.LANGUAGE_CODE, f"/console/kits/{found.pk}/picture.jpg"),
        "renditions": [{"item": item, "fits": fits_of(item.texts)} for item in found.renditions.order_by("-language")],
        "files": content.files_of(found),
        "reviews": content.reviews_of(found)[:10],
        "lacks": named(content.lacks(found)) if found.state in {"draft", "in_review"} else "",
        "way": distribution.cascade(scope, found),
        "relays": relays[:RELAYS_SHOWN],
        "more": max(0, relays.count() - RELAYS_SHOWN),
        "refused": refused,
        **about_video(found),
        "recalled": distribution.was_recalled(found),
    }
    return render(request, "console/kit.html", context, status=409 if refused else 200)


@page(can.KITS_VIEW)
def kit_step(request: HttpRequest, scope: Scope, kit_id: int, verb: str) -> HttpResponse:
    """One step of a kit's life; the services decide whether this person may take it."""
    content.get_kit(scope, kit_id)
    if request.method == "POST":
        try:
            _take_step(request, kit_id, verb)
        except NotFound:
            return _detail(request, scope, kit_id, refused=_("You may look at this kit, but not take this step."))
        except DomainError as error:
            return _detail(request, scope, kit_id, refused=str(error))
    return see_other(QUEUE if request.POST.get("next") == "approvals" else f"/console/kits/{kit_id}")


def _take_step(request: HttpRequest, kit_id: int, verb: str) -> None:
    actor = actor_of(request)
    if verb == "submit":
        content_services.submit_kit(actor=actor, kit_id=kit_id)
    elif verb == "approve":
        content_services.approve_kit(actor=actor, kit_id=kit_id)
    elif verb == "reject":
        content_services.reject_kit(actor=actor, kit_id=kit_id, note=request.POST.get("note", ""))
    elif verb == "withdraw":
        distribution_services.recall_kit(actor=actor, kit_id=kit_id, reason=request.POST.get("reason", ""))
    elif verb == "release":
        campaign = chatgroups.current_campaign()
        distribution_services.release_kit(
            actor=actor,
            kit_id=kit_id,
            campaign_code=request.POST.get("campaign") or (campaign.code if campaign else ""),
            territory_code=request.POST.get("territory", ""),
        )
    else:
        raise NotFound
