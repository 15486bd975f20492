"""What the heads file says about a chain: how far it once reached, and whether it went back since."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from toli.audit.domain.chain import Head
from toli.audit.domain.faults import Fault, FaultKind


@dataclass(frozen=True, slots=True)
class HeadLine:
    """One line of the file. ``restart``: why the chain was told to go on from here; empty for an ordinary head.

    ``valid``: the signature is ours. ``position`` 0 and ``valid`` False: the line cannot be read at all.
    """

    number: int
    position: int = 0
    seal: bytes = b""
    at: str = ""
    restart: str = ""
    valid: bool = False


@dataclass(slots=True)
class Known:
    """What counts of a heads file: the heads by position, and what is wrong with the file itself."""

    heads: dict[int, bytes] = field(default_factory=dict)
    latest: HeadLine | None = None
    went_back: Fault | None = None
    forged: list[int] = field(default_factory=list)
    torn: int = 0
    restarts: list[HeadLine] = field(default_factory=list)


def weigh(lines: Iterable[HeadLine]) -> Known:
    """Go through the file from its first line. A restart makes the heads above it, and earlier faults, void."""
    known = Known()
    for line in lines:
        if not line.valid and not line.position:
            known.torn += 1
        elif not line.valid:
            known.forged.append(line.number)
        elif line.restart:
            _restart(known, line)
        else:
            _add(known, line)
    return known


def _restart(known: Known, line: HeadLine) -> None:
    known.heads = {line.position: line.seal}  # it vouches for all before it
    known.latest, known.went_back = line, None
    known.forged.clear()
    known.restarts.append(line)


def _add(known: Known, line: HeadLine) -> None:
    highest = known.latest.position if known.latest else 0
    if line.position < highest and known.went_back is None:
        known.went_back = Fault(FaultKind.CUT, line.position + 1, known=highest)
    known.heads.setdefault(line.position, line.seal)
    if line.position >= highest:
        known.latest = line


def contradiction(known: Known, seals: Mapping[int, bytes], head: Head, start: int) -> Fault | None:
    """Where the database and the file disagree. ``seals``: of the database, at positions that the file knows.

    ``start``: the position of the anchor; the file's heads before it are not compared.
    """
    if known.went_back is not None and known.went_back.position > start:
        return known.went_back
    agreed = start
    for position in sorted(known.heads):
        if position < start:
            continue
        if position > head.position:
            highest = known.latest.position if known.latest else position
            return Fault(FaultKind.CUT, head.position + 1, known=highest)
        if seals.get(position) != known.heads[position]:
            return Fault(FaultKind.CUT, agreed + 1, known=position)
        agreed = position
    if known.forged:
        return Fault(FaultKind.HEADS, 0, known=known.forged[0])
    return None
