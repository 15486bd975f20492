"""Keys under which spellings of one name meet: सुनीता, सुनिता, Sunita, Suneeta.

Pure. A key stands for a word, not for a name: words come in any order, and titles are left out. Keys are short
phonetic skeletons, meant for finding and for proposing, never for deciding. Each rule, why it is there, and how many
names meet that should not: docs/algorithms/names.md.
"""

import re
import unicodedata
from functools import lru_cache

from toli.members.domain.scripts import to_latin

Word = tuple[str, str]  # in plain small letters, and its key
_LATIN_TITLES = (
    "shri shree sri smt shrimati shreemati srimati kumari ku km dr mr mrs ms miss late pandit pt janab haji hazi"
)
_HINDI_TITLES = "श्री श्रीमती सुश्री कुमारी कु डॉ मिस मिसेज स्व स्वर्गीय पंडित पं हाजी"
# left out in front of a name, as long as something remains
_TITLES = frozenset(_LATIN_TITLES.split()) | frozenset(to_latin(title) for title in _HINDI_TITLES.split())
_BEHIND = frozenset(("ji", "jee"))
_MUHAMMAD = "muhmd"
_MUHAMMADS = frozenset(("md", "mhd", "muhd", "muhmid", "mhmd"))
_SHORT_MUHAMMAD = "mu"  # मो.: as a whole word nothing else is written so
_SILENT = re.compile(r"['’ʼ`\u200b-\u200f\u2060\ufeff]")
_GAP = re.compile(r"[\W\d_]")
_RULES = [
    (re.compile(pattern), by)
    for pattern, by in (
        ("aa+", "a"),
        ("ee+", "i"),
        ("oo+", "u"),
        ("[ao]w(?=[^aeiou])", "au"),
        ("d?jny?|dny", "gy"),
        ("sh|sch", "s"),
        ("x|cs", "ks"),
        ("ck|q|c(?!h)", "k"),
        ("ph|f", "p"),
        ("z", "j"),
        ("w", "v"),
        ("b(?!h)", "v"),
        ("bh", "b"),
        ("([kgjtdr]|c(?=hh))h", r"\1"),
        ("n(?=[bpm])", "m"),
        ("([ae])o", r"\1v"),
        ("([aeiou])y", r"\1i"),
        ("(?<=[^aeiou])y$", "i"),
        ("er(?=[^aeiou]|$)", "ar"),
        ("[ae]i|e", "i"),
        ("[ao]u|o", "u"),
        (r"([a-z])\1+", r"\1"),
        ("(?<=.)a", ""),
        (r"([iu])\1+", r"\1"),
    )
]


def name_keys(name: str) -> tuple[str, ...]:
    """The key of each word of a name, without titles, each once and in order of the alphabet.

    The same for a name in another script, in another order, with other accents or spaces. Empty only for a text
    without a letter, which is no name.
    """
    keys = {key for _plain, key in _without_titles(_words(name))}
    return tuple(sorted(_MUHAMMAD if key == _SHORT_MUHAMMAD else key for key in keys))


def kept_keys(name: str) -> str:
    """As a column keeps them: one blank between two keys."""
    return " ".join(name_keys(name))


def sought_keys(text: str) -> tuple[str, ...]:
    """What somebody has typed of a name, maybe only the beginnings of its words: each is the beginning of a key."""
    return tuple(sorted({key for _plain, key in _without_titles(_words(text))}))


def _words(name: str) -> list[Word]:
    return [word for token in name.split() for word in _words_in(token)]


@lru_cache(maxsize=1 << 16)
def _words_in(token: str) -> tuple[Word, ...]:
    """What stands between two blanks. Remembered, as a million members share some ten thousand words."""
    joined = _SILENT.sub("", unicodedata.normalize("NFC", token))
    spaced = "".join(" " if _is_gap(letter) else letter for letter in joined)
    plain = [_plain(to_latin(word).casefold()) for word in spaced.split() if _has_letter(word)]
    return tuple((word, _key(word)) for word in plain if word)


def _is_gap(letter: str) -> bool:
    return bool(_GAP.match(letter)) and unicodedata.category(letter)[0] != "M"


def _has_letter(word: str) -> bool:
    return any(letter.isalpha() for letter in word)


def _plain(word: str) -> str:
    """Without the accents of Latin letters; words of other scripts whole."""
    bare = "".join(letter for letter in unicodedata.normalize("NFD", word) if unicodedata.category(letter)[0] != "M")
    return bare if bare.isascii() else unicodedata.normalize("NFC", word)


def _without_titles(words: list[Word]) -> list[Word]:
    first, last = 0, len(words)
    while last - first > 1 and words[first][0] in _TITLES:
        first += 1
    if last - first > 1 and words[last - 1][0] in _BEHIND:
        last -= 1
    return words[first:last]


def _key(word: str) -> str:
    """The skeleton of a word. Words that are not in Latin letters by now stay as they are."""
    if not word.isascii():
        return word
    key = word
    for pattern, by in _RULES:
        key = pattern.sub(by, key)
    return _MUHAMMAD if key in _MUHAMMADS else key
