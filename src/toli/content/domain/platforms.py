"""How much fits on each platform, counted as the platform counts, and the size that its pictures have.

Sources: the platforms' own documentation, as of 2026. Limits leave room for the member's link, which stands
behind every text that is passed on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

LINK_ROOM = 42  # a line break, and https://<a host of 24 letters>/s/<8 letters>
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = frozenset("^{}\\[~]|€\f")
_LIGHT = ((0, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))  # what X counts once


@dataclass(frozen=True, slots=True)
class Platform:
    """``most``: how much text fits beside the link. ``size``: pixels of its pictures. ``most_title``: signs of a title
    that stands in a field of its own. ``whole``: its own words are one text with paragraphs, and not several variants.
    """

    code: str
    name: str
    most: int
    count: Callable[[str], int]
    size: tuple[int, int]
    most_title: int = 0
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """How a text fits a platform."""

    platform: Platform
    used: int

    @property
    def over(self) -> int:
        """How much too long it is; 0 when it fits."""
        return max(0, self.used - self.platform.most)


def utf16(text: str) -> int:
    """Units as browsers and telephones count them: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def octets(text: str) -> int:
    """Bytes: a letter of Hindi is three."""
    return len(text.encode())


def weighted(text: str) -> int:
    """As X counts: Latin and Devanagari once, emoji and far scripts twice."""
    return sum(1 if any(low <= ord(sign) <= high for low, high in _LIGHT) else 2 for sign in text)


# By which unit limits of length go, where it is not characters.
_UNITS: Mapping[str, Callable[[str], int]] = {"telegram": utf16, "whatsapp": utf16, "x": weighted}


def counted_length(platform: str, text: str) -> int:
    """How long a text is to a platform or channel, against which its limit is held: Telegram's 4096 of a message and
    1024 below a picture are units of UTF-16, of which an emoji is two; e-mail and most others count characters."""
    return _UNITS.get(platform, len)(text)


def sms_parts(text: str) -> int:
    """How many messages an SMS with a link behind it becomes: Hindi fills one with 70 signs, English with 160."""
    if set(text) <= GSM | GSM_TWICE:
        signs = len(text) + sum(sign in GSM_TWICE for sign in text) + LINK_ROOM
        return 1 if signs <= 160 else ceil(signs / 153)
    signs = utf16(text) + LINK_ROOM
    return 1 if signs <= 70 else ceil(signs / 67)


PLATFORMS: Mapping[str, Platform] = {
    item.code: item
    for item in (
        Platform("whatsapp", "WhatsApp", 1000, utf16, (1080, 1080)),
        Platform("telegram", "Telegram", 1024 - LINK_ROOM, utf16, (1280, 720)),
        Platform("facebook", "Facebook", 5000, utf16, (1200, 630)),
        Platform("instagram", "Instagram", 2200 - LINK_ROOM, utf16, (1080, 1350)),
        Platform("threads", "Threads", 500 - LINK_ROOM, utf16, (1080, 1350)),
        Platform("youtube", "YouTube", 5000 - LINK_ROOM, octets, (0, 0), most_title=100),
        Platform("x", "X", 280 - 24, weighted, (1600, 900)),
        Platform("sms", "SMS", 3, sms_parts, (0, 0)),
        Platform("email", "E-mail", 8000, len, (960, 504), whole=True),  # shown 600 wide, sharp on good screens
    )
}
PICTURED: tuple[Platform, ...] = tuple(item for item in PLATFORMS.values() if all(item.size))


def fits_of(texts: Sequence[str]) -> list[Fit]:
    """For each platform, the text variant that fits worst."""
    return [Fit(platform, max((platform.count(text) for text in texts), default=0)) for platform in PLATFORMS.values()]
