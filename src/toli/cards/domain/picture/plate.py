"""What all cards of an organisation share: bands, lines, labels, an empty white square for the QR code.

Drawn once for each look, at twice the size and brought down, then reduced to few colours. The rest of the
palette belongs to what differs: ramps from ink to ground, along which the edges of letters run.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageColor, ImageDraw, ImageFilter

from toli.cards.domain.picture import png
from toli.cards.domain.picture.fitting import set_line
from toli.cards.domain.picture.fonts import Style, ink, space, width_of
from toli.cards.domain.picture.png import Band

Colour = tuple[int, int, int]
WIDTH, HEIGHT = 1000, 630
HEAD, FOOT = 142, 514  # where the head's golden line ends, where the foot begins
STILL = 612  # from here down nothing differs from card to card
MARGIN = 44
SQUARE = (638, 160, 956, 478)  # the white ground of the QR code
PLATE_COLOURS = 126
RAMP = 24
PAPER: Colour = (255, 253, 248)
SAND: Colour = (244, 240, 231)
INK: Colour = (22, 37, 44)
SOFT: Colour = (67, 85, 95)
GOLD: Colour = (226, 166, 43)
WHITE: Colour = (255, 255, 255)
_TWICE = 2


@dataclass(frozen=True, slots=True)
class Words:
    """The labels on a card, in its language. ``title``: what it is; ``check``: a question above the address."""

    title: str
    number: str
    until: str
    scan: str
    check: str


@dataclass(frozen=True, slots=True)
class Look:
    """What makes the cards of an organisation its own. ``colour``: ``#rrggbb``; ``site``: where cards are checked."""

    organisation: str
    colour: str
    site: str
    words: Words


@dataclass(frozen=True, slots=True)
class Plate:
    """``image``: colour numbers, one column wider than the card, the first column being PNG's filter byte 0.

    ``palette``: 256 colours. ``ramps``: for each pair of ink and ground, the number of the colour for each of
    256 degrees of coverage. ``dark``, ``light``: the colours of QR codes.
    """

    image: Image.Image
    palette: bytes
    ramps: dict[tuple[Colour, Colour], bytes]
    dark: int
    light: int
    head: Band
    tail: Band


@lru_cache(maxsize=8)
def plate(look: Look) -> Plate:
    """The plate of a look; drawn in about a second, then kept."""
    few = _drawn(look).quantize(PLATE_COLOURS, method=Image.Quantize.MEDIANCUT, kmeans=2, dither=Image.Dither.NONE)
    colours = list((few.getpalette() or [])[: 3 * PLATE_COLOURS])
    colours += [0] * (3 * PLATE_COLOURS - len(colours))
    grounds = {PAPER: _colour_at(few, (8, 300)), SAND: _colour_at(few, (8, FOOT + 20))}
    ramps: dict[tuple[Colour, Colour], bytes] = {}
    for front, ground in ((INK, PAPER), (SOFT, PAPER), (INK, SAND)):
        start = len(colours) // 3
        colours += [part for step in range(RAMP) for part in _mixed(grounds[ground], front, step / (RAMP - 1))]
        ramps[front, ground] = bytes(start + round(cover * (RAMP - 1) / 255) for cover in range(256))
    dark = len(colours) // 3
    colours += [*INK, *WHITE]
    image = Image.new("P", (WIDTH + 1, HEIGHT), 0)
    image.paste(few, (1, 0))
    return Plate(
        image=image,
        palette=bytes(colours).ljust(768, b"\0"),
        ramps=ramps,
        dark=dark,
        light=dark + 1,
        head=png.compress(rows(image, 0, HEAD), level=9),
        tail=png.compress(rows(image, STILL, HEIGHT), level=9),
    )


def rows(image: Image.Image, top: int, bottom: int) -> bytes:
    """The rows of an image of a plate's kind as PNG holds them."""
    return image.crop((0, top, WIDTH + 1, bottom)).tobytes()


def _colour_at(few: Image.Image, place: tuple[int, int]) -> Colour:
    red, green, blue = few.convert("RGB").getpixel(place)  # type: ignore[misc]
    return red, green, blue


def _mixed(ground: Colour, front: Colour, share: float) -> list[int]:
    return [round(a + (b - a) * share) for a, b in zip(ground, front, strict=True)]


# -- drawing -------------------------------------------------------------------------------------------


def _drawn(look: Look) -> Image.Image:
    brand: Colour = ImageColor.getrgb(look.colour)[:3]
    deep = tuple(round(part * 0.66) for part in brand)
    canvas = Image.new("RGB", (WIDTH * _TWICE, HEIGHT * _TWICE), PAPER)
    canvas.paste(_gradient(brand, deep), (0, 0))
    _waves(canvas, (0, 0, WIDTH, HEAD - 6), WHITE, 0.17, _HEAD_WAVES)
    _waves(canvas, (0, HEAD, WIDTH, FOOT), brand, 0.10, _BODY_WAVES)
    draw = ImageDraw.Draw(canvas)
    _box(draw, (0, HEAD - 6, WIDTH, HEAD), GOLD)
    _box(draw, (0, FOOT, WIDTH, HEIGHT), SAND)
    _box(draw, (0, FOOT, WIDTH, FOOT + 2), (226, 220, 205))
    _shadow(canvas)
    draw = ImageDraw.Draw(canvas)
    draw.rounded_rectangle(_twice(SQUARE), 22 * _TWICE, fill=WHITE)
    _mark(draw, brand)
    picture = canvas.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    _labels(picture, look, brand)
    return picture


