"""One card: the plate, with a member's name, places, number, last day and QR code on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import segno
from PIL import Image

from toli.cards.domain.picture import png
from toli.cards.domain.picture.fitting import Box, Setting, as_seen, set_line, set_text
from toli.cards.domain.picture.fonts import Style, space, tinted, width_of
from toli.cards.domain.picture.photo import BOX, COLOURS, for_card, rounded
from toli.cards.domain.picture.plate import (
    FOOT,
    HEAD,
    HEIGHT,
    INK,
    MARGIN,
    PAPER,
    SAND,
    SOFT,
    SQUARE,
    STILL,
    UNTIL_LEFT,
    WIDTH,
    Colour,
    Look,
    Plate,
    Words,
    plate,
    rows,
)

__all__ = ["CardFacts", "Look", "Words", "draw_card"]

LEFT, RIGHT = MARGIN, 610
NAME_TOP = 158
LINE_HEIGHT, BASE_LINE = 1.36, 1.02  # of the size: room for the signs above and below Devanagari letters
NAME_STEPS = ((54, 1), (48, 1), (42, 1), (42, 2), (36, 2), (32, 2), (28, 3), (24, 3))
LABEL_ROOM, NARROW_LABEL_ROOM = 220, 130
FRAME, PHOTO_TOP, BESIDE_PHOTO = 5, 168, 276
NAME_WEIGHT, NAME_MEASURED = 700, 54
LABEL, VALUE = Style(24, 400), Style(24, 600)
VALUE_SIZES = (24, 22, 20)
ROW, COLUMN_GAP, MOST_ROWS = 41, 20, 4
NUMBER = Style(30, 700)
NUMBER_SPACING = 1.2
UNTIL_SIZES = (28, 26, 24, 22, 20)
QUIET = 4  # modules of white around a QR code: ISO/IEC 18004
MASK = 4  # one of the eight patterns; readers take any, and comparing all eight takes four fifths of the time
COMPRESSION = 3  # of 9: higher ones cost more time than the bytes are worth


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What differs. ``places``: names of levels and places, nearest first; ``number``, ``until``: as people read
    them; ``address``: what the QR code says, in capitals; ``photo``: a JPEG as :mod:`photo` makes it, or nothing."""

    name: str
    places: tuple[tuple[str, str], ...]
    number: str
    until: str
    address: str
    photo: bytes = b""


def draw_card(look: Look, facts: CardFacts) -> bytes:
    """The card as a PNG file of 1000 x 630 pixels."""
    base = plate(look)
    image = base.image.copy()
    palette = base.palette
    pen = partial(_put, image, base)
    left = LEFT
    if facts.photo:
        palette, left = _photo(image, base, facts.photo), BESIDE_PHOTO
    top = _name(pen, facts.name, left)
    _places(pen, facts.places, left, top)
    _number(pen, facts.number)
    _line(pen, facts.until, (UNTIL_LEFT, 599), UNTIL_SIZES, 700, (INK, SAND), 280)
    _code(image, base, facts.address)
    middle = png.compress(rows(image, HEAD, STILL), level=COMPRESSION)
    return png.write((base.head, middle, base.tail), width=WIDTH, height=HEIGHT, palette=palette)


Pen = Callable[[str, Style, float, float, tuple[Colour, Colour]], float]


def _put(
    image: Image.Image, base: Plate, word: str, style: Style, x: float, y: float, colours: tuple[Colour, Colour]
) -> float:
    """Draw a word with its base line at ``y``. Returns how far the pen moved."""
    drawn = tinted(word, style, base.ramps[colours])
    if drawn.shades:
        image.paste(drawn.shades, (round(x) + drawn.left + 1, round(y) + drawn.top), drawn.cover)
    return drawn.advance


