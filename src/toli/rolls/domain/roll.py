"""What a certified roll says, in the one form that is hashed. See docs/algorithms/roll.md.

A line names nobody. It holds a mark that means this member in this roll alone, their place and class, and a
commitment to their particulars: a keyed hash of name, card number and masked number under a salt of the line. Who has
the salt can show that the particulars were not changed; where particulars and salt are erased, the hash still fits.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

FORM = "toli-roll-1"
SALT = 16  # bytes
_MARK = 10  # bytes: 16 characters


@dataclass(frozen=True, slots=True)
class Head:
    """Which roll it is. ``previous``: the hash of the version that this one supplements, or empty."""

    territory: str
    day: date
    version: int = 1
    previous: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """In the order of the roll: by the code of the place, then by mark."""

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


def mark(member_id: int, salt: bytes) -> str:
    """The mark of a member in the roll with this salt."""
    digest = hmac.digest(salt, b"member %d" % member_id, "sha256")
    return base64.b32encode(digest[:_MARK]).decode()


def commit(salt: bytes, name: str, card: str, number: str) -> str:
    """The commitment to somebody's particulars, in hexadecimal."""
    return hmac.digest(salt, "\n".join((name, card, number)).encode(), "sha256").hex()


def content_hash(head: Head, lines: Iterable[Line]) -> str:
    """SHA-256 over the canonical form, in hexadecimal. The lines come in any order."""
    ordered = sorted(lines)
    top = [
        FORM,
        f"territory={head.territory}",
        f"day={head.day.isoformat()}",
        f"version={head.version}",
        f"previous={head.previous or '-'}",
        f"lines={len(ordered)}",
    ]
    digest = hashlib.sha256()
    digest.update(("\n".join(top) + "\n").encode())
    digest.update("".join(f"{line.text()}\n" for line in ordered).encode())
    return digest.hexdigest()


def compare(then: Iterable[Line], now: Iterable[Line]) -> Difference:
    """How a reading differs from an earlier one."""
    before, after = {line.ref: line for line in then}, {line.ref: line for line in now}
    return Difference(
        tuple(sorted(after.keys() - before.keys())),
        tuple(sorted(before.keys() - after.keys())),
        tuple(sorted(ref for ref in before.keys() & after.keys() if before[ref] != after[ref])),
    )
