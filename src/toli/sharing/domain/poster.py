"""A member's own poster: the kit's picture with their name, place and photo, and with the address that is theirs.

From top to bottom: the picture; a band with the member, unless the kit has a place for them on the picture; a foot
with the address, its QR code and who publishes this; and, where AI made the picture, the label that says so. Neither
foot nor label can be covered: the picture ends above them.

Pure: facts in, pixels out. What all posters of a kit share is drawn once (:func:`make_template`); a member's words are
shaped and fitted by what draws cards (toli.cards.domain.picture). Files are JPEG where other apps shall take them and
WebP where we show them, of at most :data:`MOST_BYTES`.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import segno
from PIL import Image, ImageColor, ImageDraw

from toli.cards.domain.picture.fitting import Box, as_seen, set_line, set_text
from toli.cards.domain.picture.fonts import Style, ink, space, width_of
from toli.cards.domain.picture.photo import BOX, rounded
from toli.cards.domain.picture.plate import GOLD, INK, PAPER, SOFT, WHITE, Colour
from toli.content.domain.media import blurred, put_label, room_for_label
from toli.content.domain.poster import Area, PosterTemplate

WIDTH = 1000
TALLEST = 1250  # of the picture; a taller one stands whole before an enlargement of itself
SMALL = 480  # the width in which a poster is shown on a page
MOST_BYTES, MOST_BYTES_SMALL = 100_000, 30_000
MARGIN = 40
_BAND, _RULE, _PAD = 180, 6, 22
_FOOT = 204  # of which the imprint takes 75 at most, so that it never meets the address
_LINE_HEIGHT, _BASE_LINE = 1.36, 1.02  # of the size: room for the signs above and below letters of Indian scripts
_NAME_LARGEST, _PLACE_LARGEST, _SMALLEST = 64, 36, 9
_NAME_SHARE = 0.64  # of the height, where a place stands below the name
_ADDRESS = (40, 36, 32, 28, 24, 20)
_CALL = (30, 26, 22, 19)
_IMPRINT = ((26, 2), (22, 2), (18, 3), (15, 3), (12, 4))
_QUIET = 4  # modules of white around a QR code: ISO/IEC 18004
_QUALITIES = (82, 74, 66, 58, 50, 42, 34, 26, 18)
_METHOD = 1  # of WebP, 0 to 6: more costs three times the time for a tenth of the bytes


@dataclass(frozen=True, slots=True)
class Look:
    """What all posters of a kit in one language share. ``call``: the words of the useful act; ``imprint``: who
    publishes it, with the number of its certificate; ``colour``: ``#rrggbb`` of the organisation."""

    call: str
    imprint: str
    colour: str
    with_ai: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """What a member has on their poster. ``photo``: a JPEG as cards have it, or nothing; ``link``: what the QR code
    says; ``address``: the same, as people type it."""

    name: str
    place: str
    photo: bytes
    link: str
    address: str

    @property
    def is_shown(self) -> bool:
        """Whether anything of the member is on it."""
        return bool(self.name or self.place or self.photo)


@dataclass(frozen=True, slots=True)
class Rect:
    """A part of the poster, in pixels."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A word with the beginning of its base line."""

    word: str
    style: Style
    x: float
    y: float

    @property
    def extent(self) -> tuple[int, int, int, int]:
        """Where its ink is: left, top, right, bottom; the pen's place for a word without ink."""
        drawn = ink(self.word, self.style)
        left, top = round(self.x) + drawn.left, round(self.y) + drawn.top
        return (left, top, left + drawn.mask.width, top + drawn.mask.height) if drawn.mask else (left, top, left, top)


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """What all posters of a kit share, drawn. ``member``: where the member's things go; ``ground``: behind them."""

    image: Image.Image
    member: Rect
    ground: Colour
    foot: Rect
    code: Rect | None


