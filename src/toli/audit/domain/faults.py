"""What is wrong with a chain, and with which entry: told from what was left."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from toli.audit.domain.chain import Keys, Link, follows, make_seal, version_of

RENUMBERED = 10_000  # so many missing entries are recognised although those behind them were renumbered
LOOK_AHEAD = 50
Rows = Callable[[], Iterator[Link]]


class FaultKind(StrEnum):
    """What happened to the entry that is named."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    CUT = "cut"
    KEY = "key"
    ANCHOR = "anchor"
    HEADS = "heads"


@dataclass(frozen=True, slots=True)
class Fault:
    """``position``: of the first entry that is not what was sealed. ``count``: how many are missing, where known.

    ``known``: the last position that the heads file knows, for an end that was cut off; else the line of that
    file, for a line that was changed.
    """

    kind: FaultKind
    position: int
    entry_id: int | None = None
    count: int = 0
    known: int = 0


def diagnose(keys: Keys, before: bytes, position: int, found: Link | None, rows: Rows) -> Fault:
    """Why no fitting entry stands at ``position``, behind the seal ``before``; ``found`` stands there instead.

    ``found``: the first link at or behind the position (its own position tells which); None: nothing follows.
    ``rows`` gives all links by position, as often as it is called.
    """
    if found is None or found.position > position:
        return _missing(keys, before, position, found, rows)
    versions = [version_of(found.seal)] if version_of(found.seal) in keys else list(keys)
    own = {make_seal(keys, version, before, position, found.body) for version in versions}
    rightful: Link | None = None
    for row in rows():
        if row.entry_id == found.entry_id:
            continue
        if row.seal in own:
            return Fault(FaultKind.REORDERED, position, found.entry_id)
        if follows(keys, before, position, row.seal, row.body):
            rightful = row
    if rightful is not None:
        kind = FaultKind.REORDERED if _genuine(keys, found, position, rightful, rows) else FaultKind.INSERTED
        return Fault(kind, position, found.entry_id)
    return _changed_or_renumbered(keys, position, found, own, rows)


def _missing(keys: Keys, before: bytes, position: int, found: Link | None, rows: Rows) -> Fault:
    for row in rows():
        if follows(keys, before, position, row.seal, row.body):
            return Fault(FaultKind.REORDERED, position, row.entry_id)
    return Fault(FaultKind.REMOVED, position, count=found.position - position if found else 0)


def _genuine(keys: Keys, found: Link, position: int, rightful: Link, rows: Rows) -> bool:
    """Whether ``found`` once stood behind another entry of the chain: it was moved, not made up."""
    if follows(keys, rightful.seal, position + 1, found.seal, found.body):
        return True
    return any(
        follows(keys, row.seal, row.position + shift, found.seal, found.body) for row in rows() for shift in (0, 1, 2)
    )


def _changed_or_renumbered(keys: Keys, position: int, found: Link, own: set[bytes], rows: Rows) -> Fault:
    """Nothing else belongs there: either the entry itself was changed, or those before it are gone and it moved up."""
    behind = [row for row in rows() if position < row.position <= position + LOOK_AHEAD]
    if behind:
        follower = behind[0]
        if any(follows(keys, seal, position + 1, follower.seal, follower.body) for seal in own):
            return Fault(FaultKind.CHANGED, position, found.entry_id)
        for shift in range(RENUMBERED + 1):
            if follows(keys, found.seal, position + 1 + shift, follower.seal, follower.body):
                kind = FaultKind.REMOVED if shift else FaultKind.CHANGED
                return Fault(kind, position, None if shift else found.entry_id, count=shift)
        if len(behind) > 1 and not _any_fits(keys, behind):
            return Fault(FaultKind.KEY, position, found.entry_id)
    if not behind and version_of(found.seal) not in keys:
        return Fault(FaultKind.KEY, position, found.entry_id)
    return Fault(FaultKind.CHANGED, position, found.entry_id)


def _any_fits(keys: Keys, links: list[Link]) -> bool:
    return any(follows(keys, one.seal, other.position, other.seal, other.body) for one, other in pairwise(links))
