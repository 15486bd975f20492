"""Videos of kits: what a page needs to show one, and the addresses that everybody may read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse

from toli.content import selectors as content
from toli.web.page import public_page
from toli.web.pictures import keep

if TYPE_CHECKING:
    from toli.content.models import Kit

CONTENT_TYPE, CAPTIONS_TYPE = "video/mp4", "text/vtt; charset=utf-8"
ON_PAGES = "whatsapp"  # the lightest
PART = 1024 * 1024  # bytes in one answer: players ask for the next themselves
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")
NAMES = {"hi": "हिन्दी", "en": "English"}
Read = Callable[[int, int], content.VideoPart]


@dataclass(frozen=True, slots=True)
class Shown:
    """A video on a page. ``captions``: language, its name, address."""

    address: str
    poster: str
    width: int
    height: int
    title: str
    captions: tuple[tuple[str, str, str], ...] = ()


def shown(kit: "Kit", title: str, *, desk: str = "") -> Shown | None:
    """The kit's video once it is ready. ``desk``: the kit's page, for staff, who see what is not public yet."""
    video, file = content.video_of(kit), content.video_file(kit, ON_PAGES)
    if video is None or file is None:
        return None
    if desk:
        return Shown(f"{desk}/video/{ON_PAGES}.mp4", f"{desk}/video.jpg", file.width, file.height, title)
    tracks = tuple(
        (language, NAMES.get(language, language), f"/m/{video.poster_digest}/{language}.vtt")
        for language in sorted(video.captions)
    )
    return Shown(
        f"/m/{file.digest}.mp4", f"/m/{video.poster_digest}.jpg", file.width, file.height, title, captions=tracks
    )


@public_page
def public(request: HttpRequest, digest: str) -> HttpResponse:
    """A video by the name that its content gives it, while its kit is live."""
    return in_parts(request, lambda begins, most: content.public_video(digest, begins, most))


@public_page
def captions(request: HttpRequest, digest: str, language: str) -> HttpResponse:
    """What is said in a video, while its kit is live. ``digest``: of the picture that stands for it."""
    return HttpResponse(content.public_captions(digest, language), content_type=CAPTIONS_TYPE)


def in_parts(request: HttpRequest, read: Read) -> HttpResponse:
    """The part that was asked for, or the first, as players take them; the whole for those who ask for no part."""
    asked = _RANGE.fullmatch(request.headers.get("Range", ""))
    begins = int(asked[1]) if asked else 0
    wanted = int(asked[2]) - begins + 1 if asked and asked[2] else PART
    part = read(begins, max(1, min(wanted, PART)))
    if asked is None:
        return _whole(read, part)
    if begins >= part.size:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{part.size}"})
    answer = _file(part)
    answer.status_code = 206
    answer["Content-Range"] = f"bytes {begins}-{begins + len(part.data) - 1}/{part.size}"
    return answer


def _whole(read: Read, first: content.VideoPart) -> HttpResponse:
    return _file(first if len(first.data) == first.size else read(0, first.size))


def _file(part: content.VideoPart) -> HttpResponse:
    answer = HttpResponse(part.data, content_type=CONTENT_TYPE)
    answer["Content-Disposition"] = 'inline; filename="video.mp4"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Accept-Ranges"] = "bytes"
    keep(answer, part.fresh_for)
    return answer
