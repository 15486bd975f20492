"""How a name is set into a box: smaller, then in more lines, then with middle words left out; the surname stays.

Pure arithmetic on the widths of words at one size; widths grow in proportion to the size. A word that is wider
than a line is broken between written characters (a consonant keeps its vowel signs).
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

Measure = Callable[[str], float]
ELLIPSIS = "…"
_VIRAMA, _JOINER, _NO_JOINER = 9, "\u200d", "\u200c"  # the combining class of viramas in all scripts of India
SLACK = 1.03  # hinting makes words at other sizes a little wider than proportion says


@dataclass(frozen=True, slots=True)
class Box:
    """``width`` in pixels. ``steps``: sizes in pixels with the most lines that each may take, preferred first."""

    width: float
    steps: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """A text as it is set: size in pixels, lines of words."""

    size: int
    lines: tuple[tuple[str, ...], ...]


def set_text(text: str, box: Box, *, measure: Measure, at: int, gap: float) -> Setting:
    """``text`` in the first step of the box that holds it whole; else with words of its middle left out.

    ``measure`` gives the width of a word at size ``at``, ``gap`` that of a space. Never fails: when even first
    and last word are too much, the last step breaks them and goes on below its lines' end by shrinking.
    """
    words = text.split()
    for shorter in _ever_shorter(words):
        for size, lines in box.steps:
            set_ = _lines(shorter, box.width, measure, size / at * SLACK, gap)
            if len(set_) <= lines:
                return Setting(size, set_)
    return _shrunk(_shortest(words), box, measure, at, gap)


def _ever_shorter(words: Sequence[str]) -> Iterator[list[str]]:
    """All words; then without the last of the middle ones, and so on; the first and the last always stay."""
    yield list(words)
    for kept in range(len(words) - 3, -1, -1):
        yield [words[0], *words[1 : 1 + kept], ELLIPSIS, words[-1]]


def _shortest(words: Sequence[str]) -> list[str]:
    return list(words) if len(words) < 3 else [words[0], ELLIPSIS, words[-1]]


def _lines(
    words: Sequence[str], width: float, measure: Measure, scale: float, gap: float
) -> tuple[tuple[str, ...], ...]:
    lines: list[list[str]] = [[]]
    used = 0.0
    for word in words:
        for part in _parts(word, width, measure, scale):
            needed = measure(part) * scale
            if lines[-1] and used + gap * scale + needed > width:
                lines.append([])
                used = 0.0
            used += needed + (gap * scale if lines[-1] else 0)
            lines[-1].append(part)
    return tuple(map(tuple, lines)) if lines[0] else ()


def _parts(word: str, width: float, measure: Measure, scale: float) -> list[str]:
    """The word in pieces that each fit on a line; itself where it fits."""
    if measure(word) * scale <= width:
        return [word]
    parts = [""]
    for character in characters(word):
        if parts[-1] and measure(parts[-1] + character) * scale > width:
            parts.append("")
        parts[-1] += character
    return parts


def characters(word: str) -> list[str]:
    """What people see as characters, in any script: a letter with its signs, consonants joined by a virama together."""
    found: list[str] = []
    joins = False
    for sign in word:
        belongs = sign in (_JOINER, _NO_JOINER) or unicodedata.category(sign).startswith("M")
        if found and (belongs or joins):
            found[-1] += sign
        else:
            found.append(sign)
        joins = unicodedata.combining(sign) == _VIRAMA or (joins and sign == _JOINER)
    return found


def _shrunk(words: Sequence[str], box: Box, measure: Measure, at: int, gap: float) -> Setting:
    """Smaller than the last step, until it fits: a single word of a hundred letters."""
    smallest, lines = box.steps[-1]
    for size in range(smallest - 1, 0, -1):
        set_ = _lines(words, box.width, measure, size / at * SLACK, gap)
        if len(set_) <= lines:
            return Setting(size, set_)
    return Setting(1, _lines(words, box.width, measure, 1 / at * SLACK, gap)[:lines])


def set_line(text: str, width: float, *, sizes: Sequence[int], measure: Measure, at: int, gap: float) -> Setting:
    """``text`` on one line in the first size that holds it; else cut at its end, with an ellipsis."""
    words = text.split()

    def fits(line: Sequence[str], size: int) -> bool:
        scale = size / at * SLACK
        return sum(measure(word) for word in line) * scale + gap * scale * (len(line) - 1) <= width

    for size in sizes:
        if fits(words, size):
            return Setting(size, (tuple(words),))
    size = sizes[-1]
    while words:
        cut = characters(words.pop())
        while cut:
            cut.pop()
            line = [*words, "".join(cut) + ELLIPSIS] if cut else words
            if line and fits(line, size):
                return Setting(size, (tuple(line),))
    return Setting(size, ((ELLIPSIS,),))


def as_seen(line: Sequence[str]) -> list[str]:
    """The words of a line from left to right, as eyes meet them: words of scripts that run leftwards change places.

    A line runs as its first word does. Within a word HarfBuzz sees to it.
    """
    seen: list[str] = []
    leftwards = bool(line) and _runs_left(line[0])
    for runs_left, run in groupby(line, key=_runs_left):
        words = list(run)
        words = words[::-1] if runs_left else words
        seen = [*words, *seen] if leftwards else [*seen, *words]
    return seen


def _runs_left(word: str) -> bool:
    """Whether the first letter of the word is of a script that is written from right to left."""
    directions = (unicodedata.bidirectional(sign) for sign in word)
    return next((direction in ("R", "AL") for direction in directions if direction in ("L", "R", "AL")), False)
