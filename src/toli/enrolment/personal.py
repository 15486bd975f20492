"""What is kept of people who were written down, and of how somebody came in."""

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from toli.core.crypto import index_for
from toli.core.personal_data import Holding, Person, Row, free, free_text, register
from toli.enrolment.models import Application, Arrival, CallLine, HeldMember, Wish
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


def _arrivals(person: Person) -> QuerySet[Arrival]:
    return Arrival.objects.filter(member_id=person.member_id)


def _held(person: Person) -> QuerySet[HeldMember]:
    return HeldMember.objects.filter(member_id=person.member_id)


register(
    Holding(
        key="enrolment.arrivals",
        label=_("How you came in"),
        tables=("enrolment_arrival",),
        count=lambda person: _arrivals(person).count(),
        erase=lambda person: _arrivals(person).delete()[0],
        export=lambda person: [{"at": row.at} for row in _arrivals(person).order_by("at")],
        fields={"at": _("When")},
    )
)
register(
    Holding(
        key="enrolment.held",
        label=_("That your joining was checked"),
        tables=("enrolment_heldmember",),
        count=lambda person: _held(person).count(),
        erase=lambda person: _held(person).delete()[0],
        export=lambda person: [{"at": row.held_at, "state": row.state} for row in _held(person).order_by("held_at")],
        fields={"at": _("When"), "state": _("State")},
    )
)


def _calls(person: Person) -> QuerySet[CallLine]:
    return CallLine.objects.filter(member_id=person.member_id)


register(
    Holding(
        key="enrolment.calls",
        label=_("That you were drawn by lot to be called"),
        tables=("enrolment_callline",),
        count=lambda person: _calls(person).count(),
        erase=lambda person: _calls(person).delete()[0],
        export=lambda person: [
            {"at": row.called_at, "outcome": row.get_outcome_display()} for row in _calls(person).order_by("pk")
        ],
        fields={"at": _("When"), "outcome": _("What you said")},
    )
)


def _wishes(person: Person) -> QuerySet[Wish]:
    return Wish.objects.filter(member_id=person.member_id)


def _export_wishes(person: Person) -> list[Row]:
    return [
        {
            "asked_at": row.asked_at,
            "kind": row.get_kind_display(),
            "place": row.territory.code,
            "state": row.get_state_display(),
            "decided_at": row.decided_at,
            "note": row.note,
        }
        for row in _wishes(person).select_related("territory").order_by("pk")
    ]


register(
    Holding(
        key="enrolment.wishes",
        label=_("What you asked for about your membership"),
        tables=("enrolment_wish",),
        count=lambda person: _wishes(person).count(),
        erase=lambda person: _wishes(person).delete()[0],
        export=_export_wishes,
        fields={
            "asked_at": _("When"),
            "kind": _("What"),
            "place": _("Place"),
            "state": _("State"),
            "decided_at": _("Answered"),
            "note": _("Answer"),
        },
    )
)
free_text("enrolment_wish.note")
free(
    enrolment_callsample="ids out of which some were drawn, and the seed of the lot",
    enrolment_case="counts and times of a source, and its keyed hash",
    enrolment_casestep="what staff decided about a case",
)
free_text("enrolment_casestep.words")
