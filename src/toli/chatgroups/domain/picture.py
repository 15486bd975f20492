"""The picture of a group: its place on the organisation's colour, readable as a thumbnail."""

from io import BytesIO

from PIL import Image

from toli.cards.domain.picture.fonts import Style, ink, width_of

EDGE = 640  # pixels; platforms show it in a circle, so nothing stands in the corners
ROOM = 470  # width of the words
SIZES = (112, 92, 76, 62, 50, 40)
LINES = 3


def draw_group(*, place: str, number: str, organisation: str, colour: str) -> bytes:
    """A square PNG with white words on ``colour`` (#rrggbb)."""
    picture = Image.new("RGB", (EDGE, EDGE), colour)
    lines, style = _fitted(place)
    step = round(style.size * 1.35)
    top = (EDGE - step * len(lines)) // 2 - 20
    for index, line in enumerate(lines):
        _write(picture, line, style, top + step * index + style.size)
    _write(picture, number, Style(64, 700), top + step * len(lines) + 74)
    small = next((Style(size, 600) for size in (34, 28, 22) if width_of(organisation, Style(size, 600)) <= 330), None)
    if small:
        _write(picture, organisation, small, 96)
    file = BytesIO()
    picture.quantize(32).save(file, "PNG", optimize=True)
    return file.getvalue()


def _fitted(words: str) -> tuple[list[str], Style]:
    """The words in lines of the largest size in which they fit; at the smallest one the rest is left out."""
    for size in SIZES:
        style = Style(size, 700)
        lines = _wrapped(words, style)
        if len(lines) <= LINES and all(width_of(line, style) <= ROOM for line in lines):
            return lines, style
    return lines[:LINES], style


def _wrapped(words: str, style: Style) -> list[str]:
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width_of(longer, style) > ROOM:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _write(picture: Image.Image, line: str, style: Style, base: int) -> None:
    drawn = ink(line, style)
    if drawn.mask is not None:
        left = round((EDGE - drawn.advance) / 2) + drawn.left
        picture.paste((255, 255, 255), (left, base + drawn.top), drawn.mask)