def _gradient(start: Colour, end: tuple[int, ...]) -> Image.Image:
    """From one colour at the upper left to another at the lower right, over the head."""
    height = HEAD - 6
    slope = Image.frombytes("L", (WIDTH, height), bytes(
        round(127 * x / WIDTH + 128 * y / height) for y in range(height) for x in range(WIDTH)
    ))  # fmt: skip
    parts = [
        slope.point([round(a + (b - a) * step / 255) for step in range(256)]) for a, b in zip(start, end, strict=True)
    ]
    return Image.merge("RGB", parts).resize((WIDTH * _TWICE, height * _TWICE), Image.Resampling.BICUBIC)


@dataclass(frozen=True, slots=True)
class _Waves:
    """Lines that swing together and drift apart, as on banknotes."""

    count: int
    middle: float
    apart: float
    swing: float
    length: float


_HEAD_WAVES = _Waves(12, 66, 5.2, 34, 760)
_BODY_WAVES = _Waves(13, 322, 7.5, 38, 980)


def _waves(
    canvas: Image.Image, area: tuple[int, int, int, int], colour: Colour, strength: float, waves: _Waves
) -> None:
    left, top, right, bottom = _twice(area)
    cover = Image.new("L", (right - left, bottom - top), 0)
    draw = ImageDraw.Draw(cover)
    for number in range(waves.count):
        phase = number * 0.23
        line = [
            (
                x,
                _TWICE
                * (
                    waves.middle
                    + (number - waves.count / 2) * waves.apart * math.cos(x / _TWICE / waves.length * 3.1 + 0.6)
                    + waves.swing * math.sin(x / _TWICE / waves.length * math.tau + phase)
                ),
            )
            for x in range(0, right - left + 8, 8)
        ]
        draw.line(line, fill=round(255 * strength), width=3, joint="curve")
    canvas.paste(colour, (left, top), cover)


def _shadow(canvas: Image.Image) -> None:
    cover = Image.new("L", canvas.size, 0)
    left, top, right, bottom = _twice(SQUARE)
    ImageDraw.Draw(cover).rounded_rectangle((left, top + 6, right, bottom + 6), 22 * _TWICE, fill=46)
    canvas.paste(INK, (0, 0), cover.filter(ImageFilter.GaussianBlur(14)))


def _mark(draw: ImageDraw.ImageDraw, brand: Colour) -> None:
    """Toli's mark: three people and the lines between them, on a white tile."""
    draw.rounded_rectangle(_twice((MARGIN, 29, MARGIN + 78, 107)), 22 * _TWICE, fill=PAPER)
    people = [(83.0, 52.0), (66.5, 81.0), (99.5, 81.0)]
    middle = (83.0, 66.0)
    for x, y in people:
        draw.line([(x * _TWICE, y * _TWICE), (middle[0] * _TWICE, middle[1] * _TWICE)], fill=brand, width=9)
        draw.ellipse([(x - 7) * _TWICE, (y - 7) * _TWICE, (x + 7) * _TWICE, (y + 7) * _TWICE], fill=brand)


def _labels(picture: Image.Image, look: Look, brand: Colour) -> None:
    words, room = look.words, WIDTH - MARGIN - (MARGIN + 100)
    _line(picture, look.organisation, (MARGIN + 100, 71), [38, 34, 30, 26, 22], 700, WHITE, room)
    _line(picture, words.title, (MARGIN + 100, 103), [22, 20, 18], 400, WHITE, room)
    middle = (SQUARE[0] + SQUARE[2]) / 2
    width = SQUARE[2] - SQUARE[0]
    _line(picture, words.scan, (middle, 504), [21, 19, 17, 15], 400, SOFT, width, anchor=0.5)
    _line(picture, words.number, (MARGIN, 560), [20, 18], 400, SOFT, 300)
    _line(picture, words.until, (UNTIL_LEFT, 560), [20, 18], 400, SOFT, 280)
    _line(picture, words.check, (WIDTH - MARGIN, 560), [20, 18, 16], 400, SOFT, 330, anchor=1)
    _line(picture, look.site, (WIDTH - MARGIN, 599), [30, 26, 22, 19, 16], 700, brand, 330, anchor=1)


UNTIL_LEFT = 352


def _line(
    picture: Image.Image,
    text: str,
    at: tuple[float, float],
    sizes: Sequence[int],
    weight: int,
    colour: Colour,
    room: float,
    *,
    anchor: float = 0,
) -> None:
    """A line of text on the plate; ``anchor``: 0 begins at the point, 0.5 is centred on it, 1 ends there."""
    style = Style(sizes[0], weight)
    setting = set_line(
        text, room, sizes=sizes, measure=lambda word: width_of(word, style), at=sizes[0], gap=space(style)
    )
    drawn = ink(" ".join(setting.lines[0]) if setting.lines else "", Style(setting.size, weight))
    if drawn.mask:
        x = at[0] - anchor * drawn.advance
        picture.paste(colour, (round(x) + drawn.left, round(at[1]) + drawn.top), drawn.mask)


def _box(draw: ImageDraw.ImageDraw, area: tuple[int, int, int, int], colour: Colour) -> None:
    left, top, right, bottom = _twice(area)
    draw.rectangle((left, top, right - 1, bottom - 1), fill=colour)


def _twice(area: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    left, top, right, bottom = area
    return left * _TWICE, top * _TWICE, right * _TWICE, bottom * _TWICE
