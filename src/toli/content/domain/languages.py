"""Which language stands in for which."""

from collections.abc import Mapping, Sequence

FALLBACK: Mapping[str, tuple[str, ...]] = {"hi": ("hi", "en"), "en": ("en", "hi")}


def language_for(wanted: str, available: Sequence[str]) -> str | None:
    """The language to show to someone who reads ``wanted``; None when there is nothing at all."""
    order = (*FALLBACK.get(wanted, (wanted,)), *available)
    return next((language for language in order if language in available), None)
