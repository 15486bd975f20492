"""Reads of requests. The scope comes first."""

from collections.abc import Iterable

from toli.access.domain.scope import Scope
from toli.core.crypto import cipher_for
from toli.members.models import Member
from toli.rights.domain.requests import WAITING
from toli.rights.errors import RequestNotFound
from toli.rights.models import RequestKind, RetentionRun, RightsRequest

WORDS = "rights_rightsrequest.words"
ANSWER = "rights_rightsrequest.answer"
_SHOWN = ("territory",)


def inbox(scope: Scope, *, closed: bool = False, limit: int = 100) -> list[RightsRequest]:
    """Requests of the scope: those that wait, the most urgent first; or those that are closed, the latest first."""
    found = RightsRequest.objects.within(scope).select_related(*_SHOWN)
    if closed:
        return list(found.exclude(state__in=WAITING).order_by("-closed_at", "-pk")[:limit])
    return list(found.filter(state__in=WAITING).order_by("due_at", "pk")[:limit])


def get_request(scope: Scope, request_id: int, *, lock: bool = False) -> RightsRequest:
    """The request. Raises RequestNotFound, also when out of scope."""
    found = RightsRequest.objects.within(scope).filter(pk=request_id)
    request = (found.select_for_update() if lock else found.select_related(*_SHOWN)).first()
    if request is None:
        raise RequestNotFound
    return request


def names_of(scope: Scope, requests: Iterable[RightsRequest]) -> dict[int, str]:
    """The names of those who asked, by member; of people who were erased or live elsewhere by now there is none."""
    ids = [request.member_id for request in requests]
    return dict(Member.objects.within(scope).filter(pk__in=ids).values_list("pk", "name"))


def kinds() -> list[tuple[str, str]]:
    """What can be asked for, as choices of a form."""
    return [(kind.value, str(kind.label)) for kind in RequestKind]


def requests_of(member_id: int) -> list[RightsRequest]:
    """The member's own requests, the latest first."""
    return list(RightsRequest.objects.filter(member_id=member_id).order_by("-pk"))


def words_of(request: RightsRequest) -> str:
    """What the member wrote."""
    return _opened(WORDS, request.words_sealed, request.pk)


def answer_of(request: RightsRequest) -> str:
    """What the officer answered."""
    return _opened(ANSWER, request.answer_sealed, request.pk)


def _opened(context: str, sealed: bytes | memoryview, row: int) -> str:
    return cipher_for(context).decrypt(bytes(sealed), row=row) if sealed else ""


# -- the schedule ----------------------------------------------------------------------------------


def is_under_way(key: str) -> bool:
    """Whether a run of this line of the schedule was begun and not finished."""
    return RetentionRun.objects.filter(key=key, finished_at__isnull=True).exists()


def last_runs() -> dict[str, RetentionRun]:
    """The latest run of each line that has ever cleared something."""
    found = RetentionRun.objects.order_by("key", "-started_at", "-pk").distinct("key")
    return {run.key: run for run in found}
