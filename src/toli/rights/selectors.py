"""Reads of requests, of the schedule's runs, and of cases. The scope comes first."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from toli.access.domain.scope import Scope
from toli.core import clock, wall
from toli.core.crypto import cipher_for
from toli.members.models import Member
from toli.rights.domain.breaches import BOARD_HOURS, Kind, Way
from toli.rights.domain.requests import WAITING
from toli.rights.errors import BreachNotFound, ComplaintNotFound, RequestNotFound
from toli.rights.models import (
    BreachAffected,
    BreachCase,
    Complaint,
    ComplaintAbout,
    RequestKind,
    RetentionRun,
    RightsRequest,
)
from toli.territories import selectors as territories
from toli.territories.models import Node

WORDS = "rights_rightsrequest.words"
ANSWER = "rights_rightsrequest.answer"
COMPLAINT_WORDS = "rights_complaint.words"
COMPLAINT_PHONE = "rights_complaint.phone"
COMPLAINT_ANSWER = "rights_complaint.answer"
_SHOWN = ("territory",)
STALE = timedelta(days=2)  # a run that was cut off is gone on with on the next night


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


# -- complaints ------------------------------------------------------------------------------------


def complaints(scope: Scope, *, answered: bool = False, limit: int = 100) -> list[Complaint]:
    """Complaints of the scope: those that wait, the most urgent first; or those that are answered, the latest first."""
    found = Complaint.objects.within(scope).select_related("territory")
    if answered:
        return list(found.filter(answered_at__isnull=False).order_by("-answered_at", "-pk")[:limit])
    return list(found.waiting().order_by("due_at", "pk")[:limit])


def get_complaint(scope: Scope, complaint_id: int, *, lock: bool = False) -> Complaint:
    """The complaint. Raises ComplaintNotFound, also when out of scope."""
    found = Complaint.objects.within(scope).filter(pk=complaint_id)
    complaint = (found.select_for_update() if lock else found.select_related("territory", "kit")).first()
    if complaint is None:
        raise ComplaintNotFound
    return complaint


@wall.lifted("whoever holds the address reads what became of their complaint")
def complaint_behind(token: str) -> Complaint:
    """The complaint at this address. Raises ComplaintNotFound."""
    found = Complaint.objects.filter(token_hash=token_hash(token)).first()
    if found is None:
        raise ComplaintNotFound
    return found


def token_hash(token: str) -> bytes:
    """What is stored of the end of the address."""
    return hashlib.sha256(token.encode()).digest()  # 128 random bits need no key


def complaint_kinds() -> list[tuple[str, str]]:
    """What can be complained of, as choices of a form."""
    return [(about.value, str(about.label)) for about in ComplaintAbout]


def complaint_words(complaint: Complaint) -> str:
    """What happened, in their words."""
    return _opened(COMPLAINT_WORDS, complaint.words_sealed, complaint.pk)


def complaint_phone(complaint: Complaint) -> str:
    """The number that they left for an answer (E.164); empty where they left none."""
    return _opened(COMPLAINT_PHONE, complaint.phone_sealed, complaint.pk)


def complaint_answer(complaint: Complaint) -> str:
    """What was answered."""
    return _opened(COMPLAINT_ANSWER, complaint.answer_sealed, complaint.pk)


# -- the schedule ----------------------------------------------------------------------------------


def is_under_way(key: str) -> bool:
    """Whether a run of this line of the schedule was begun and not finished."""
    return RetentionRun.objects.filter(key=key, finished_at__isnull=True).exists()


def last_runs() -> dict[str, RetentionRun]:
    """The latest run of each line that has ever cleared something."""
    found = RetentionRun.objects.order_by("key", "-started_at", "-pk").distinct("key")
    return {run.key: run for run in found}


@dataclass(frozen=True, slots=True)
class Overdue:
    """What should have been done by now. ``complaints``: not taken up or not answered. ``lines`` of the schedule whose
    run was begun and not finished in time."""

    requests: int
    cases: int
    complaints: int
    lines: tuple[str, ...]


def overdue() -> Overdue:
    """Requests past their day, cases of which the Board has no details in time, runs that were cut off long ago."""
    now = clock.now()
    waiting = BreachCase.objects.filter(drill=False, closed_at__isnull=True, board_full_at__isnull=True)
    cut_off = RetentionRun.objects.filter(finished_at__isnull=True, started_at__lt=now - STALE)
    return Overdue(
        requests=RightsRequest.objects.filter(state__in=WAITING, due_at__lt=now).count(),
        complaints=Complaint.objects.waiting()
        .filter(Q(due_at__lt=now) | Q(state="received", take_up_by__lt=now))
        .count(),
        cases=waiting.filter(aware_at__lt=now - timedelta(hours=BOARD_HOURS)).count(),
        lines=tuple(cut_off.order_by("key").values_list("key", flat=True)),
    )


# -- cases -----------------------------------------------------------------------------------------

KIND_NAMES = {
    Kind.NAME: _("name"),
    Kind.PLACE: _("place (booth or ward)"),
    Kind.NUMBER: _("mobile number"),
    Kind.DIGITS: _("some digits of the mobile number"),
    Kind.CARD: _("number of the card"),
    Kind.DATES: _("since when a member"),
    Kind.LANGUAGE: _("language"),
    Kind.WORDS: _("words written or said to us"),
    Kind.CONSENTS: _("what was agreed to"),
    Kind.LOOKS: _("groups, links and lists"),
}
WAY_NAMES = {
    Way.LIST_FILE: _("in a list that was taken out"),
    Way.REVEAL: _("full number looked at"),
    Way.PAGE: _("page opened at the desk"),
    Way.LIST_PAGE: _("in a list on the screen"),
    Way.SEARCH: _("found by searching"),
    Way.COPY: _("copy of all data"),
    Way.REQUEST: _("request read"),
    Way.ALL: _("everything was taken"),
}


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """A place with how many affected people live in it, those below it included. ``depth``: 0 for the case's own."""

    code: str
    name_en: str
    name_hi: str
    level: str
    depth: int
    count: int

    def label(self, language: str) -> str:
        """The name in ``language``; English where Hindi is missing."""
        return self.name_hi if language == "hi" and self.name_hi else self.name_en


