"""Whether two entries are likely one person, and why. Proposals only: people decide.

Two entries are compared when the keys of their names are the same and they live in the same place or next to each
other. What speaks for one person is named and weighed; weights and threshold: docs/algorithms/names.md.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations


class Reason(StrEnum):
    SAME_NUMBER = "same_number"
    ONE_DIGIT = "one_digit"
    SAME_PLACE = "same_place"
    NEAR_PLACE = "near_place"
    TWO_SCRIPTS = "two_scripts"
    SAME_SPELLING = "same_spelling"
    SIMILAR_NAME = "similar_name"


WEIGHTS = {
    Reason.SAME_NUMBER: 4,
    Reason.ONE_DIGIT: 4,
    Reason.SAME_PLACE: 3,
    Reason.NEAR_PLACE: 1,
    Reason.TWO_SCRIPTS: 1,
    Reason.SAME_SPELLING: 1,
    Reason.SIMILAR_NAME: 0,
}
WORDS = 2  # for each word of the name, at most two
LIKELY = 7
MOST = 40  # entries of one name in one neighbourhood; beyond that a name says nothing
UNDO_DAYS = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """What is compared of a member. ``keys``: the keys of the name; ``phone`` in E.164, or empty."""

    member_id: int
    name: str
    keys: str
    territory_id: int
    phone: str


@dataclass(frozen=True, slots=True)
class Likely:
    """Two entries that are likely one person (the smaller id first), with the reasons."""

    first: int
    second: int
    score: int
    reasons: tuple[Reason, ...]


def likely_pairs(block: Iterable[Entry]) -> Iterator[Likely]:
    """The likely pairs among entries of one name in one neighbourhood. Empty for more than ``MOST`` entries."""
    entries = sorted(block, key=lambda entry: entry.member_id)
    if len(entries) > MOST:
        return
    for first, second in combinations(entries, 2):
        reasons = _reasons(first, second)
        score = sum(WEIGHTS[reason] for reason in reasons) + WORDS * min(2, len(first.keys.split()))
        if score >= LIKELY:
            yield Likely(first.member_id, second.member_id, score, reasons)


def who_stays(first: tuple[int, bool], second: tuple[int, bool]) -> int:
    """Which of two entries (id, whether confirmed by the person's own act) stays: the confirmed, else the older."""
    return min(first, second, key=lambda entry: (not entry[1], entry[0]))[0]


def _reasons(first: Entry, second: Entry) -> tuple[Reason, ...]:
    found = []
    if first.phone and first.phone == second.phone:
        found.append(Reason.SAME_NUMBER)
    elif _near(first.phone, second.phone):
        found.append(Reason.ONE_DIGIT)
    same = first.territory_id == second.territory_id
    found.append(Reason.SAME_PLACE if same else Reason.NEAR_PLACE)
    if _script(first.name) != _script(second.name):
        found.append(Reason.TWO_SCRIPTS)
    elif _plain(first.name) == _plain(second.name):
        found.append(Reason.SAME_SPELLING)
    else:
        found.append(Reason.SIMILAR_NAME)
    return tuple(found)


def _near(first: Sequence[str], second: Sequence[str]) -> bool:
    """The numbers differ in one digit, or two neighbouring digits have changed places."""
    if not first or len(first) != len(second):
        return False
    wrong = [place for place, (one, other) in enumerate(zip(first, second, strict=True)) if one != other]
    if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
        return first[wrong[0]] == second[wrong[1]] and first[wrong[1]] == second[wrong[0]]
    return len(wrong) == 1


def _script(name: str) -> str:
    letter = next((letter for letter in name if letter.isalpha()), "")
    return unicodedata.name(letter, "").partition(" ")[0]


def _plain(name: str) -> str:
    return " ".join(sorted(unicodedata.normalize("NFC", name).casefold().split()))
