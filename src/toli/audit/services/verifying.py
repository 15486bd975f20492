"""Checking: the chain is computed again and compared with what stands there, and with the heads file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from toli.audit.domain import heads as judging
from toli.audit.domain.chain import START, Head, Link, follows
from toli.audit.domain.faults import Fault, FaultKind, diagnose
from toli.audit.domain.heads import HeadLine, Known
from toli.audit.models import AnchorKind, AuditAnchor
from toli.audit.services import reading
from toli.audit.services.heads import heads_path, read_heads

Advance = Callable[[int, int], None]
_STEP = 2000


@dataclass(slots=True)
class Report:
    """``checked``: entries whose seal was computed again. ``start``: the position of the anchor it began behind.

    ``faults``: the first wrong entry of the chain, and what contradicts the heads file; by position.
    ``waiting`` entries are not sealed yet, the oldest for ``waiting_seconds``. ``heads``: lines compared.
    """

    checked: int = 0
    start: int = 0
    start_reason: str = ""
    head: Head = field(default_factory=lambda: Head(0, START))
    faults: list[Fault] = field(default_factory=list)
    waiting: int = 0
    waiting_seconds: int = 0
    heads: int = 0
    torn: int = 0
    restarts: Sequence[HeadLine] = ()

    @property
    def fault(self) -> Fault | None:
        """The first thing that is wrong."""
        return self.faults[0] if self.faults else None


def verify(*, heads: Path | None = None, advance: Advance | None = None) -> Report:
    """Check every entry. ``heads``: a heads file, such as a copy from another machine; None: our own.

    Raises OSError: ``heads`` was named and cannot be read.
    """
    own = heads_path()
    lines = read_heads(heads or own) if heads or own.exists() else []
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone:  # everything is read as it was at one moment, while others go on writing
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return _verify(judging.weigh(lines), len(lines), advance)


@transaction.atomic
def check_tail(*, links: int) -> Report:
    """Check the last entries only, and the head against the last line of our own heads file. Quick."""
    head = reading.database_head()
    anchor = reading.find_anchor()
    report = Report(start=max(head.position - links, anchor.position if anchor else 0))
    report.head = head
    report.waiting, report.waiting_seconds = reading.unsealed()
    before = _seal_at(report.start, anchor)
    if before is None:
        report.faults.append(Fault(FaultKind.REMOVED, report.start))
        return report
    _walk(report, Head(report.start, before), {}, None)
    lines = read_heads(heads_path()) if heads_path().exists() else []
    known = judging.weigh(lines)
    known.heads = {known.latest.position: known.latest.seal} if known.latest else {}
    seals = {position: _seal_at(position, anchor) or b"" for position in known.heads}
    _compare(report, known, seals)
    return report


def chain_fault(until: int) -> Fault | None:
    """The first fault among the entries up to a position. For those who are about to remove them."""
    report = Report()
    anchor = reading.find_anchor()
    begin = Head(anchor.position, bytes(anchor.seal)) if anchor else Head(0, START)
    _walk(report, begin, {}, None, until=until)
    return report.fault


def _verify(known: Known, lines: int, advance: Advance | None) -> Report:
    anchor = reading.find_anchor()
    report = Report(heads=lines, torn=known.torn, restarts=known.restarts)
    begin = Head(0, START)
    if anchor is not None:
        begin = Head(anchor.position, bytes(anchor.seal))
        report.start, report.start_reason = anchor.position, anchor.reason
        report.faults += _anchor_faults(anchor)
    report.waiting, report.waiting_seconds = reading.unsealed()
    report.head = reading.database_head()
    seals = {begin.position: begin.seal} if begin.position else {}
    wanted = dict.fromkeys(known.heads, b"")
    _walk(report, begin, wanted, advance)
    seals.update({position: seal for position, seal in wanted.items() if seal})
    _compare(report, known, seals)
    return report


def _anchor_faults(anchor: AuditAnchor) -> list[Fault]:
    if not reading.is_genuine(anchor):
        return [Fault(FaultKind.ANCHOR, anchor.position)]
    first = next(reading.links(), None)
    if anchor.kind == AnchorKind.PRUNED and first is not None and first.position <= anchor.position:
        return [Fault(FaultKind.INSERTED, first.position, first.entry_id)]
    return []


def _walk(
    report: Report, begin: Head, wanted: dict[int, bytes], advance: Advance | None, *, until: int = 2**63 - 1
) -> None:
    """Follow the chain from ``begin`` to the first entry that does not fit. Fills in the ``wanted`` seals."""
    keys = dict(settings.TOLI_AUDIT_KEYS)
    position, before = begin.position, begin.seal
    total = min(report.head.position, until) - position
    after = begin.position if begin.position else -(2**63)
    for link in reading.links(after, until):
        if link.position != position + 1 or not follows(keys, before, position + 1, link.seal, link.body):
            report.faults.append(_fault(keys, before, position + 1, link))
            return
        position, before = link.position, link.seal
        report.checked += 1
        if position in wanted:
            wanted[position] = link.seal
        if advance and report.checked % _STEP == 0:
            advance(report.checked, total)
    if advance:
        advance(report.checked, report.checked)


def _fault(keys: dict[int, bytes], before: bytes, position: int, found: Link) -> Fault:
    if found.position < position:  # two at one position, or one before the first
        return Fault(FaultKind.INSERTED, found.position, found.entry_id)
    return diagnose(keys, before, position, found, reading.links)


def _compare(report: Report, known: Known, seals: dict[int, bytes]) -> None:
    """Ask the heads file; where the chain itself breaks, only about what stands before the break."""
    broken, reached = report.fault, report.head
    if broken is not None:
        known.heads = {position: seal for position, seal in known.heads.items() if position < broken.position}
        reached = Head(broken.position, b"")
    fault = judging.contradiction(known, seals, reached, report.start)
    if fault is None or (broken and (fault.kind is FaultKind.HEADS or fault.position >= broken.position)):
        return
    report.faults.insert(0, fault)


def _seal_at(position: int, anchor: AuditAnchor | None) -> bytes | None:
    if position == 0:
        return START
    if anchor is not None and anchor.position == position:
        return bytes(anchor.seal)
    found = next(reading.links(position - 1, position), None)
    return found.seal if found else None
