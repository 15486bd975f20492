"""What an invite link of a platform looks like. Checks the shape only: the group may still be gone."""

import re

_SHAPES = {
    "whatsapp": re.compile(r"https://chat\.whatsapp\.com/(?:invite/)?([A-Za-z0-9]{20,24})\Z"),
    "telegram": re.compile(r"https://(?:t\.me|telegram\.me)/(?:\+|joinchat/)([A-Za-z0-9_-]{16,24})\Z"),
}
_CANONICAL = {"whatsapp": "https://chat.whatsapp.com/{}", "telegram": "https://t.me/+{}"}


def canonical(platform: str, text: str) -> str | None:
    """The link in its one canonical form, or None when it is no invite link of the platform.

    People paste what their phone copies: a sentence around the link, a query behind it, http.
    """
    for word in text.split():
        address = word.split("?", 1)[0].rstrip("/.,").replace("http://", "https://")
        if match := _SHAPES[platform].match(address):
            return _CANONICAL[platform].format(match[1])
    return None