def _photo(image: Image.Image, base: Plate, photo: bytes) -> bytes:
    """Put the photo on its white ground. Returns the palette with the photo's colours at its end."""
    width, height = BOX[0] + 2 * FRAME, BOX[1] + 2 * FRAME
    corner = (LEFT + 1, PHOTO_TOP)
    image.paste(base.light, (*corner, corner[0] + width, corner[1] + height), rounded((width, height), 22))
    small = for_card(photo)
    first = 256 - COLOURS
    numbers = small.tobytes().translate(bytes(range(first, 256)).ljust(256, b"\0"))
    moved = Image.frombytes("P", BOX, numbers)
    image.paste(moved, (corner[0] + FRAME, corner[1] + FRAME), rounded(BOX, 18))
    colours = bytes(small.getpalette() or [])[: 3 * COLOURS]
    return base.palette[: 3 * first] + colours.ljust(3 * COLOURS, b"\0")


def _name(pen: Pen, name: str, left: float) -> float:
    """Returns where the name ends below."""
    box = Box(RIGHT - left, NAME_STEPS)
    style = Style(NAME_MEASURED, NAME_WEIGHT)
    setting = set_text(name, box, measure=lambda word: width_of(word, style), at=NAME_MEASURED, gap=space(style))
    return _text(pen, setting, left, NAME_TOP, NAME_WEIGHT, (INK, PAPER))


def _text(pen: Pen, setting: Setting, left: float, top: float, weight: int, colours: tuple[Colour, Colour]) -> float:
    style = Style(setting.size, weight)
    for line in setting.lines:
        x = left
        for word in as_seen(line):
            x += pen(word, style, x, top + BASE_LINE * setting.size, colours) + space(style)
        top += LINE_HEIGHT * setting.size
    return top


def _places(pen: Pen, places: Sequence[tuple[str, str]], start: float, top: float) -> None:
    """Rows of level and place, below the name and above the foot."""
    shown = places[:MOST_ROWS]
    column = max((width_of(label, LABEL) for label, _value in shown), default=0)
    room = LABEL_ROOM if start == LEFT else NARROW_LABEL_ROOM
    left = start + min(column, room) + COLUMN_GAP
    y = min(top + 50, FOOT - 26 - ROW * (len(shown) - 1))
    for label, value in shown:
        _line(pen, label, (start, y), (24, 20, 17), 400, (SOFT, PAPER), room)
        _line(pen, value, (left, y), VALUE_SIZES, 600, (INK, PAPER), RIGHT - left)
        y += ROW


def _line(
    pen: Pen,
    text: str,
    at: tuple[float, float],
    sizes: Sequence[int],
    weight: int,
    colours: tuple[Colour, Colour],
    room: float,
) -> None:
    style = Style(sizes[0], weight)
    setting = set_line(
        text, room, sizes=sizes, measure=lambda word: width_of(word, style), at=sizes[0], gap=space(style)
    )
    style = Style(setting.size, weight)
    x = at[0]
    for word in as_seen(setting.lines[0]):
        x += pen(word, style, x, at[1], colours) + space(style)


def _number(pen: Pen, number: str) -> None:
    """Character by character: what is read out over the telephone stands apart."""
    x = float(LEFT)
    for character in number:
        x += pen(character, NUMBER, x, 599, (INK, SAND)) + NUMBER_SPACING


def _code(image: Image.Image, base: Plate, address: str) -> None:
    """The QR code, error correction M, in the middle of its white square, modules of whole pixels."""
    matrix = segno.make_qr(address, error="m", mask=MASK, boost_error=False).matrix
    count, room = len(matrix), SQUARE[2] - SQUARE[0]
    scale = room // (count + 2 * QUIET)
    dots = b"".join(map(bytes, matrix)).translate(bytes([base.light, base.dark]).ljust(256, b"\0"))
    large = Image.frombytes("P", (count, count), dots).resize((count * scale,) * 2, Image.Resampling.NEAREST)
    left = SQUARE[0] + (room - large.width) // 2
    image.paste(large, (left + 1, SQUARE[1] + (room - large.height) // 2))
