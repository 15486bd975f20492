"""Answers that mean stop, and in which language they do. Pure.

One list for every way by which people write to us. The word alone counts: a longer sentence may be about anything.
It may be followed, or in Hindi preceded, by the name that messages came from, as telephone companies in India teach it:
``STOP JANSET``, also with what they put around it (``STOP AD-JANSET-P``).
"""

import re
import unicodedata
from collections.abc import Collection, Mapping

_WORDS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "stop", "stop all", "stopall", "please stop", "stop please", "unsubscribe", "opt out", "optout", "opt-out",
        "end", "quit", "cancel", "remove me",
    ),
    "hi": (
        "बंद", "बंद करो", "बंद करें", "बंद करे", "बंद कर दो", "बंद कीजिए", "बन्द", "बन्द करो", "बन्द करें", "रोको",
        "रोकें", "रोक दो", "रुको", "रुकें", "मत भेजो", "मत भेजें", "मत भेजिए", "संदेश बंद करें", "संदेश मत भेजो", "स्टॉप",
        "सब बंद", "सब बंद करो", "सब बंद करें", "सभी बंद करें", "स्टॉप ऑल", "band", "band karo", "band karein", "band kare",
        "sab band karo", "msg band karo", "roko", "mat bhejo",
    ),
    "bn": ("বন্ধ", "বন্ধ করুন", "বন্ধ করো"),
    "gu": ("બંધ", "બંધ કરો"),
    "kn": ("ನಿಲ್ಲಿಸಿ",),
    "ml": ("നിർത്തുക",),
    "mr": ("थांबा", "थांबवा", "बंद करा"),
    "or": ("ବନ୍ଦ", "ବନ୍ଦ କରନ୍ତୁ"),
    "pa": ("ਬੰਦ", "ਬੰਦ ਕਰੋ"),
    "ta": ("நிறுத்து", "நிறுத்தவும்"),
    "te": ("ఆపు", "ఆపండి"),
    "ur": ("بند", "بند کرو", "بند کریں"),
}  # fmt: skip
_AROUND = ".,!?।|'\"“”‘’*_ /"


def _plain(text: str) -> str:
    """As it is compared: one spelling of each sign, no invisible ones, one blank between words."""
    shown = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return " ".join(shown.casefold().split()).strip(_AROUND)


LANGUAGES = frozenset(_WORDS)
_LANGUAGES = {_plain(word): language for language, words in _WORDS.items() for word in words}


def language_of_stop(text: str, names: Collection[str] = ()) -> str | None:
    """The language in which somebody asks for no more messages; None: they say something else. ``names``: what the
    messages came from, such as the registered header of an SMS."""
    said = _plain(text[:200])
    return _LANGUAGES.get(said) or _LANGUAGES.get(_without(said, names))


def _without(said: str, names: Collection[str]) -> str:
    """What is left without one of the names behind or before it: the name may have the two letters of operator and
    circle before it and one for the kind of message behind it."""
    for name in filter(None, map(_plain, names)):
        around = rf"(?:[a-z]{{2}}[- ])?{re.escape(name)}(?:[- ][a-z])?"
        if found := re.fullmatch(rf"(.+?)[ :,-]+{around}|{around}[ :,-]+(.+)", said):
            return (found[1] or found[2]).strip(_AROUND)
    return ""
