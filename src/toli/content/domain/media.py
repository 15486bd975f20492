"""A picture in the size of each platform, with the label of what was made by AI. Only Pillow, no database.

The label is a band across the foot of the picture, as wide as it is and a tenth of its height: a tenth of the area,
whatever the size. It is drawn after fitting, so that no platform's size makes it smaller.
"""

import io
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

import fontpkg
from PIL import Image, ImageDraw, ImageFilter, ImageFont

LABEL_SHARE = 0.10
LABEL_WORDS = "AI से बनाया गया · Made with AI"
GROUND, INK = "#16252c", "#ffffff"
QUALITY = 86
_FAMILY = "Noto Sans Devanagari"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A JPEG. ``label_share``: which part of its area says that AI made it; 0 without a label."""

    data: bytes
    width: int
    height: int
    label_share: float


def labelled(data: bytes, *, with_ai: bool) -> Drawn:
    """The picture in its own size, with the label if AI made it."""
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as opened:
        return _finished(opened.convert("RGB"), with_ai=with_ai)


def fitted(data: bytes, size: tuple[int, int], *, with_ai: bool) -> Drawn:
    """The whole picture in a canvas of ``size``, before a blurred enlargement of itself; never cut, never stretched."""
    width, height = size
    room = height - _band(height) if with_ai else height
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as opened:
        picture = opened.convert("RGB")
    canvas = blurred(picture, size)
    scale = min(width / picture.width, room / picture.height)
    inner = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    canvas.paste(inner, ((width - inner.width) // 2, (room - inner.height) // 2))
    return _finished(canvas, with_ai=with_ai)


def blurred(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """An enlargement of the picture in which nothing can be made out: a ground for what has another shape."""
    small = picture.resize((48, 48)).filter(ImageFilter.GaussianBlur(6))
    return small.resize(size, Image.Resampling.BICUBIC)


def _finished(canvas: Image.Image, *, with_ai: bool) -> Drawn:
    share = put_label(canvas) if with_ai else 0.0
    file = io.BytesIO()
    canvas.save(file, "JPEG", quality=QUALITY)
    return Drawn(file.getvalue(), canvas.width, canvas.height, share)


def room_for_label(height: int) -> int:
    """How many rows have to follow ``height`` others so that the label is a tenth of them all."""
    return ceil(height * LABEL_SHARE / (1 - LABEL_SHARE))


def put_label(canvas: Image.Image) -> float:
    """Draw the label across the foot of a picture. Returns its share of the area."""
    band = _band(canvas.height)
    top = canvas.height - band
    draw = ImageDraw.Draw(canvas)
    draw.rectangle((0, top, canvas.width, canvas.height), fill=GROUND)
    size = max(6, int(band * 0.5))
    while size > 6 and _font(size).getlength(LABEL_WORDS) > canvas.width * 0.94:
        size -= 1
    draw.text((canvas.width / 2, top + band / 2), LABEL_WORDS, font=_font(size), fill=INK, anchor="mm")
    return band / canvas.height


def _band(height: int) -> int:
    return ceil(height * LABEL_SHARE)


@lru_cache(maxsize=32)
def _font(size: int) -> ImageFont.FreeTypeFont:
    path = str(fontpkg.path(_FAMILY, weight=600, nearest=True))
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.RAQM)
