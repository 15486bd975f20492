"""What the join address of a space looks like. Checks the shape only: the space may still be gone."""

import re
from collections.abc import Mapping

_WHATSAPP = (
    re.compile(r"https://chat\.whatsapp\.com/(?:invite/)?([A-Za-z0-9]{20,24})\Z"),
    "https://chat.whatsapp.com/{}",
)
_TELEGRAM = (re.compile(r"https://(?:t\.me|telegram\.me)/(?:\+|joinchat/)([A-Za-z0-9_-]{16,24})\Z"), "https://t.me/+{}")
_TELEGRAM_NAME = (
    re.compile(r"https://(?:t\.me|telegram\.me)/(?:s/)?([A-Za-z][A-Za-z0-9_]{3,31})\Z"),
    "https://t.me/{}",
)
_SHAPES: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    "whatsapp_group": (_WHATSAPP,),
    "whatsapp_community": (_WHATSAPP,),
    "whatsapp_channel": (
        (
            re.compile(r"https://(?:www\.)?whatsapp\.com/channel/([A-Za-z0-9]{20,30})\Z"),
            "https://whatsapp.com/channel/{}",
        ),
    ),
    "telegram_group": (_TELEGRAM,),
    "telegram_channel": (_TELEGRAM, _TELEGRAM_NAME),
    "facebook_group": (
        (
            re.compile(r"https://(?:www\.|m\.)?facebook\.com/groups/([A-Za-z0-9.]{3,60})\Z"),
            "https://www.facebook.com/groups/{}",
        ),
    ),
    "facebook_page": (
        (
            re.compile(r"https://(?:www\.|m\.)?facebook\.com/(?!groups\Z)([A-Za-z0-9.]{3,60})\Z"),
            "https://www.facebook.com/{}",
        ),
    ),
    "instagram_channel": (
        (re.compile(r"https://ig\.me/j/([A-Za-z0-9_-]{8,40})\Z"), "https://ig.me/j/{}"),
        (
            re.compile(r"https://(?:www\.)?instagram\.com/channel/([A-Za-z0-9_-]{8,60})\Z"),
            "https://www.instagram.com/channel/{}",
        ),
    ),
    "signal_group": ((re.compile(r"https://signal\.group/(#[A-Za-z0-9_=-]{20,120})\Z"), "https://signal.group/{}"),),
}
EXAMPLES: Mapping[str, str] = {
    "whatsapp_group": "https://chat.whatsapp.com/…",
    "whatsapp_community": "https://chat.whatsapp.com/…",
    "whatsapp_channel": "https://whatsapp.com/channel/…",
    "telegram_group": "https://t.me/+…",
    "telegram_channel": "https://t.me/…",
    "facebook_group": "https://www.facebook.com/groups/…",
    "facebook_page": "https://www.facebook.com/…",
    "instagram_channel": "https://ig.me/j/…",
    "signal_group": "https://signal.group/#…",
}


def canonical(kind: str, text: str) -> str | None:
    """The address in its one canonical form, or None when it leads to no space of this kind.

    People paste what their phone copies: a sentence around the address, a query behind it, http.
    """
    for word in text.split():
        address = word.split("?", 1)[0].rstrip("/.,").replace("http://", "https://")
        for shape, form in _SHAPES[kind]:
            if match := shape.match(address):
                return form.format(match[1])
    return None
