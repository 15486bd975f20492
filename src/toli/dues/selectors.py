"""Reads about dues. The scope comes first; a member reads their own."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet, Sum

from toli.access.domain.scope import Scope
from toli.core import clock
from toli.dues.domain.offers import ACTIVE, GRACE_DAYS, PRIMARY, Terms
from toli.dues.domain.terms import RENEW_FROM, has_lapsed, may_renew
from toli.dues.errors import ReceiptNotFound
from toli.dues.models import OWED, CashHolding, Dispute, Due, DueState, Handover, Offer, Receipt, Way
from toli.members.errors import DriveNotFound
from toli.members.models import Drive, Member, MemberGrade, MemberQuerySet
from toli.members.selectors import open_drive_for
from toli.territories import selectors as territories
from toli.territories.models import Node, Territory


def terms_of(drive: Drive, grade: str) -> Terms | None:
    """What the drive offers for this class, or None. Every drive offers the primary one: free, for its months."""
    offer = Offer.objects.filter(drive=drive, grade=grade).first()
    if offer is not None:
        return Terms(grade, offer.months, offer.fee, offer.currency, offer.grace_days, offer.least_months)
    return Terms(PRIMARY, drive.term_months) if grade == PRIMARY else None


def drive_within(scope: Scope, code: str) -> Drive:
    """The drive, if its territory lies in the scope. Raises DriveNotFound."""
    drive = Drive.objects.select_related("territory").filter(code=code).first()
    if drive is None or not any(scope.covers(path) for path in territories.paths_of(drive.territory_id)):
        raise DriveNotFound(drive=code)
    return drive


def pay_ways() -> tuple[str, str]:
    """The organisation's UPI address and the template of its payment page; empty where it has none."""
    return settings.TOLI_UPI_ADDRESS, settings.TOLI_PAY_LINK


def owed_by(member_id: int) -> Due | None:
    """What the member owes."""
    return Due.objects.select_related("drive").filter(member_id=member_id, state__in=OWED).first()


def receipts_of(member_id: int) -> list[Receipt]:
    """The member's receipts, newest first."""
    return list(_receipts().filter(due__member_id=member_id))


def owed(scope: Scope, place: Territory, *, claimed: bool | None = None) -> QuerySet[Due]:
    """What members below the place owe, oldest first; ``claimed``: only what they say they have paid, or the rest."""
    found = Due.objects.filter(state__in=OWED, member__in=_members(scope, place)).select_related("member", "drive")
    if claimed is not None:
        found = found.filter(claimed_at__isnull=not claimed)
    return found.order_by("created_at", "pk")


def receipts(scope: Scope, place: Territory | None = None) -> QuerySet[Receipt]:
    """Receipts of money that was paid below the place, newest first."""
    found = _receipts()
    if not scope.everywhere:
        found = found.filter(territory_id__in=Node.objects.within_paths(scope.paths).values("territory_id"))
    if place is not None:
        found = found.filter(territory_id__in=territories.descendant_ids(place))
    return found


def get_receipt(scope: Scope, receipt_id: int) -> Receipt:
    """The receipt. Raises ReceiptNotFound, also when out of scope."""
    found = receipts(scope).filter(pk=receipt_id).first()
    if found is None:
        raise ReceiptNotFound
    return found


def own_receipt(member_id: int, receipt_id: int) -> Receipt:
    """One of the member's receipts. Raises ReceiptNotFound."""
    found = _receipts().filter(pk=receipt_id, due__member_id=member_id).first()
    if found is None:
        raise ReceiptNotFound
    return found


def sums(scope: Scope, place: Territory) -> list[dict[str, Any]]:
    """For each currency: what was paid below the place, of that in cash, and what is owed. Exact whole numbers."""
    counted = receipts(scope, place).filter(cancellation__isnull=True).order_by()
    found: dict[str, dict[str, Any]] = {}
    paid = counted.values("currency").annotate(
        paid=Sum("amount"), cash=Sum("amount", filter=Q(way=Way.CASH), default=0), receipts=Count("pk")
    )
    due = owed(scope, place).order_by().values("currency").annotate(owed=Sum("amount"), dues=Count("pk"))
    for row in [*paid, *due]:
        nothing = {"paid": 0, "cash": 0, "receipts": 0, "owed": 0, "dues": 0}
        found[row["currency"]] = {**found.get(row["currency"], nothing), **row}
    return [found[currency] for currency in sorted(found)]


def sums_by_collector(scope: Scope, place: Territory) -> list[dict[str, Any]]:
    """Cash below the place by who took it."""
    counted = receipts(scope, place).filter(cancellation__isnull=True, way=Way.CASH)
    counted = counted.order_by("taken_by__display_name", "taken_by_id", "currency")
    grouped = counted.values("taken_by_id", "taken_by__display_name", "currency")
    return [dict(row) for row in grouped.annotate(cash=Sum("amount"), receipts=Count("pk"))]