def cases(scope: Scope, *, limit: int = 100) -> list[BreachCase]:
    """Cases of the scope, open ones first, then the latest."""
    found = BreachCase.objects.within(scope).select_related("territory", "suspect")
    return list(found.order_by(F("closed_at").desc(nulls_first=True), "-pk")[:limit])


def get_case(scope: Scope, case_id: int, *, lock: bool = False) -> BreachCase:
    """The case. Raises BreachNotFound, also when out of scope."""
    found = BreachCase.objects.within(scope).filter(pk=case_id)
    found = found.select_for_update(of=("self",)) if lock else found
    case = found.select_related("territory__level").first()
    if case is None:
        raise BreachNotFound
    return case


def by_place(case: BreachCase, *, depth: int | None = None) -> list[PlaceCount]:
    """Affected people for each place, rolled up along the main tree, in the order of the tree; none where none are.

    ``depth``: how many levels below the case's own place are told apart.
    """
    root = territories.path_of(case.territory_id)
    own = BreachAffected.objects.filter(case=case, territory__isnull=False)
    own_counts = dict(own.values_list("territory_id").annotate(n=Count("pk")).order_by())
    nodes = Node.objects.current().filter(territory_id__in=list(own_counts), path__startswith=root)
    sums: Counter[str] = Counter()
    for territory_id, path in nodes.values_list("territory_id", "path"):
        below = path[len(root) :].split("/")[:-1]
        for length in range(len(below) + 1 if depth is None else min(len(below), depth) + 1):
            sums["".join([root, *[f"{part}/" for part in below[:length]]])] += own_counts[territory_id]
    found = Node.objects.current().filter(path__in=list(sums)).select_related("territory__level").order_by("path")
    return [
        PlaceCount(
            code=node.territory.code,
            name_en=node.territory.name_en,
            name_hi=node.territory.name_hi,
            level=node.territory.level.code,
            depth=node.path[len(root) :].count("/"),
            count=sums[node.path],
        )
        for node in found
    ]


def by_kind(case: BreachCase) -> dict[Kind, int]:
    """How many people are affected in each kind of data; kinds without anybody are missing."""
    found: Counter[Kind] = Counter()
    for kinds, count in _grouped(case, "kinds"):
        for kind in Kind(kinds):
            found[kind] += count
    return {kind: found[kind] for kind in Kind if found[kind]}


def by_way(case: BreachCase) -> dict[Way, int]:
    """How many people were reached in each way; ways that reached nobody are missing."""
    found: Counter[Way] = Counter()
    for ways, count in _grouped(case, "ways"):
        for way in Way(ways):
            found[way] += count
    return {way: found[way] for way in Way if found[way]}


def _grouped(case: BreachCase, field: str) -> list[tuple[int, int]]:
    found = BreachAffected.objects.filter(case=case).values_list(field).annotate(n=Count("pk"))
    return list(found.order_by(field))