def make_template(look: Look, picture: bytes, plan: PosterTemplate, *, shown: bool) -> Template:
    """The poster of the kit without anybody. ``picture``: a JPEG without a label of AI; ``shown``: whether there will
    be a member on it."""
    with Image.open(io.BytesIO(picture), formats=("JPEG",)) as opened:
        top, inner = _fitted(opened.convert("RGB"))
    ground: Colour = ImageColor.getrgb(plan.colour or look.colour)[:3]
    band = _band(plan, shown=shown)
    canvas = Image.new("RGB", (WIDTH, _height(top.height + band, with_ai=look.with_ai)), PAPER)
    canvas.paste(top, (0, 0))
    draw = ImageDraw.Draw(canvas)
    if plan.area and shown:
        member = _on(inner, plan.area)
        corners = (member.left, member.top, member.left + member.width - 1, member.top + member.height - 1)
        draw.rounded_rectangle(corners, min(18, member.height / 6), fill=ground)
    else:
        member = Rect(0, top.height, WIDTH, band)
        draw.rectangle((0, top.height, WIDTH, top.height + band), fill=ground)
    draw.rectangle((0, top.height + band, WIDTH, top.height + band + _RULE), fill=GOLD)
    room = Rect(MARGIN, top.height + band + _RULE, WIDTH - 2 * MARGIN, _FOOT - _RULE)
    code = (
        Rect(WIDTH - MARGIN - room.height + 16, room.top + 8, room.height - 16, room.height - 16) if plan.qr else None
    )
    words = Rect(room.left, room.top, room.width - (code.width + 24 if code else 0), room.height)
    _write(canvas, _foot(look, words), (SOFT, INK))
    if look.with_ai:
        put_label(canvas)
    return Template(canvas, member, ground, words, code)


def small_size(picture: tuple[int, int], plan: PosterTemplate, *, shown: bool, with_ai: bool) -> tuple[int, int]:
    """Width and height of the small poster from a picture of that size, without drawing it."""
    height = _inner_size(picture)[1] + _band(plan, shown=shown)
    return SMALL, round(_height(height, with_ai=with_ai) * SMALL / WIDTH)


def draw(template: Template, person: Person) -> Image.Image:
    """The member's poster."""
    canvas = template.image.copy()
    if person.is_shown:
        beside, words = rooms(template.member, with_photo=bool(person.photo))
        if person.photo:
            _photo(canvas, beside, person.photo)
        front = _ink_on(template.ground)
        _write(canvas, lay_out(person.name, person.place, words), (front, front))
    _write(canvas, [_address(person.address, template.foot)], (INK, INK))
    if template.code:
        _code(canvas, person.link, template.code)
    return canvas


def rooms(member: Rect, *, with_photo: bool) -> tuple[Rect, Rect]:
    """Within the member's part of the poster: where a photo stands, and where the words."""
    pad = min(_PAD, member.height / 8)
    side = max(pad, MARGIN) if member.width == WIDTH else pad
    left, top, high = member.left + side, member.top + pad, member.height - 2 * pad
    photo = Rect(left, top, high * BOX[0] / BOX[1], high)
    if with_photo:
        left += photo.width + pad
    return photo, Rect(left, top, member.left + member.width - side - left, high)


def lay_out(name: str, place: str, room: Rect) -> list[Placed]:
    """The words of name and place as they stand in ``room``, the smaller the longer; never beyond it."""
    share = _NAME_SHARE if name and place else 1.0 if name else 0.0
    named = _lines(name, room.width, room.height * share, 700, _NAME_LARGEST)
    below = min(_PLACE_LARGEST, round(0.8 * named[0].size)) if name else _PLACE_LARGEST
    blocks = [named, _lines(place, room.width, room.height * (1 - share), 400, below)]
    high = sum(_LINE_HEIGHT * style.size * len(lines) for style, lines in blocks)
    top, placed = room.top + (room.height - high) / 2, []
    for style, lines in blocks:
        for line in lines:
            x = room.left
            for word in as_seen(line):
                placed.append(Placed(word, style, x, top + _BASE_LINE * style.size))
                x += width_of(word, style) + space(style)
            top += _LINE_HEIGHT * style.size
    return placed