def open_disputes(scope: Scope, place: Territory | None = None) -> Sequence[Dispute]:
    """What members say they never paid, oldest first."""
    found = Dispute.objects.filter(receipt__in=receipts(scope, place).order_by(), answered_at__isnull=True)
    return list(found.select_related("receipt__drive", "receipt__taken_by", "receipt__due__member").order_by("at"))


def _receipts() -> QuerySet[Receipt]:
    joined = Receipt.objects.select_related("drive", "taken_by", "due__member", "cancellation", "dispute", "territory")
    return joined.order_by("-pk")


def _members(scope: Scope, place: Territory) -> MemberQuerySet:
    return Member.objects.within(scope).filter(territory_id__in=territories.descendant_ids(place))


# -- terms -----------------------------------------------------------------------------------------


def renewal_of(member: Member) -> tuple[Drive, Terms]:
    """By which drive and on what terms the member can renew: the one that is open where they live, else their own."""
    for drive in (open_drive_for(member.territory), member.drive):
        terms = terms_of(drive, member.grade) if drive else None
        if drive and terms:
            return drive, terms
    return member.drive, Terms(member.grade, member.drive.term_months)  # the class is offered no more: its members stay


def renewal_for(member: Member) -> Terms | None:
    """On what terms the member can renew today; None: it is too early."""
    return renewal_of(member)[1] if may_renew(member.member_until, clock.today()) else None


def promotion_of(member: Member) -> Terms | None:
    """On what terms the member can become an active one; None: it is not offered, or they are."""
    return terms_of(member.drive, ACTIVE) if member.grade == PRIMARY else None


def grace_days_of(member: Member) -> int:
    """The days after the member's last day in which nothing is taken away, as their own drive has it."""
    terms = terms_of(member.drive, member.grade)
    return terms.grace_days if terms else GRACE_DAYS


def over() -> Iterator[QuerySet[Member]]:
    """Active members whose term and days of grace are over and who do not say they have paid, by drive and class."""
    for drive in Drive.objects.order_by("pk"):
        for grade in MemberGrade.values:
            terms = terms_of(drive, grade)
            last = clock.today() - timedelta(days=terms.grace_days if terms else GRACE_DAYS)
            found = Member.objects.active().filter(drive=drive, grade=grade, member_until__lt=last)
            yield found.exclude(dues__state=DueState.CLAIMED).order_by("pk")


def is_over(member: Member) -> bool:
    """Whether the member's term and days of grace are over."""
    return has_lapsed(member.member_until, grace_days_of(member), clock.today())


def ending(scope: Scope, place: Territory) -> QuerySet[Member]:
    """Members below the place who can renew now, the first to end first; also those whose term is over."""
    last = clock.today() + RENEW_FROM
    return _members(scope, place).known().filter(member_until__lte=last).order_by("member_until", "pk")


# -- cash ------------------------------------------------------------------------------------------


def cash_of(account_id: int) -> list[dict[str, Any]]:
    """What the person holds of each currency: ``held`` altogether, ``waiting`` of it handed over and not answered."""
    rows = CashHolding.objects.filter(holder_id=account_id).values("receipt__currency").order_by("receipt__currency")
    sums = rows.annotate(
        held=Sum("receipt__amount"),
        waiting=Sum("receipt__amount", filter=Q(handover__isnull=False), default=0),
        receipts=Count("pk"),
    )
    return [{"currency": row["receipt__currency"], **row} for row in sums]


def cash_held(account_id: int) -> list[Receipt]:
    """The receipts whose cash the person holds, newest first."""
    return list(_receipts().filter(holding__holder_id=account_id))


def handovers_to(account_id: int) -> list[Handover]:
    """Cash that others say they gave to this person, and that waits for an answer."""
    waiting = Handover.objects.filter(receiver_id=account_id, confirmed_at__isnull=True, refused_at__isnull=True)
    return list(waiting.select_related("giver").order_by("at"))


def handovers_of(account_id: int) -> list[Handover]:
    """What this person gave away or got, newest first."""
    theirs = Handover.objects.filter(Q(giver_id=account_id) | Q(receiver_id=account_id))
    return list(theirs.select_related("giver", "receiver").order_by("-at")[:50])


def not_handed_over(scope: Scope, place: Territory) -> list[dict[str, Any]]:
    """Cash of receipts below the place that is still with whoever took it, by currency."""
    held = CashHolding.objects.filter(receipt__in=receipts(scope, place).order_by(), holder=F("receipt__taken_by"))
    rows = held.values("receipt__currency").order_by("receipt__currency").annotate(held=Sum("receipt__amount"))
    return [{"currency": row["receipt__currency"], "held": row["held"]} for row in rows]
