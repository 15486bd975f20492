"""Names of groups, by a pattern such as ``{campaign} · {territory} · {number}``."""

import re

LIMIT = 100  # characters; WhatsApp's own limit for a group subject
FIELDS = ("campaign", "territory", "number")


def check_pattern(pattern: str) -> None:
    """Raises ValueError when the pattern is broken, or names without ``{number}`` could repeat."""
    try:
        sample = pattern.format(campaign="", territory="", number="")
    except (KeyError, IndexError, AttributeError) as error:
        raise ValueError(f"unknown field in {pattern!r}") from error
    if len(sample) > LIMIT // 2 or "{number}" not in pattern or "{territory}" not in pattern:
        raise ValueError(f"{pattern!r} lacks {{territory}} or {{number}}, or is too long")


def group_name(pattern: str, *, campaign: str, territory: str, number: int) -> str:
    """The name of one group; the territory's name is shortened where the whole would be too long."""
    full = pattern.format(campaign=campaign, territory=territory, number=number)
    if len(full) <= LIMIT:
        return full
    room = max(1, len(territory) - (len(full) - LIMIT) - 1)
    short = pattern.format(campaign=campaign, territory=territory[:room] + "…", number=number)
    return short[:LIMIT]


def stray_field(text: str, *, allowed: bool) -> str | None:
    """The first ``{...}`` in a text to be pasted that stands for nothing; ``allowed``: {territory} does for a place."""
    found = re.findall(r"\{[^{}\n]{0,40}\}", text)
    return next((field for field in found if not (allowed and field == "{territory}")), None)