def as_file(template: Template, poster: Image.Image, kind: str) -> bytes:
    """The poster as a file for other apps (``JPEG``) or for pages (``WEBP``), of at most :data:`MOST_BYTES`."""
    return _within(poster, kind, MOST_BYTES, start=_quality_for(template, kind))


def as_small_file(poster: Image.Image) -> bytes:
    """The poster as a WebP file of 480 pixels' width for pages, of at most :data:`MOST_BYTES_SMALL`."""
    return _within(_scaled(poster, SMALL / poster.width), "WEBP", MOST_BYTES_SMALL, start=1)


# -- the parts -------------------------------------------------------------------------------------------


def _band(plan: PosterTemplate, *, shown: bool) -> int:
    """How high the member's band is, if there is one."""
    return _BAND if shown and plan.area is None else 0


def _height(above: int, *, with_ai: bool) -> int:
    """Of the whole poster: what stands above, the foot and the label."""
    height = above + _FOOT
    return height + (room_for_label(height) if with_ai else 0)


def _inner_size(picture: tuple[int, int]) -> tuple[int, int]:
    """The picture's size on the poster."""
    scale = min(WIDTH / picture[0], TALLEST / picture[1])
    return max(1, round(picture[0] * scale)), max(1, round(picture[1] * scale))


def _fitted(picture: Image.Image) -> tuple[Image.Image, Rect]:
    """The picture in the poster's width, and where it is in that."""
    inner = picture.resize(_inner_size(picture.size), Image.Resampling.LANCZOS)
    if inner.width == WIDTH:
        return inner, Rect(0, 0, *inner.size)
    canvas = blurred(picture, (WIDTH, inner.height))
    left = (WIDTH - inner.width) // 2
    canvas.paste(inner, (left, 0))
    return canvas, Rect(left, 0, *inner.size)


def _on(picture: Rect, area: Area) -> Rect:
    return Rect(
        picture.left + picture.width * area.left / 100,
        picture.top + picture.height * area.top / 100,
        picture.width * area.width / 100,
        picture.height * area.height / 100,
    )


def _ink_on(ground: Colour) -> Colour:
    """White or ink, whichever can be read better on the ground: WCAG 2.2, relative luminance."""

    def luminance(colour: Colour) -> float:
        parts = [part / 255 for part in colour]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    behind = luminance(ground)
    return WHITE if 1.05 / (behind + 0.05) >= (behind + 0.05) / (luminance(INK) + 0.05) else INK


def _foot(look: Look, room: Rect) -> list[Placed]:
    """What is the same on all: what to do, and below the address who says so."""
    call = _one_line(look.call, room.width, _CALL, 400)
    style, lines = _in_steps(look.imprint, room.width, 400, _IMPRINT)
    placed = _along(call, Rect(room.left, room.top + 12, room.width, 0))
    top = room.top + room.height - 10 - _LINE_HEIGHT * style.size * len(lines)
    for number, line in enumerate(lines):
        placed += _along((style, line), Rect(room.left, top + number * _LINE_HEIGHT * style.size, room.width, 0))
    return placed


def _address(address: str, room: Rect) -> Placed:
    style, line = _one_line(address, room.width, _ADDRESS, 700)
    return _along((style, line), Rect(room.left, room.top + 52, room.width, 0))[0]


def _along(line: tuple[Style, Sequence[str]], room: Rect) -> list[Placed]:
    """A line below ``room.top``."""
    style, words = line
    x, placed = room.left, []
    for word in as_seen(words):
        placed.append(Placed(word, style, x, room.top + _BASE_LINE * style.size))
        x += width_of(word, style) + space(style)
    return placed


def _lines(
    text: str, width: float, height: float, weight: int, largest: int
) -> tuple[Style, tuple[tuple[str, ...], ...]]:
    """The text on one, two or three lines, as large as the height allows."""
    steps = {
        (int(min(largest, height / _LINE_HEIGHT / lines) * part), lines)
        for lines in (1, 2, 3)
        for part in (1, 0.92, 0.84, 0.76, 0.7)
    }
    wanted = tuple(sorted((step for step in steps if step[0] >= _SMALLEST), key=lambda step: (-step[0], step[1])))
    return _in_steps(text, width, weight, wanted or ((_SMALLEST, 1),))


