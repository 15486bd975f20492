"""Every kind of space that the registry knows, with what its platform allows and where that is written.

The figures change without notice. Each can be set for an installation: settings.TOLI_GROUP_LIMITS.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """``capacity``: people it can hold, None where the platform states no limit. ``holds``: groups that stand in it.

    ``seats``: members are given places in it one by one; the others are for announcements to whoever follows.
    """

    key: str  # stored in the database: never renamed, never reused
    platform: str
    capacity: int | None
    source: str
    seats: bool = False
    holds: int = 0


_META = "https://faq.whatsapp.com/738722034697984"
_TABLE = (
    Kind("whatsapp_group", "whatsapp", 1024, _META, seats=True),
    Kind("whatsapp_community", "whatsapp", 2000, f"{_META} (others say 5,000, and 100 groups)", holds=50),
    Kind("whatsapp_channel", "whatsapp", None, "https://faq.whatsapp.com/549900560675125"),
    Kind("telegram_group", "telegram", 200_000, "https://telegram.org/faq#q-what-is-a-telegram-group", seats=True),
    Kind("telegram_channel", "telegram", None, "https://telegram.org/faq_channels"),
    Kind("facebook_group", "facebook", None, "https://www.facebook.com/help/groups", seats=True),
    Kind("facebook_page", "facebook", None, "https://www.facebook.com/help/pages"),
    Kind("instagram_channel", "instagram", None, "https://help.instagram.com/386080983558583"),
    Kind("signal_group", "signal", 1000, "https://support.signal.org/hc/articles/360007319331", seats=True),
)
KINDS: Mapping[str, Kind] = {kind.key: kind for kind in _TABLE}
_USUAL = {kind.platform: kind.key for kind in reversed(_TABLE)} | {
    kind.platform: kind.key for kind in reversed(_TABLE) if kind.seats
}


def usual_kind(platform: str) -> str:
    """The kind that is meant when only the platform is named: its groups."""
    return _USUAL[platform]


def most_people(kind: str, limits: Mapping[str, int]) -> int | None:
    """How many people a space of this kind can hold; ``limits`` has the installation's own figures."""
    return limits.get(kind, KINDS[kind].capacity)
