"""A poster on A4: who calls, to what and where, a QR code that leads to joining, and how to use it.

Made from the parts of cards: words by HarfBuzz (fonts), set into boxes (fitting), few colours with ramps for the edges
of letters. What all posters of a drive share is drawn once; place, code and address are left for each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import segno
from PIL import Image, ImageColor

from toli.cards.domain.picture import png
from toli.cards.domain.picture.fitting import Box, as_seen, set_line, set_text
from toli.cards.domain.picture.fonts import Style, space, tinted, width_of
from toli.cards.domain.picture.plate import GOLD, INK, SOFT, WHITE, Colour

WIDTH, HEIGHT = 1654, 2339  # 210 x 297 mm at 200 dots per inch
DOTS_PER_METRE = 7874
_BAND, _LINE = 250, 262  # where the head in the colour of the organisation ends, and the golden line below it
_ROOM = WIDTH - 200
_CODE_TOP, _CODE = 730, 1070
_QUIET = 4  # modules of white around a QR code: ISO/IEC 18004
_RAMP = 24
_BASE_LINE, _LINE_HEIGHT = 1.02, 1.36
_COMPRESSION = 6
_ORGANISATION = ((84, 1), (68, 1), (56, 2), (44, 2))
_DRIVE = ((120, 1), (100, 2), (80, 2), (64, 3))
_PLACE = ((88, 1), (72, 2), (56, 2))
_HOW = ((58, 2), (50, 3), (44, 3))
_ADDRESS = (70, 60, 50, 40, 32, 26)
_IMPRINT = ((32, 2), (28, 3), (24, 3))


@dataclass(frozen=True, slots=True)
class PosterLook:
    """What all posters of a drive share. ``colour``: ``#rrggbb``; ``how``: what to do with the QR code."""

    organisation: str
    colour: str
    drive: str
    how: str
    imprint: str


@dataclass(frozen=True, slots=True)
class PosterFacts:
    """What differs. ``link``: what the QR code says; ``address``: the same, as people type it."""

    place: str
    link: str
    address: str


def draw_poster(look: PosterLook, facts: PosterFacts) -> bytes:
    """The poster as a PNG file with a palette, for paper."""
    colours = _colours(look.colour)
    ground, below = _ground(look)
    image = ground.copy()
    _set(image, facts.place, below, _PLACE, 600, colours.ink)
    _code(image, colours, facts.link)
    address = set_line(
        facts.address,
        _ROOM,
        sizes=_ADDRESS,
        measure=lambda word: width_of(word, Style(_ADDRESS[0], 700)),
        at=_ADDRESS[0],
        gap=space(Style(_ADDRESS[0], 700)),
    )
    _put_lines(image, address.lines, address.size, 2055, 700, colours.brand)
    rows = png.compress(image.tobytes(), level=_COMPRESSION)
    return png.write((rows,), width=WIDTH, height=HEIGHT, palette=colours.palette, dots_per_metre=DOTS_PER_METRE)


@dataclass(frozen=True, slots=True)
class _Colours:
    """``palette``: 256 colours; for each pair of ink and ground, the number of the colour for 256 degrees of cover."""

    palette: bytes
    ink: bytes
    soft: bytes
    brand: bytes
    light: bytes
    gold: int


@lru_cache(maxsize=8)
def _colours(brand_colour: str) -> _Colours:
    brand: Colour = ImageColor.getrgb(brand_colour)[:3]
    palette: list[int] = []
    ramps = []
    for front, ground in ((INK, WHITE), (SOFT, WHITE), (brand, WHITE), (WHITE, brand)):
        start = len(palette) // 3
        for step in range(_RAMP):
            palette += [round(a + (b - a) * step / (_RAMP - 1)) for a, b in zip(ground, front, strict=True)]
        ramps.append(bytes(start + round(cover * (_RAMP - 1) / 255) for cover in range(256)))
    ink, soft, brand_ramp, light = ramps
    gold = len(palette) // 3
    return _Colours(bytes([*palette, *GOLD]), ink, soft, brand_ramp, light, gold)


@lru_cache(maxsize=4)
def _ground(look: PosterLook) -> tuple[Image.Image, float]:
    """What posters of the drive share, and where the name of the place begins.

    One column wider than the poster: the first is the filter byte 0 of each row of a PNG file.
    """
    colours = _colours(look.colour)
    image = Image.new("P", (WIDTH + 1, HEIGHT), colours.ink[0])
    image.paste(colours.light[0], (1, 0, WIDTH + 1, _BAND))
    image.paste(colours.gold, (1, _BAND, WIDTH + 1, _LINE))
    _set(image, look.organisation, None, _ORGANISATION, 700, colours.light)
    below = _set(image, look.drive, _LINE + 46, _DRIVE, 700, colours.ink)
    _set(image, look.how, 1815, _HOW, 400, colours.ink)
    _set(image, look.imprint, 2190, _IMPRINT, 400, colours.soft)
    return image, below + 10


def _set(
    image: Image.Image,
    text: str,
    top: float | None,
    steps: tuple[tuple[int, int], ...],
    weight: int,
    ramp: bytes,
) -> float:
    """Set a text in the middle, below ``top`` (None: in the middle of the band). Returns where it ends."""
    at = steps[0][0]
    style = Style(at, weight)
    setting = set_text(text, Box(_ROOM, steps), measure=lambda word: width_of(word, style), at=at, gap=space(style))
    high = _LINE_HEIGHT * setting.size * len(setting.lines)
    return _put_lines(image, setting.lines, setting.size, (_BAND - high) / 2 if top is None else top, weight, ramp)


def _put_lines(
    image: Image.Image, lines: Sequence[Sequence[str]], size: int, top: float, weight: int, ramp: bytes
) -> float:
    style = Style(size, weight)
    for line in lines:
        words = [tinted(word, style, ramp) for word in as_seen(line)]
        x = 1 + (WIDTH - sum(word.advance for word in words) - space(style) * (len(words) - 1)) / 2
        for word in words:
            if word.shades:
                corner = (round(x) + word.left, round(top + _BASE_LINE * size) + word.top)
                image.paste(word.shades, corner, word.cover)
            x += word.advance + space(style)
        top += _LINE_HEIGHT * size
    return top


def _code(image: Image.Image, colours: _Colours, link: str) -> None:
    """The QR code, error correction M, modules of whole dots."""
    matrix = segno.make_qr(link, error="m", boost_error=False).matrix
    count = len(matrix)
    scale = _CODE // (count + 2 * _QUIET)
    dots = b"".join(map(bytes, matrix)).translate(bytes([colours.ink[0], colours.ink[255]]).ljust(256, b"\0"))
    large = Image.frombytes("P", (count, count), dots).resize((count * scale,) * 2, Image.Resampling.NEAREST)
    image.paste(large, (1 + (WIDTH - large.width) // 2, _CODE_TOP + (_CODE - large.height) // 2))