def _in_steps(
    text: str, width: float, weight: int, steps: tuple[tuple[int, int], ...]
) -> tuple[Style, tuple[tuple[str, ...], ...]]:
    style = Style(steps[0][0], weight)
    box = Box(width, steps)
    setting = set_text(text, box, measure=lambda word: width_of(word, style), at=style.size, gap=space(style))
    return Style(setting.size, weight), setting.lines


def _one_line(text: str, width: float, sizes: tuple[int, ...], weight: int) -> tuple[Style, tuple[str, ...]]:
    style = Style(sizes[0], weight)
    measure = lambda word: width_of(word, style)  # noqa: E731
    setting = set_line(text, width, sizes=sizes, measure=measure, at=sizes[0], gap=space(style))
    return Style(setting.size, weight), setting.lines[0]


def _write(canvas: Image.Image, words: Sequence[Placed], colours: tuple[Colour, Colour]) -> None:
    """Draw words: regular ones in the first colour, bold ones in the second."""
    for placed in words:
        drawn = ink(placed.word, placed.style)
        if drawn.mask:
            left, top, _right, _bottom = placed.extent
            canvas.paste(colours[placed.style.weight > 400], (left, top), drawn.mask)


def _photo(canvas: Image.Image, room: Rect, photo: bytes) -> None:
    left, top, width, high = round(room.left), round(room.top), max(1, round(room.width)), max(1, round(room.height))
    with Image.open(io.BytesIO(photo)) as opened:
        small = opened.convert("RGB").resize((width, high), Image.Resampling.LANCZOS)
    canvas.paste(small, (left, top), rounded(small.size, 12))


def _code(canvas: Image.Image, link: str, room: Rect) -> None:
    """The QR code, error correction M, modules of whole pixels, in the middle of its room."""
    matrix = segno.make_qr(link, error="m", boost_error=False).matrix
    count = len(matrix)
    scale = max(1, int(room.width) // (count + 2 * _QUIET))
    dots = b"".join(map(bytes, matrix)).translate(bytes([255, 0]).ljust(256, b"\0"))
    large = Image.frombytes("L", (count, count), dots).resize((count * scale,) * 2, Image.Resampling.NEAREST)
    white = (count + 2 * _QUIET) * scale
    left, top = round(room.left + room.width - white), round(room.top + (room.height - white) / 2)
    canvas.paste(WHITE, (left, top, left + white, top + white))
    canvas.paste(large, (left + _QUIET * scale, top + _QUIET * scale))


# -- files -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def _quality_for(template: Template, kind: str) -> int:
    """Which of the qualities brings the empty poster well below the limit: found once, and then right for all."""
    for number, quality in enumerate(_QUALITIES):
        if len(_encoded(template.image, kind, quality)) < MOST_BYTES * 0.9:
            return number
    return len(_QUALITIES) - 1


def _within(image: Image.Image, kind: str, most: int, *, start: int) -> bytes:
    """The first of the qualities from ``start`` that is small enough; with fewer pixels where none is."""
    while True:
        for quality in _QUALITIES[start:]:
            data = _encoded(image, kind, quality)
            if len(data) <= most:
                return data
        image, start = _scaled(image, 0.75), 4


def _scaled(image: Image.Image, scale: float) -> Image.Image:
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image.resize(size, Image.Resampling.BOX if scale <= 0.5 else Image.Resampling.LANCZOS, reducing_gap=2.0)


def _encoded(image: Image.Image, kind: str, quality: int) -> bytes:
    file = io.BytesIO()
    if kind == "WEBP":
        image.save(file, kind, quality=quality, method=_METHOD)
    else:
        image.save(file, kind, quality=quality, optimize=True)
    return file.getvalue()
