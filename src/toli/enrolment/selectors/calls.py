"""Who could be drawn to be called, who was, and what the calls say about a place and about each helper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from toli.access.domain.scope import Scope
from toli.accounts.models import Account
from toli.enrolment.domain.sampling import Share, draw
from toli.enrolment.errors import SampleNotFound
from toli.enrolment.models import Application, CallLine, CallSample, Outcome
from toli.enrolment.models.calls import REACHED
from toli.members.models import Member
from toli.territories import selectors as territories
from toli.territories.models import Node, Territory


def call_frame(place: Territory, *, since: datetime, until: datetime, most: int) -> list[int]:
    """Ids of active members below the place who joined in this time and were never drawn; ``most`` at most."""
    found = Member.objects.active().filter(created_at__gt=since, created_at__lte=until)
    found = found.filter(territory_id__in=territories.descendant_ids(place))
    drawn = CallLine.objects.filter(member_id__in=found.values("pk")).values("member_id")
    return list(found.exclude(pk__in=drawn).order_by("pk").values_list("pk", flat=True)[:most])


def lines_for(chosen: Sequence[int]) -> list[CallLine]:
    """A line, not stored yet, for each member who was drawn, in this order."""
    people = Member.objects.in_bulk(chosen)
    helpers = dict(Application.objects.filter(member_id__in=chosen).values_list("member_id", "enroller_id"))
    return [
        CallLine(
            place=place,
            member=people[member_id],
            territory_id=people[member_id].territory_id,
            source=people[member_id].source,
            enroller_id=helpers.get(member_id),
        )
        for place, member_id in enumerate(chosen, 1)
    ]


def outcomes() -> list[tuple[str, str]]:
    """What a call can bring, with the words for it."""
    return [(outcome.value, str(outcome.label)) for outcome in Outcome]


def get_sample(scope: Scope, sample_id: int, *, lock: bool = False) -> CallSample:
    """The sample. Raises SampleNotFound, also when out of scope."""
    if lock:
        list(CallSample.objects.within(scope).select_for_update(of=("self",)).filter(pk=sample_id))
    sample = samples(scope).filter(pk=sample_id).first()
    if sample is None:
        raise SampleNotFound
    return sample


def samples(scope: Scope, *, place: Territory | None = None, caller_id: int | None = None) -> QuerySet[CallSample]:
    """Samples of the scope, the latest first: of a place and those below it, or of one caller."""
    found = CallSample.objects.within(scope).select_related("territory__level", "caller", "drawn_by")
    if place is not None:
        found = found.filter(territory_id__in=territories.descendant_ids(place))
    if caller_id is not None:
        found = found.filter(caller_id=caller_id)
    called = Count("lines", filter=~Q(lines__outcome=""))
    return found.annotate(called=called, drawn=Count("lines")).order_by("-drawn_at", "-pk")


def lines_of(sample: CallSample) -> list[CallLine]:
    """The people of a sample, in the order of the lot."""
    return list(sample.lines.select_related("member", "territory", "enroller").order_by("place"))


def draws_again(sample: CallSample) -> bool | None:
    """Whether the seed draws exactly these people out of those who could have been drawn; those who were erased since
    are passed by. None: it is no longer kept who could have been drawn."""
    if not sample.frame:
        return None
    kept = list(sample.lines.order_by("place").values_list("place", "member_id"))
    again = dict(enumerate(draw(sample.seed, sample.frame, sample.size), start=1))
    return bool(kept) and all(again.get(place) == member_id for place, member_id in kept)


@dataclass(frozen=True, slots=True)
class Called:
    """What calls brought: of a place, of a helper, of those who came in by themselves."""

    territory: Territory | None = None
    enroller: Account | None = None
    source: str = ""
    counts: tuple[tuple[str, int], ...] = ()

    def of(self, *outcomes: str) -> int:
        """How many calls had one of these outcomes."""
        return sum(count for outcome, count in self.counts if outcome in outcomes)

    @property
    def drawn(self) -> int:
        return sum(count for _outcome, count in self.counts)

    @property
    def reached(self) -> int:
        return self.of(*REACHED)

    @property
    def not_asked(self) -> Share:
        """Of those who were reached, who did not ask to join."""
        return Share(self.of(Outcome.NOT_ASKED), self.reached)

    @property
    def confirmed(self) -> Share:
        """Of those who were reached, who want to be members."""
        return Share(self.of(Outcome.CONFIRMED), self.reached)


def call_results(scope: Scope, place: Territory) -> tuple[Called, list[Called], list[Called]]:
    """What all calls below the place brought: altogether, for each place right below it, and for each helper (the most
    who did not ask first; at the end those whom no helper wrote down, by how they came in)."""
    lines = CallLine.objects.filter(territory_id__in=territories.descendant_ids(place))
    if not scope.everywhere:
        lines = lines.filter(territory_id__in=Node.objects.within_paths(scope.paths).values("territory_id"))
    children = [
        Called(territory=child, counts=_counts(lines.filter(territory_id__in=territories.descendant_ids(child))))
        for child in territories.children(scope, place)
    ]
    return Called(place, counts=_counts(lines)), [row for row in children if row.drawn], _by_helper(lines)


def _counts(lines: QuerySet[CallLine]) -> tuple[tuple[str, int], ...]:
    return tuple(lines.order_by().values_list("outcome").annotate(Count("pk")))


def _by_helper(lines: QuerySet[CallLine]) -> list[Called]:
    found: dict[tuple[int | None, str], list[tuple[str, int]]] = {}
    for enroller_id, source, outcome, count in (
        lines.order_by().values_list("enroller_id", "source", "outcome").annotate(Count("pk"))
    ):
        key = (enroller_id, "" if enroller_id else source)
        found.setdefault(key, []).append((outcome, count))
    people = Account.objects.in_bulk([enroller_id for enroller_id, _source in found if enroller_id])
    rows = [
        Called(enroller=people.get(enroller_id or 0), source=source, counts=tuple(counts))
        for (enroller_id, source), counts in found.items()
    ]
    return sorted(rows, key=lambda row: (row.enroller is None, -row.of(Outcome.NOT_ASKED), -row.reached))
