"""The words and the picture of a post, put together when it is sent."""

from dataclasses import replace
from functools import lru_cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from toli.compliance.selectors import get_organisation
from toli.content import selectors as content
from toli.content.domain.platforms import utf16
from toli.content.models import Kit
from toli.posting.domain.composing import Words, compose
from toli.posting.models import Place
from toli.posting.ports import Picture, PostProvider, Video
from toli.posting.providers import provider_named
from toli.sharing import selectors as sharing
from toli.sharing import services as share


class Writer:
    """Puts words together, each of them once: many places get the same ones."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str, str, int, str], str | None] = {}
        self._carried: dict[tuple[int, str], bytes] = {}

    def text(self, kit: Kit, provider_key: str, language: str, variant: int, link: str = "") -> str | None:
        """What is posted; None: it does not fit the platform, or a picture or video that the platform demands is
        missing.

        Without ``link``, with one as long as any: to see whether it fits.
        """
        provider = provider_named(provider_key)
        texts = content.texts_for(kit, language, provider.platform)
        key = (kit.pk, provider_key, language, variant % len(texts), link)
        if key not in self._known:
            self._known[key] = _written(
                kit, provider, language, texts[key[3]], link or f"{settings.BASE_URL}/o/{'x' * 10}"
            )
        return self._known[key]

    def video(self, kit: Kit, provider: PostProvider, language: str) -> Video | None:
        """The kit's video as the platform takes it, with its bytes where they are handed over. None: none goes."""
        found, able = video_for(kit, provider, language), provider.capabilities
        if found is None or not able.carries_video:
            return found
        key = (kit.pk, able.video)
        if key not in self._carried:
            self._carried[key] = content.video_bytes(kit, able.video)
        return replace(found, data=self._carried[key])


def _written(kit: Kit, provider: PostProvider, language: str, text: str, link: str) -> str | None:
    able, pictured = provider.capabilities, content.picture_of(kit) is not None
    filmed = video_for(kit, provider, language) is not None
    if (able.needs_picture and not pictured and not filmed) or (able.needs_video and not filmed):
        return None
    below = pictured or filmed
    rendition, organisation = content.rendition_for(kit, language), get_organisation()
    if able.most_title and utf16(rendition.title) > able.most_title:
        return None
    with translation.override(rendition.language):
        label = _("Made with the help of AI") if kit.made_with_ai else ""
    imprint = organisation.imprint(rendition.language)
    words = Words(rendition.title, text, link, imprint, label)
    return compose(words, most=able.most_with_picture if below else able.most, count=able.count)


def link_of(kit: Kit, place: Place) -> str:
    """Where a post in this place leads: to the kit's own page, which says when it was taken back, and counts opens for
    the place's territory."""
    platform = provider_named(place.provider).platform
    return sharing.own_url(share.own_link(kit=kit, territory_id=place.home.pk, platform=platform))


@lru_cache(maxsize=8)
def _bytes(digest: str) -> bytes:
    return content.picture_bytes(digest)


def picture_for(kit: Kit, platform: str, language: str) -> Picture | None:
    """The kit's picture in the size of the platform, or as it was kept. None: it has none."""
    found = content.picture_for_platform(kit, platform)
    kept = content.picture_of(kit)
    if found is None or kept is None:
        return None
    return Picture(_bytes(found.digest), f"{settings.BASE_URL}/m/{found.digest}.jpg", kept.alt.get(language, ""))


def video_for(kit: Kit, provider: PostProvider, language: str) -> Video | None:
    """The kit's video as the platform takes it. None: the kit has none, or the platform takes none."""
    wanted = provider.capabilities.video
    found = content.video_file(kit, wanted) if wanted else None
    if found is None:
        return None
    return Video(f"{settings.BASE_URL}/m/{found.digest}.mp4", content.rendition_for(kit, language).title)
