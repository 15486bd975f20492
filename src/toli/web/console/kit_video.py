"""The desk: the video of a kit."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.content import selectors as content
from toli.content import services as content_services
from toli.content.domain.video import MOST_BYTES
from toli.content.errors import CaptionsRefused
from toli.core import videos as tools
from toli.core.errors import DomainError
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.kit_forms import LANGUAGES, VideoForm
from toli.web.limited import counted, takes_files
from toli.web.page import actor_of, page, see_other
from toli.web.pictures import as_file
from toli.web.videos import in_parts, shown


@page(can.KITS_VIEW)
def staff_file(request: HttpRequest, scope: Scope, kit_id: int, platform: str) -> HttpResponse:
    """The video for one platform, of a kit in any state, for those in whose area it is."""
    return in_parts(request, lambda begins, most: content.video_for_staff(scope, kit_id, platform, begins, most))


@page(can.KITS_VIEW)
def poster(request: HttpRequest, scope: Scope, kit_id: int) -> HttpResponse:
    """The picture that stands for the video, for those in whose area the kit is."""
    return as_file(content.video_poster_for_staff(scope, kit_id))


@page(can.KITS_EDIT)
@counted("pictures.person")
@takes_files(MOST_BYTES)
def video(request: HttpRequest, scope: Scope, kit_id: int) -> HttpResponse:
    """Give a draft a video, another one, captions for it, or none."""
    kit = content.get_kit(scope, kit_id)
    if kit.state not in {"draft", "withdrawn"}:
        return see_other(f"/console/kits/{kit_id}")
    form = VideoForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and _done(request, form, kit_id):
        return see_other(f"/console/kits/{kit_id}")
    context = {
        **frame(request, scope, territories.roots(scope)[0], "kits"),
        "kit": kit,
        "form": form,
        "missing": ", ".join(tools.missing()),
        **about_video(kit),
    }
    return render(request, "console/kit_video.html", context, status=400 if form.errors else 200)


def about_video(kit: Any) -> dict[str, Any]:
    """What pages at the desk say about the video of a kit."""
    kept = content.video_of(kit)
    return {
        "video": shown(kit, kit.code, desk=f"/console/kits/{kit.pk}") if kept else None,
        "video_kept": kept,
        "video_files": [(VIDEO_NAMES[file.platform], file) for file in content.video_files(kit)] if kept else [],
    }


VIDEO_NAMES = {"whatsapp": "WhatsApp", "reel": "Instagram", "full": "YouTube, Facebook, Telegram"}


def _done(request: HttpRequest, form: VideoForm, kit_id: int) -> bool:
    """Whether the form's wish was carried out; else the form says why not."""
    actor, field = actor_of(request), "video"
    try:
        if request.POST.get("act") == "remove":
            content_services.remove_video(actor=actor, kit_id=kit_id)
            return True
        if sent := form.cleaned_data["video"]:
            content_services.set_video(actor=actor, kit_id=kit_id, data=sent.read(MOST_BYTES + 1))
        captions = {language: form.cleaned_data[f"captions_{language}"] for language in LANGUAGES}
        given = {language: file.read(MOST_BYTES) for language, file in captions.items() if file}
        if given:
            content_services.set_captions(actor=actor, kit_id=kit_id, captions=given)
        elif not sent:
            form.add_error(field, _("Please choose a video."))
    except CaptionsRefused as error:
        form.refuse("captions_hi" if form.cleaned_data["captions_hi"] else "captions_en", error)
    except DomainError as error:
        form.refuse(field, error)
    return not form.errors
