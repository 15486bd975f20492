"""The two ways in which checking may begin elsewhere than at the first entry. Both leave a signed anchor."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from toli.audit.domain.chain import NO_HEAD, Head, follows, sign
from toli.audit.errors import AuditBroken, AuditKept, AuditReasonMissing
from toli.audit.models import AnchorKind, AuditAnchor, AuditEntry
from toli.audit.services import reading
from toli.audit.services.heads import append_head, writing_alone
from toli.audit.services.recording import record
from toli.audit.services.sealing import lock
from toli.audit.services.verifying import chain_fault
from toli.core import clock

KEEP_DAYS = 365  # DPDP Rules 2025, rule 6(1)(e): logs are kept for one year
REASON_LENGTH = (5, 200)


@dataclass(frozen=True, slots=True)
class PruneReport:
    """``entries`` up to ``position`` are old enough; ``done``: they are removed."""

    entries: int
    position: int
    done: bool


@transaction.atomic
def prune(*, before: datetime, dry_run: bool = True) -> PruneReport:
    """Remove the entries at the beginning of the chain that are older than ``before``. For the operator and jobs.

    What is removed is checked first, and an anchor with the last seal of it takes its place: the rest can be
    checked from there. The database refuses the removal of anything that no such anchor covers.

    Raises:
        AuditKept: ``before`` lies within the last KEEP_DAYS. AuditBroken: what would go does not fit together.
    """
    if before > clock.now() - timedelta(days=KEEP_DAYS):
        raise AuditKept(days=KEEP_DAYS, day=clock.day_of(before).isoformat())
    lock()
    last = _last_before(before)
    old = AuditEntry.objects.filter(position__lte=last.position)
    count = old.count() if last.position else 0
    if not count or dry_run:
        return PruneReport(count, last.position, False)
    fault = chain_fault(last.position)
    if fault is not None:
        raise AuditBroken(position=fault.position)
    _drop_anchor(AnchorKind.PRUNED, last, f"before {clock.day_of(before).isoformat()}")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_auditentry WHERE position <= %s", [last.position])
    details = {"position": last.position, "count": count}
    record(actor_kind="system", actor_id=None, action="audit.prune", target="audit", details=details)
    return PruneReport(count, last.position, True)


def restart(*, reason: str) -> Head:
    """Accept the chain as it stands: after a backup was restored, or a key was lost, and somebody looked into it.

    Heads that were written down before count no more. Where a seal cannot be verified, an anchor is set at the
    last one of these. The reason stands in the heads file. Returns the head. Raises AuditReasonMissing.
    """
    words = " ".join(reason.split())
    if not REASON_LENGTH[0] <= len(words) <= REASON_LENGTH[1]:
        raise AuditReasonMissing
    with writing_alone():
        with transaction.atomic(durable=True):
            lock()
            head, broken = reading.database_head(), _last_unverifiable()
            if broken is not None:
                _drop_anchor(AnchorKind.RESTART, broken, words)
            details = {"position": head.position, "anchor": broken.position if broken else None}
            record(actor_kind="system", actor_id=None, action="audit.restart", target="audit", details=details)
        append_head(head, restart=words)
    return head


def _last_before(before: datetime) -> Head:
    """The last entry in front of the first one that is to stay."""
    sealed = AuditEntry.objects.filter(position__isnull=False)
    first = sealed.filter(at__gte=before).order_by("position").values_list("position", flat=True).first()
    old = sealed if first is None else sealed.filter(position__lt=first)
    last = old.order_by("-position").first()
    return Head(last.position or 0, bytes(last.seal or b"")) if last else Head(0, b"")


def _last_unverifiable() -> Head | None:
    keys = dict(settings.TOLI_AUDIT_KEYS)
    anchor = reading.find_anchor()
    begin = Head(anchor.position, bytes(anchor.seal)) if anchor else NO_HEAD
    broken = begin if anchor is not None and not reading.is_genuine(anchor) else None
    position, before = begin.position, begin.seal
    for link in reading.links(position):
        if link.position != position + 1 or not follows(keys, before, link.position, link.seal, link.body):
            broken = Head(link.position, link.seal)
        position, before = link.position, link.seal
    return broken


def _drop_anchor(kind: str, at: Head, reason: str) -> None:
    keys = settings.TOLI_AUDIT_KEYS
    anchor = AuditAnchor(kind=kind, position=at.position, seal=at.seal, reason=reason, at=clock.now())
    anchor.signature = sign(keys, max(keys), reading.anchor_text(anchor))
    anchor.save()
