"""The audit trail names people by id only."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from toli.audit.models import AuditEntry
from toli.core.personal_data import Holding, Person, Row, free, register


def _own(person: Person) -> QuerySet[AuditEntry]:
    own = Q(target=f"member:{person.member_id}")
    if person.account_id:
        own |= Q(actor_kind="member", actor_id=person.account_id)
    return AuditEntry.objects.filter(own)


def _export(person: Person) -> list[Row]:
    return [{"at": entry.at, "what": entry.action} for entry in _own(person).order_by("pk")]


register(
    Holding(
        key="audit.entries",
        label=_("What was done, and when"),
        tables=("audit_auditentry",),
        count=lambda _person: 0,
        erase=lambda _person: 0,
        export=_export,
        fields={"at": _("When"), "what": _("What")},
        kept_because=_(
            "Entries hold ids, no name and no number. They are kept for a year as the law asks, "
            "and because a trail with holes proves nothing."
        ),
    )
)
free(audit_auditanchor="positions of the chain, and why the operator set them")
