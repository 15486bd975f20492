"""Reads of the trail, before any scope: who may see which entries is decided above (access.trail)."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from toli.audit.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Sought:
    """What to look for. ``action``: exactly this, or everything that begins with it and a dot; the same for
    ``target`` and a colon. ``actions``: exactly one of these. ``kind``: the kind of actor that ``actor_id``
    belongs to. ``until`` is not included.
    ``address``: from where, exactly.
    """

    action: str = ""
    actions: tuple[str, ...] = ()
    target: str = ""
    actor_id: int | None = None
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    address: str = ""

    def conditions(self) -> Q:
        """As a condition on entries."""
        found = Q()
        if self.action:
            found &= Q(action=self.action) | Q(action__startswith=self.action + ".")
        if self.actions:
            found &= Q(action__in=self.actions)
        if self.target:
            found &= Q(target=self.target) | Q(target__startswith=self.target + ":")
        if self.actor_id is not None:
            found &= Q(actor_id=self.actor_id)
        if self.kind:
            found &= Q(actor_kind=self.kind)
        if self.since:
            found &= Q(at__gte=self.since)
        if self.until:
            found &= Q(at__lt=self.until)
        if self.address:
            found &= Q(address=self.address)
        return found


EVERYTHING = Sought()


def entries(sought: Sought = EVERYTHING, *, before: int | None = None) -> QuerySet[AuditEntry]:
    """The entries sought, the latest first; those with ids below ``before``."""
    found = AuditEntry.objects.filter(sought.conditions()).defer("seal").order_by("-pk")
    return found if before is None else found.filter(pk__lt=before)
