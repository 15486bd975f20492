"""The desk: where members stand on the posters of a kit."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from toli.access.domain import permissions as can
from toli.access.domain.scope import Scope
from toli.content import selectors as content
from toli.content import services as content_services
from toli.content.domain.poster import from_stored
from toli.content.errors import PictureNotFound
from toli.core.errors import DomainError
from toli.sharing import posters
from toli.territories import selectors as territories
from toli.web.console.views import frame
from toli.web.kit_forms import PosterTemplateForm
from toli.web.page import actor_of, page, see_other
from toli.web.pictures import as_file


@page(can.KITS_VIEW)
def sample(request: HttpRequest, scope: Scope, kit_id: int) -> HttpResponse:
    """A poster with a name that stands for members', for those in whose area the kit is."""
    drawn = posters.sample_of(scope, kit_id, request.LANGUAGE_CODE)
    return as_file(content.PictureFile(drawn.data), posters.CONTENT_TYPES[posters.LARGE], "poster.webp")


@page(can.KITS_EDIT)
def poster(request: HttpRequest, scope: Scope, kit_id: int) -> HttpResponse:
    """Choose it for a draft that has a picture."""
    kit = content.get_kit(scope, kit_id)
    picture = content.picture_of(kit)
    if picture is None:
        raise PictureNotFound
    if kit.state != "draft":
        return see_other(f"/console/kits/{kit_id}")
    template = from_stored(picture.poster)
    form = PosterTemplateForm(request.POST or None, initial=PosterTemplateForm.begun_with(template))
    if request.method == "POST" and form.is_valid():
        try:
            content_services.set_poster(actor=actor_of(request), kit_id=kit_id, template=form.template())
            return see_other(f"/console/kits/{kit_id}/poster")
        except DomainError as error:
            form.refuse(None, error)
    context = {
        **frame(request, scope, territories.roots(scope)[0], "kits"),
        "kit": kit,
        "form": form,
    }
    return render(request, "console/kit_poster.html", context, status=400 if form.errors else 200)
