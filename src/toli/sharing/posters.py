"""Members' posters, drawn when they are asked for. Nothing of them is stored: a process keeps the last few."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from toli.access.domain.scope import Scope
from toli.cards import photos
from toli.cards.domain.picture.fonts import can_draw
from toli.cards.pictures import places_of
from toli.compliance.models import Organisation
from toli.compliance.selectors import get_organisation
from toli.content import selectors as content
from toli.content.domain.poster import PosterTemplate, from_stored
from toli.content.errors import PictureNotFound
from toli.content.models import Kit, KitPicture
from toli.members.models import Member
from toli.sharing import selectors, services
from toli.sharing.domain import poster as drawing
from toli.sharing.domain.poster import Look, Person, Template
from toli.sharing.errors import KitNotShareable
from toli.sharing.models import ShareChannel
from toli.territories.models import Territory

LARGE, SMALL, FILE = "large", "small", "file"
CONTENT_TYPES = {LARGE: "image/webp", SMALL: "image/webp", FILE: "image/jpeg"}
_PLACES = 2  # of the member's places, nearest first
_NO_CODE = "…"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A poster as it is sent. ``tag`` is the same as long as nothing on it has changed."""

    data: bytes
    tag: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A poster on a page. ``address``: its own page, and the beginning of its files' addresses."""

    address: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Base:
    """What a template is drawn from."""

    kit_id: int
    digest: str
    look: Look
    plan: PosterTemplate
    shown: bool


def poster_of(member: Member, kit_code: str, language: str, form: str) -> Drawn:
    """The member's own poster of a kit that they may share now. ``form``: ``FILE``, a JPEG, which apps take that
    know no WebP; ``LARGE`` and ``SMALL``, WebP for pages. A small one makes no link: it is only looked at.

    Raises:
        KitNotShareable. PictureNotFound: this kit has no picture to make one from.
    """
    kit = shareable(member, kit_code)
    picture = _picture(kit)
    if form == SMALL:
        link = selectors.find_link(member.pk, kit.pk, ShareChannel.OTHER)
    else:
        link = services.share_link(member_id=member.pk, kit_id=kit.pk, channel=ShareChannel.OTHER)
    address = selectors.link_url(link) if link else f"{settings.BASE_URL}/s/{_NO_CODE}"
    return _poster(kit, picture, language, _person(member, language, address), form)


def preview_of(member: Member, kit: Kit, language: str) -> Preview | None:
    """What a page needs to show the member's poster, if the kit has a picture to make one from."""
    picture = content.picture_of(kit)
    if picture is None:
        return None
    shown = _person(member, language, "").is_shown
    size, plan = (picture.width, picture.height), from_stored(picture.poster)
    width, height = drawing.small_size(size, plan, shown=shown, with_ai=kit.made_with_ai)
    alt = picture.alt.get(language) or next(iter(picture.alt.values()), "")
    return Preview(f"/me/poster/{kit.code}", alt, width, height)


def sample_of(scope: Scope, kit_id: int, language: str) -> Drawn:
    """A poster of the kit with a name that stands for members', for those in whose area the kit is.

    Raises KitNotFound, PictureNotFound.
    """
    kit = content.get_kit(scope, kit_id)
    with translation.override(language):
        name, place = _("The member's name"), _("The member's place")
    address = f"{settings.BASE_URL}/s/{_NO_CODE}"
    person = Person(name, place, b"", address, _typed(address))
    return _poster(kit, _picture(kit), language, person, LARGE)


def shareable(member: Member, kit_code: str) -> Kit:
    """The kit with this code, if the member may share it now. Raises KitNotShareable."""
    kit = next((kit for kit in content.live_kits_for(member.territory_id) if kit.code == kit_code), None)
    if kit is None:
        raise KitNotShareable
    return kit


def _picture(kit: Kit) -> KitPicture:
    picture = content.picture_of(kit)
    if picture is None:
        raise PictureNotFound
    return picture


def _person(member: Member, language: str, link: str) -> Person:
    """What the member wants of themselves on it. A name that no font here can draw is left out, not drawn as boxes."""
    choice = selectors.poster_choice(member.pk)
    kept = photos.photo_of(member.pk) if choice.shows_photo else None
    return Person(
        name=member.name if choice.shows_name and can_draw(member.name) else "",
        place=_place_of(member.territory, language) if choice.shows_place else "",
        photo=photos.picture_of(kept) if kept else b"",
        link=link,
        address=_typed(link),
    )


def _place_of(territory: Territory, language: str) -> str:
    return " · ".join(place for _level, place in places_of(territory, language)[:_PLACES])


def _typed(link: str) -> str:
    """The address as people type it."""
    parts = urlsplit(link)
    return parts.netloc + parts.path


def _poster(kit: Kit, picture: KitPicture, language: str, person: Person, form: str) -> Drawn:
    base = _Base(
        kit.pk, picture.digest, _look(kit, language, get_organisation()), from_stored(picture.poster), person.is_shown
    )
    tag = hashlib.sha256(repr((base, person, form)).encode()).hexdigest()
    return Drawn(_file(base, person, form), tag)


def _look(kit: Kit, language: str, organisation: Organisation) -> Look:
    """Call, imprint and label, as the passport of the kit demands them."""
    imprint = organisation.imprint(language)
    if kit.certificate_number:
        with translation.override(language):
            imprint += " · " + _("Certificate %(number)s") % {"number": kit.certificate_number}
    rendition = content.rendition_for(kit, language)
    return Look(rendition.act_label, imprint, organisation.brand_colour, with_ai=kit.made_with_ai)


@lru_cache(maxsize=48)  # 5 MB
def _file(base: _Base, person: Person, form: str) -> bytes:
    template = _template(base)
    poster = drawing.draw(template, person)
    if form == SMALL:
        return drawing.as_small_file(poster)
    return drawing.as_file(template, poster, "JPEG" if form == FILE else "WEBP")


@lru_cache(maxsize=6)  # 30 MB
def _template(base: _Base) -> Template:
    return drawing.make_template(base.look, content.unlabelled_picture(base.kit_id), base.plan, shown=base.shown)
