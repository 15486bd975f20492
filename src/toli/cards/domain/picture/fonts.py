"""Words as coverage masks, shaped by HarfBuzz (through raqm) and kept: names and places repeat.

The fonts come with us as packages (SIL Open Font License), so that a machine without any font draws the same cards:
Noto Sans Devanagari, which holds Latin as well, and families for Bengali, Tamil, Telugu and Urdu. For the other scripts
of India there are no packages: Noto Sans is taken from the machine, where it has it (:data:`OF_THE_MACHINE`).
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import fontpkg
from PIL import Image, ImageFont

FAMILY = "Noto Sans Devanagari"
FOLDERS = tuple(map(Path, ("/usr/share/fonts/truetype/noto", "/usr/share/fonts/noto", "/usr/local/share/fonts/noto")))
OF_THE_MACHINE = ("Gujarati", "Gurmukhi", "Kannada", "Malayalam", "Oriya", "Meetei Mayek", "Ol Chiki")
# A letter of each script in which members of India write their names, and what people call the script.
SCRIPTS = {
    "Devanagari": "\u0915", "Latin": "A", "Bengali": "\u0995", "Gujarati": "\u0a95", "Gurmukhi": "\u0a15",
    "Kannada": "\u0c95", "Malayalam": "\u0d15", "Odia": "\u0b15", "Tamil": "\u0b95", "Telugu": "\u0c15",
    "Urdu": "\u0679",
}  # fmt: skip
BOLD = 600  # from this weight on the bold file of a family of two files
WORDS_KEPT = 4096  # of each kind and process: about 20 MB
_NO_CHARACTER = "\U0010ffff"  # drawn as the box that stands for what a font lacks


@dataclass(frozen=True, slots=True)
class Style:
    """A size in pixels and a weight (400 regular, 600 semibold, 700 bold)."""

    size: int
    weight: int


@dataclass(frozen=True, slots=True)
class Ink:
    """A drawn word. ``left`` and ``top`` lead from the pen on the base line to the mask's corner."""

    mask: Image.Image | None
    left: int
    top: int
    advance: float

    @property
    def right(self) -> int:
        """How far the ink reaches to the right of the pen."""
        return self.left + self.mask.width if self.mask else 0


@cache
def families() -> tuple[str, ...]:
    """Font families at hand, ours first: an installation may add packages, or Noto Sans of its system."""
    packages = sorted(family.name for family in fontpkg.families().values() if family.name != FAMILY)
    return (FAMILY, *packages, *(family for family in _on_machine() if family not in packages))


@cache
def _on_machine() -> dict[str, tuple[Path, Path]]:
    """Families of the machine, each with its regular and its bold file."""
    found: dict[str, tuple[Path, Path]] = {}
    for script in OF_THE_MACHINE:
        name = f"NotoSans{script.replace(' ', '')}"
        for folder in FOLDERS:
            files = folder / f"{name}-Regular.ttf", folder / f"{name}-Bold.ttf"
            if all(file.is_file() for file in files):
                found.setdefault(f"Noto Sans {script}", files)
    return found


def _file(family: str, weight: int) -> str:
    if family in _on_machine():
        regular, bold = _on_machine()[family]
        return str(bold if weight >= BOLD else regular)
    return str(fontpkg.path(family, weight=weight, nearest=True))


@lru_cache(maxsize=64)
def _font(style: Style, family: str = FAMILY) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(_file(family, style.weight), style.size, layout_engine=ImageFont.Layout.RAQM)
    with suppress(OSError):  # a file for each weight has no axes
        axes = font.get_variation_axes()
        weighed = [float(style.weight if axis["name"] == b"Weight" else axis["default"] or 0) for axis in axes]
        font.set_variation_by_axes(weighed)
    return font


def _family_for(word: str) -> str:
    """The first family that has all characters of the word; ours, with empty boxes, where none has."""
    return next((family for family in families() if all(_has(family, character) for character in word)), FAMILY)


def can_draw(text: str) -> bool:
    """Whether every word is drawn as it is written, by one of the families at hand."""
    return all(_has(_family_for(word), character) for word in text.split() for character in word)


def undrawable() -> list[str]:
    """Scripts of India whose letters no family here has."""
    return [script for script, letter in SCRIPTS.items() if not can_draw(letter)]


@lru_cache(maxsize=4096)
def _has(family: str, character: str) -> bool:
    font = _font(Style(20, 400), family)
    return bytes(font.getmask(character)) != bytes(font.getmask(_NO_CHARACTER))


@lru_cache(maxsize=WORDS_KEPT)
def ink(word: str, style: Style) -> Ink:
    """One word, which may hold spaces; an empty one has no mask."""
    font = _font(style, _family_for(word))
    core, (left, top) = font.getmask2(word, mode="L", anchor="ls")
    width, height = core.size
    mask = Image.frombytes("L", (width, height), bytes(core)) if width and height else None
    return Ink(mask, round(left), round(top), font.getlength(word))


@dataclass(frozen=True, slots=True)
class Tinted:
    """A word in the colours of a palette: ``shades`` where ``cover`` says that there is something."""

    shades: Image.Image | None
    cover: Image.Image | None
    left: int
    top: int
    advance: float


_BARELY = 6  # of 255: what is covered less keeps the colour of the ground
_COVERED = bytes([0] * _BARELY + [255] * (256 - _BARELY))


@lru_cache(maxsize=WORDS_KEPT)
def tinted(word: str, style: Style, ramp: bytes) -> Tinted:
    """The word with the number of a colour for each pixel. ``ramp``: that number for each of 256 degrees of cover."""
    drawn = ink(word, style)
    if drawn.mask is None:
        return Tinted(None, None, 0, 0, drawn.advance)
    flat = drawn.mask.tobytes()
    shades = Image.frombytes("P", drawn.mask.size, flat.translate(ramp))
    cover = Image.frombytes("L", drawn.mask.size, flat.translate(_COVERED))
    return Tinted(shades, cover, drawn.left, drawn.top, drawn.advance)


@lru_cache(maxsize=WORDS_KEPT)
def width_of(word: str, style: Style) -> float:
    """How many pixels the word takes, its ink included where that reaches further."""
    drawn = ink(word, style)
    return max(drawn.advance, drawn.right)


@lru_cache(maxsize=64)
def space(style: Style) -> float:
    """The gap between words, in pixels."""
    return _font(style).getlength(" ")


def forget() -> None:
    """Keep no words any more: those of posters are large, and there may be a hundred thousand."""
    for kept in (ink, tinted, width_of):
        kept.cache_clear()
