"""How long the trail is kept: as long as the law asks. Old entries go from its beginning, a day at a time."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from toli.audit import services
from toli.audit.models import AuditEntry
from toli.core.keeping import Acts, After, Term, register

KEEP_DAYS = 365  # DPDP Rules 2025, rule 6(1)(e): logs are kept for one year
DAY = timedelta(days=1)


def _count(before: datetime) -> int:
    return services.prune(before=before).entries


def _clear(before: datetime, _most: int) -> int:
    first = AuditEntry.objects.filter(position__isnull=False).order_by("position").values_list("at", flat=True).first()
    if first is None or first >= before:
        return 0
    return services.prune(before=min(before, first + DAY), dry_run=False).entries


register(
    Term(
        key="audit.entries",
        label=_("Audit trail"),
        tables=("audit_auditentry",),
        days=KEEP_DAYS,
        least=KEEP_DAYS,
        most=3650,
        since=_("since it was recorded"),
        why=_("DPDP Rules 2025, rule 6: logs are kept for a year."),
        after=After.DELETED,
        store=Acts(_count, _clear),
        evidence=True,
    )
)
