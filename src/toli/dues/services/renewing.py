"""Renewing a membership, and becoming an active member: at once where it is free, else when the fee is paid."""

from django.db import transaction

from toli.access.domain.permissions import WORK_DO
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.core import clock
from toli.core.domain.terms import ends_on
from toli.dues import selectors
from toli.dues.domain.offers import ACTIVE, PRIMARY, Terms
from toli.dues.domain.terms import may_renew, renewed
from toli.dues.errors import NothingOwed, NotOffered, OwesAlready, TooEarlyToPromote, TooEarlyToRenew
from toli.dues.models import Due, DueKind
from toli.dues.services.owing import owe
from toli.members.models import Member
from toli.members.selectors import get_active_member, member_of
from toli.members.services import promote_member, renew_membership


@transaction.atomic
def renew(*, actor: Actor) -> Due | None:
    """The acting member renews. Returns what they owe for it; None: nothing, and it is renewed.

    Raises:
        NothingOwed: no member acts. TooEarlyToRenew. OwesAlready: something else is open.
    """
    member = member_of(actor)
    if member is None:
        raise NothingOwed
    member = Member.objects.select_for_update(of=("self",)).select_related("drive").get(pk=member.pk)
    if not may_renew(member.member_until, clock.today()):
        raise TooEarlyToRenew
    owed = selectors.owed_by(member.pk)
    if owed is not None:
        if owed.kind != DueKind.RENEWAL:
            raise OwesAlready
        return owed
    drive, terms = selectors.renewal_of(member)
    due = owe(member, drive, DueKind.RENEWAL, terms)
    if due is None:
        _extend(actor, member, terms.months)
    return due


@transaction.atomic
def promote(*, actor: Actor, member_id: int) -> Due | None:
    """Somebody of the area makes a member an active one. Returns what the member owes for it first; None: it is done.

    Raises:
        MemberNotFound: also when out of scope. NotOffered: no such class, or they are in it. TooEarlyToPromote.
        OwesAlready.
    """
    found = get_active_member(scope_for(actor, WORK_DO), member_id)
    member = Member.objects.select_for_update(of=("self",)).select_related("drive").get(pk=found.pk)
    terms = check_promotion(member)
    owed = selectors.owed_by(member.pk)
    if owed is not None:
        if owed.kind != DueKind.PROMOTION:
            raise OwesAlready
        return owed
    due = owe(member, member.drive, DueKind.PROMOTION, terms)
    if due is None:
        promote_member(actor=actor, member_id=member.pk, grade=ACTIVE)
    return due


def check_promotion(member: Member) -> Terms:
    """On what terms the member becomes an active one today. Raises NotOffered, TooEarlyToPromote."""
    terms = selectors.terms_of(member.drive, ACTIVE)
    if terms is None or member.grade != PRIMARY:
        raise NotOffered
    if clock.today() < ends_on(member.member_from, terms.least_months):
        raise TooEarlyToPromote(months=terms.least_months)
    return terms


def carry_out(actor: Actor, due: Due, member: Member) -> None:
    """What was paid for happens."""
    if due.kind == DueKind.RENEWAL:
        _extend(actor, member, due.months)
    if due.kind == DueKind.PROMOTION:
        promote_member(actor=actor, member_id=member.pk, grade=due.grade)


def _extend(actor: Actor, member: Member, months: int) -> None:
    grace = selectors.grace_days_of(member)
    _begins, until = renewed(member.member_until, months, grace, clock.today())
    renew_membership(actor=actor, member_id=member.pk, until=until)
