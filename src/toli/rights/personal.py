"""What members asked for under their rights, and breaches that concerned them."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from toli.core.personal_data import Holding, Person, Row, free, free_text, register
from toli.rights import selectors
from toli.rights.domain.breaches import Kind
from toli.rights.models import BreachAffected, Complaint, RightsRequest
from toli.rights.services.complaints import number_hash


def _requests(person: Person) -> QuerySet[RightsRequest]:
    return RightsRequest.objects.filter(member_id=person.member_id)


def _with_words(person: Person) -> QuerySet[RightsRequest]:
    return _requests(person).filter(~Q(words_sealed=b"") | ~Q(answer_sealed=b""))


def _export(person: Person) -> list[Row]:
    return [
        {
            "kind": request.kind,
            "filed_at": request.filed_at,
            "due_at": request.due_at,
            "state": request.state,
            "words": selectors.words_of(request),
            "answer": selectors.answer_of(request),
        }
        for request in _requests(person).order_by("pk")
    ]


register(
    Holding(
        key="rights.requests",
        label=_("What you asked for"),
        tables=("rights_rightsrequest",),
        count=lambda person: _with_words(person).count(),
        erase=lambda person: _with_words(person).update(words_sealed=b"", answer_sealed=b""),
        export=_export,
        fields={
            "kind": _("What"),
            "filed_at": _("When"),
            "due_at": _("Answer by"),
            "state": _("State"),
            "words": _("In your words"),
            "answer": _("Our answer"),
        },
        kept_because=_("That a request was made and met in time has to be shown to the authority; its words go."),
    )
)


def _complaints(person: Person) -> QuerySet[Complaint]:
    return Complaint.objects.filter(number_hash__in=[number_hash(phone) for phone in person.phones])


register(
    Holding(
        key="rights.complaints",
        label=_("Complaints in which somebody left your number"),
        tables=("rights_complaint",),
        count=lambda person: _complaints(person).count(),
        erase=lambda person: _complaints(person).update(
            words_sealed=b"", phone_sealed=b"", answer_sealed=b"", number_hash=b""
        ),
        export=lambda person: [
            {"at": row.filed_at, "about": row.get_about_display(), "state": row.get_state_display()}
            for row in _complaints(person).order_by("pk")
        ],
        fields={"at": _("When"), "about": _("What about"), "state": _("State")},
        kept_because=_("That a complaint was made and met in time has to be shown to the authority; its words go."),
    )
)
free(rights_retentionrun="counts of what was deleted")


def _affected(person: Person) -> QuerySet[BreachAffected]:
    return BreachAffected.objects.filter(member_id=person.member_id, case__drill=False)


def _export_affected(person: Person) -> list[Row]:
    return [
        {
            "from": row.case.began_at,
            "until": row.case.ended_at,
            "kinds": ", ".join(str(selectors.KIND_NAMES[kind]) for kind in Kind(row.kinds)),
            "told_at": row.told_at,
        }
        for row in _affected(person).select_related("case").order_by("pk")
    ]


register(
    Holding(
        key="rights.breaches",
        label=_("Incidents that concerned your data"),
        tables=("rights_breachaffected",),
        count=lambda person: BreachAffected.objects.filter(member_id=person.member_id, territory__isnull=False).count(),
        erase=lambda person: BreachAffected.objects.filter(member_id=person.member_id, territory__isnull=False).update(
            territory=None
        ),
        export=_export_affected,
        fields={
            "from": _("From"),
            "until": _("Until"),
            "kinds": _("Which data"),
            "told_at": _("You were told"),
        },
        kept_because=_(
            "The authority may ask whom an incident concerned and whether they were told; no name and place."
        ),
    )
)
free(rights_breachcase="what happened, when and where; not to whom")
free_text(
    "rights_breachcase.title",
    "rights_breachcase.happened_en",
    "rights_breachcase.happened_hi",
    "rights_breachcase.measures_en",
    "rights_breachcase.measures_hi",
)
