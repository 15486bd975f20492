"""Hindi that was typed in a font from before Unicode (Kruti Dev, DevLys): Latin letters that only such a font shows as
Hindi. ``lquhrk nsoh`` is सुनीता देवी.

It is told by names that nearly every list holds, and refused: the fonts differ in rare signs, so that a name that we
turned into Hindi ourselves might be wrong on somebody's card.
"""

import re

_NAMES = (
    "dqekj|dqekjh|nsoh|flag|;kno|'kekZ|oekZ|yky|jke|izlkn|xqIrk|feJk|Jherh|Jh|pkSgku|iVsy|frokjh|[kku|eksgu|lquhrk"
    "|jktk|jes'k|lqjs'k|egs'k|fnus'k|jkts'k|jktsUnz|ik.Ms;|csxe|fot;|lat;|vt;|v'kksd|xhrk|lhrk|ehuk|js[kk|iwtk"
)
"""कुमार, कुमारी, देवी, सिंह, यादव, शर्मा, वर्मा, लाल, राम, प्रसाद and so on, as such fonts spell them."""

_KNOWN = frozenset(_NAMES.split("|"))
_ALSO_ENGLISH = frozenset({"flag"})  # सिंह
_SIGNS = re.compile(r"(?:^|[A-Za-z])[;\[{+~](?=[A-Za-z])|[A-Za-z];(?:$|[a-z])|[a-z]'k|[b-df-hj-np-tv-z]kZ\b")

HINT = r"(?:^| )(?:" + "|".join(re.escape(word) for word in sorted(_KNOWN)) + r")(?: |$)|[a-z]'k|kZ"
"""A pattern that finds all such names among those of letters, and a few others."""


def is_legacy_hindi(name: str) -> bool:
    """Whether a name is surely text for such a font."""
    if not name.isascii():
        return False
    words = name.split()
    known = [word for word in words if word in _KNOWN]
    if any(word not in _ALSO_ENGLISH for word in known):
        return True
    return bool(known or _SIGNS.search(name)) and sum(bool(_SIGNS.search(word)) for word in words) + len(known) > 1
