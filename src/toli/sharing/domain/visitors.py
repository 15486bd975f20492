"""Counting people without knowing them.

A visitor is a keyed hash of address and browser under a key that changes every day: within the day a
second visit is recognised, on the next day nobody can tell that it is the same person, and the address
cannot be computed back without the day's key. Robots and link-preview fetchers are not people.
"""

import hashlib
import hmac
import re
from datetime import date

VISITOR_BYTES = 16
_ROBOT = re.compile(
    r"bot\b|bot[/;)\s]|crawl|spider|slurp|preview|fetch|monitor|scan|curl|wget|python|java/|okhttp|go-http|libwww|"
    r"headless|whatsapp/|facebookexternalhit|facebot|meta-external|telegrambot|twitterbot|linkedinbot|slackbot|"
    r"discordbot|skypeuripreview|bingpreview|google-|googlebot|applebot|pinterest|embedly|vkshare|snapchat",
    re.IGNORECASE,
)


def is_robot(user_agent: str) -> bool:
    """Whether this is a program that fetches pages; a browser names itself, so an empty name is one."""
    return not user_agent.strip() or _ROBOT.search(user_agent) is not None


def day_key(secret: bytes, day: date) -> bytes:
    """The key of one day."""
    return hmac.new(secret, b"toli visitor " + day.isoformat().encode(), hashlib.sha256).digest()


def visitor(key: bytes, address: str, user_agent: str) -> bytes:
    """16 bytes that stand for one visitor on the key's day."""
    message = f"{address}\0{user_agent}".encode()
    return hmac.digest(key, message, "sha256")[:VISITOR_BYTES]
