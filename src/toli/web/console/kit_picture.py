"""The desk: the picture of a kit."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.content import selectors as content
from toli.content import services as content_services
from toli.content.errors import KitIncomplete
from toli.content.services.pictures import PictureDraft
from toli.core.domain.pictures import MOST_BYTES
from toli.core.errors import DomainError
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.kit_forms import LANGUAGES, PictureForm
from toli.web.limited import takes_files
from toli.web.page import actor_of, page, see_other
from toli.web.pictures import as_file, shown


@page(can.KITS_VIEW)
def staff_file(request: HttpRequest, scope: Scope, kit_id: int) -> HttpResponse:
    """The picture of a kit in any state, for those in whose area it is."""
    return as_file(content.picture_for_staff(scope, kit_id))


@page(can.KITS_EDIT)
@takes_files(MOST_BYTES)
def picture(request: HttpRequest, scope: Scope, kit_id: int) -> HttpResponse:
    """Give a draft a picture, another one, other words for it, or none."""
    kit = content.get_kit(scope, kit_id)
    if kit.state not in {"draft", "withdrawn"}:
        return see_other(f"/console/kits/{kit_id}")
    kept = content.picture_of(kit)
    words = {f"alt_{language}": kept.alt.get(language, "") for language in LANGUAGES} if kept else {}
    form = PictureForm(request.POST or None, request.FILES or None, initial=words)
    if request.method == "POST" and form.is_valid() and _done(request, form, kit_id, kept is not None):
        return see_other(f"/console/kits/{kit_id}")
    context = {
        **frame(request, scope, territories.roots(scope)[0], "kits"),
        "kit": kit,
        "form": form,
        "picture": shown(kit, request.LANGUAGE_CODE, f"/console/kits/{kit_id}/picture.jpg"),
    }
    return render(request, "console/kit_picture.html", context)


def _done(request: HttpRequest, form: PictureForm, kit_id: int, had_one: bool) -> bool:
    """Whether the form's wish was carried out; else the form says why not."""
    actor = actor_of(request)
    try:
        if request.POST.get("act") == "remove":
            content_services.remove_picture(actor=actor, kit_id=kit_id)
        elif draft := picture_in(request, form):
            content_services.set_picture(actor=actor, kit_id=kit_id, picture=draft)
        elif not had_one and not form.errors:
            form.add_error("picture", _("Please choose a picture, or give its address."))
        elif not form.errors:
            content_services.describe_picture(actor=actor, kit_id=kit_id, alt=form.alt)
    except KitIncomplete as error:
        form.refuse("alt_hi" if not form.alt["hi"] else "alt_en", error)
    except DomainError as error:
        form.refuse(None, error)
    return not form.errors


def picture_in(request: HttpRequest, form: PictureForm) -> PictureDraft | None:
    """The clean picture that a form brings; None without one, or when it was refused, which the form then says."""
    if not form.has_picture:
        return None
    actor, address = actor_of(request), form.cleaned_data["picture_address"]
    field = "picture_address" if address else "picture"
    try:
        if address:
            found = content_services.fetch_picture(actor=actor, address=address)
        else:
            data = form.cleaned_data["picture"].read(MOST_BYTES + 1)
            found = content_services.read_picture(actor=actor, data=data)
    except DomainError as error:
        form.refuse(field, error)
        return None
    return PictureDraft(found, form.alt, origin=urlsplit(address).hostname or "file")
