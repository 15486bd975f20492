"""What members asked for under their rights."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from toli.core.personal_data import Holding, Person, Row, free, register
from toli.rights import selectors
from toli.rights.models import RightsRequest


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
free(rights_retentionrun="counts of what was deleted")
