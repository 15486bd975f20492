"""A member's photo for the card: the part with the face, small.

What comes in was drawn anew already (toli.core.images): pixels only, no place, no camera. People photograph
themselves with the face in the upper half, so what is too much is cut off evenly at the sides and mostly below.
"""

import io
from functools import lru_cache

from PIL import Image, ImageDraw

BOX = (196, 236)  # on the card, in pixels
MOST_BYTES = 20_000
COLOURS = 56
_STORED = (392, 472)  # twice the card's, for printing larger and for the page of whoever checks
_ABOVE = 0.3  # of what is cut off in height
_QUALITIES = range(88, 20, -6)


def cropped(picture: bytes) -> bytes:
    """A JPEG of 392 x 472 pixels, 20 kB at most, from a clean JPEG of any shape."""
    with Image.open(io.BytesIO(picture)) as found:
        image = found.convert("RGB").crop(_part(found.width, found.height)).resize(_STORED, Image.Resampling.LANCZOS)
    for quality in _QUALITIES:
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality, optimize=True, progressive=False)
        if out.tell() <= MOST_BYTES:
            break
    return out.getvalue()


def _part(width: int, height: int) -> tuple[int, int, int, int]:
    """The largest part of the card's shape: left, top, right, bottom."""
    wide = min(width, height * BOX[0] / BOX[1])
    high = min(height, width * BOX[1] / BOX[0])
    left, top = (width - wide) / 2, (height - high) * _ABOVE
    return round(left), round(top), round(left + wide), round(top + high)


def for_card(photo: bytes) -> Image.Image:
    """The photo in the card's size and with as few colours as a card has left."""
    with Image.open(io.BytesIO(photo)) as found:
        small = found.convert("RGB").resize(BOX, Image.Resampling.LANCZOS)
    return small.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.FLOYDSTEINBERG)


@lru_cache(maxsize=4)
def rounded(size: tuple[int, int], radius: int) -> Image.Image:
    """A mask with round corners."""
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), radius, fill=255)
    return mask
