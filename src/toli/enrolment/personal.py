"""What is kept of people who were written down: open entries with their number, and that they became members by one."""

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from toli.core.crypto import index_for
from toli.core.personal_data import Holding, Person, Row, free, register
from toli.enrolment.models import Application
from toli.enrolment.models.applications import OPEN
from toli.enrolment.services.applications import forget_applications
from toli.members.selectors import PHONE_INDEX


def _of(person: Person) -> QuerySet[Application]:
    """What led to their membership, and what is open under their numbers."""
    keys = [key for phone in person.phones for key in index_for(PHONE_INDEX).all_of(phone)]
    return Application.objects.filter(Q(member_id=person.member_id) | Q(number_index__in=keys, state__in=OPEN))


def _export(person: Person) -> list[Row]:
    return [
        {
            "captured_at": row.captured_at,
            "place": row.territory.label(settings.LANGUAGE_CODE),
            "name": row.name,
            "state": row.state,
            "ended_at": row.ended_at,
        }
        for row in _of(person).select_related("territory").order_by("pk")
    ]


register(
    Holding(
        key="enrolment.applications",
        label=_("How a coordinator wrote you down"),
        tables=("enrolment_application",),
        count=lambda person: _of(person).count(),
        erase=lambda person: forget_applications(_of(person)),
        export=_export,
        fields={
            "captured_at": _("When"),
            "place": _("Place"),
            "name": _("Name"),
            "state": _("State"),
            "ended_at": _("Ended"),
        },
    )
)
free(enrolment_device="phones of staff: a public key")
