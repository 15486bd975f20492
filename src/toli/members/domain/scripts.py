"""Words in the scripts of India as Latin letters, near to how their owners spell them.

The letters follow ISO 15919 without its marks: त and ट are both ``t``, long and short vowels differ only where
people write them differently. The blocks of the other scripts stand in Unicode in the order of Devanagari (they
come from one national standard), so their letters are read as the Devanagari letter at the same place of its block.
What Tamil does not write (whether a sound is voiced) cannot be read from it. Urdu passes through as it is: it leaves
out vowels. Rules and figures: docs/algorithms/names.md.
"""

import re
import unicodedata

_DEVANAGARI = 0x0900
_BLOCKS = range(0x0980, 0x0D80, 0x80)  # Bengali, Gurmukhi, Gujarati, Odia, Tamil, Telugu, Kannada, Malayalam
_VIRAMA, _NUKTA, _INHERENT = "्", "़", "a"
_APART = {  # letters that the order of the blocks does not explain
    "ৎ": "त्",
    "ৰ": "र",
    "ৱ": "व",
    "ੰ": "ं",
    "ੱ": "",  # addak: the next consonant is doubled
    "ୱ": "व",
    "ச": "स",  # said as s far more often than as ch
    "ൺ": "ण्",
    "ൻ": "न्",
    "ർ": "र्",
    "ൽ": "ल्",
    "ൾ": "ळ्",
    "ൿ": "क्",
}
_CONSONANTS = {
    **dict(zip("कखगघङ", ("k", "kh", "g", "gh", "n"), strict=True)),
    **dict(zip("चछजझञ", ("ch", "chh", "j", "jh", "n"), strict=True)),
    **dict(zip("टठडढण", ("t", "th", "d", "dh", "n"), strict=True)),
    **dict(zip("तथदधन", ("t", "th", "d", "dh", "n"), strict=True)),
    **dict(zip("पफबभम", ("p", "ph", "b", "bh", "m"), strict=True)),
    **dict(zip("यरलवशषसह", ("y", "r", "l", "v", "sh", "sh", "s", "h"), strict=True)),
    "ळ": "l",
    "ऩ": "n",
    "ऱ": "r",
    "ऴ": "l",
}
_WITH_NUKTA = {"क": "k", "ख": "kh", "ग": "g", "ज": "z", "झ": "z", "ड": "r", "ढ": "rh", "फ": "f", "य": "y"}
_VOWELS = {
    **dict(zip("अआइईउऊऋॠ", ("a", "a", "i", "i", "u", "u", "ri", "ri"), strict=True)),
    **dict(zip("एऐओऔऍऎऑऒ", ("e", "ai", "o", "au", "e", "e", "o", "o"), strict=True)),
}
_SIGNS = {
    **dict(zip("ािीुूृॄ", ("a", "i", "i", "u", "u", "ri", "ri"), strict=True)),
    **dict(zip("ेैोौॅॆॉॊ", ("e", "ai", "o", "au", "e", "e", "o", "o"), strict=True)),
}
_NASAL = {"ं": "n", "ँ": "n"}
_BEFORE_LIPS = "पफबभम"
_SPOKEN_OTHERWISE = (  # what the letters say, and what people say and spell
    (re.compile("ज्ञ"), "ग्य"),
    (re.compile("सि(ं|ँ)ह$"), "सिंघ"),
)


def to_latin(word: str) -> str:
    """The word with its letters of Indian scripts as Latin ones; everything else stays. Safe to repeat.

    Each consonant without a vowel sign keeps its inherent ``a``, also where Hindi no longer says it
    (``sunita``, ``kamalesha``): the key of a name leaves every ``a`` out, so nothing hangs on it.
    """
    word = _as_devanagari(unicodedata.normalize("NFC", word))
    for letters, spoken in _SPOKEN_OTHERWISE:
        word = letters.sub(spoken, word)
    return "".join(_letters(unicodedata.normalize("NFD", word)))


def _as_devanagari(word: str) -> str:
    return "".join(_APART.get(letter, letter) if letter in _APART else _moved(letter) for letter in word)


def _moved(letter: str) -> str:
    for start in _BLOCKS:
        if start <= ord(letter) < start + 0x80:
            return chr(_DEVANAGARI + ord(letter) - start)
    return letter


def _letters(word: str) -> list[str]:
    spoken: list[str] = []
    for place, letter in enumerate(word):
        following = word[place + 1 : place + 2]
        if letter in _CONSONANTS:
            nukta = following == _NUKTA
            spoken.append(_WITH_NUKTA.get(letter, _CONSONANTS[letter]) if nukta else _CONSONANTS[letter])
            after = word[place + 2 : place + 3] if nukta else following
            if after not in _SIGNS and after != _VIRAMA:
                spoken.append(_INHERENT)
        elif letter in _NASAL:
            spoken.append("m" if following and following in _BEFORE_LIPS else _NASAL[letter])
        elif letter in _SIGNS or letter in _VOWELS:
            spoken.append(_SIGNS.get(letter) or _VOWELS[letter])
        elif letter.isalpha() or not _DEVANAGARI <= ord(letter) < _DEVANAGARI + 0x80:
            spoken.append(letter)
    return spoken
