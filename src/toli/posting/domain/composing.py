"""The words of a post: what has to stand there stands there, and nothing is cut off in the middle. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What a post is made of. ``ai_label`` is empty where no AI was used."""

    title: str
    text: str
    link: str
    imprint: str
    ai_label: str = ""


def compose(words: Words, *, most: int, count: Callable[[str], int] = len) -> str | None:
    """The post in at most ``most`` signs, as the platform counts them; None: it does not fit.

    Only the title may be left out. Text, link, imprint and the label of AI are there or nothing is posted (P6).
    """
    foot = "\n".join(part for part in (words.imprint, words.ai_label) if part)
    for parts in ((words.title, words.text, words.link, foot), (words.text, words.link, foot)):
        whole = "\n\n".join(part for part in parts if part)
        if count(whole) <= most:
            return whole
    return None


def language_of(place: str, plan: Sequence[str], usual: str = "hi") -> str:
    """The language to ask a kit for: that of the place, else the first of the plan."""
    return place or next(iter(plan), usual)
