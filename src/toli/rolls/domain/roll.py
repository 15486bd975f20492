"""What a certified roll says, in the one form that is hashed. See docs/algorithms/roll.md.

A line names nobody. It holds a mark that means this member in this roll alone, their place and class, and a
commitment to their particulars: a keyed hash of name, card number and masked number under a salt of the line. Who has
the salt can show that the particulars were not changed; where particulars and salt are erased, the hash still fits.
"""

import base64
import hashlib
import hmac
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from heapq import merge
from itertools import groupby
from operator import attrgetter

FORM = "toli-roll-1"
SALT = 16  # bytes
UNKNOWN = "?"  # the commitment of somebody whom the first production did not know
_MARK = 10  # bytes
MARK_LENGTH = 16  # characters
_ORDER = attrgetter("place", "ref")


@dataclass(frozen=True, slots=True)
class Head:
    """Which roll it is. ``previous``: the hash of the version that this one supplements, or empty."""

    territory: str
    day: date
    version: int = 1
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line; a roll has them by the code of the place, then by mark, byte by byte."""

    place: str
    ref: str
    grade: str
    commitment: str

    def text(self) -> str:
        return f"{self.ref}|{self.grade}|{self.place}|{self.commitment}"


@dataclass(frozen=True, slots=True)
class Difference:
    """What a later reading says otherwise, as marks: who is new, who is gone, who has another place or class."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def marks(member_ids: Sequence[int], salt: bytes) -> list[str]:
    """The marks of members in the roll with this salt."""
    digests = b"".join([hmac.digest(salt, b"member %d" % pk, "sha256")[:_MARK] for pk in member_ids])
    text = base64.b32encode(digests).decode()  # of one digest no letter is shared with the next
    return [text[at : at + MARK_LENGTH] for at in range(0, len(text), MARK_LENGTH)]


def commit(salt: bytes, name: str, card: str, number: str) -> str:
    """The commitment to somebody's particulars, in hexadecimal."""
    return hmac.digest(salt, "\n".join((name, card, number)).encode(), "sha256").hex()


def content_hash(head: Head, lines: Iterable[Line]) -> str:
    """SHA-256 over the canonical form, in hexadecimal. The lines come in any order."""
    ordered = sorted(lines, key=_ORDER)
    return hash_in_order(head, len(ordered), ordered)


def hash_in_order(head: Head, count: int, lines: Iterable[Line]) -> str:
    """As :func:`content_hash` for ``count`` lines that come in the order of the roll; none of them is kept."""
    top = [
        FORM,
        f"territory={head.territory}",
        f"day={head.day.isoformat()}",
        f"version={head.version}",
        f"previous={head.previous or '-'}",
        f"lines={count}",
    ]
    digest = hashlib.sha256(("\n".join(top) + "\n").encode())
    for line in lines:
        digest.update(f"{line.text()}\n".encode())
    return digest.hexdigest()


def completed(found: Iterable[tuple[str, str, str]], stored: Iterable[Line], erased: Container[str]) -> Iterator[Line]:
    """Lines produced again (place, mark, class), with what they commit to taken from the first production.

    Both come in the order of the roll. Of the first production the lines of those who were erased are added: they
    are in no history any more. Somebody whom it did not know gets a commitment that fits nothing.
    """
    produced = (Line(*row, UNKNOWN) for row in found)
    for _place, pair in groupby(merge(stored, produced, key=_ORDER), key=_ORDER):
        first, *again = pair
        if again:
            yield replace(again[0], commitment=first.commitment)
        elif first.commitment == UNKNOWN or first.ref in erased:
            yield first


def compare(then: Iterable[Line], now: Iterable[Line]) -> Difference:
    """How a reading differs from an earlier one."""
    before, after = {line.ref: line for line in then}, {line.ref: line for line in now}
    return Difference(
        tuple(sorted(after.keys() - before.keys())),
        tuple(sorted(before.keys() - after.keys())),
        tuple(sorted(ref for ref in before.keys() & after.keys() if before[ref] != after[ref])),
    )
