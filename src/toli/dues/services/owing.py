"""Noting what a member owes, and that they say they have paid it."""

from django.db import transaction

from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import clock
from toli.core.domain import base32
from toli.dues import selectors
from toli.dues.domain.offers import PRIMARY, Terms
from toli.dues.errors import NothingOwed
from toli.dues.models import OWED, Due, DueKind, DueState
from toli.members.models import Drive, Member, MemberState
from toli.members.selectors import member_of


def owe(member: Member, drive: Drive, kind: DueKind, terms: Terms) -> Due | None:
    """Note what the member owes for these terms; nothing when they are free or something is owed already."""
    if not terms.fee:
        return None
    Due.objects.bulk_create(
        [
            Due(
                member=member,
                territory_id=member.territory_id,
                drive=drive,
                kind=kind,
                grade=terms.grade,
                months=terms.months,
                amount=terms.fee,
                currency=terms.currency,
                reference=base32.with_checksum(base32.random_code(8)),
                created_at=clock.now(),
            )
        ],
        ignore_conflicts=True,
    )
    return Due.objects.filter(member=member, state__in=OWED).first()


@transaction.atomic
def owe_for_joining(*, member_id: int) -> Due | None:
    """Note the fee of somebody who has just joined. Safe to repeat: a fee for joining is noted once."""
    member = Member.objects.select_related("drive").filter(pk=member_id, state=MemberState.ACTIVE).first()
    if member is None or Due.objects.filter(member=member, kind=DueKind.JOINING).exists():
        return None
    terms = selectors.terms_of(member.drive, PRIMARY)
    return owe(member, member.drive, DueKind.JOINING, terms) if terms else None


@transaction.atomic
def claim_paid(*, actor: Actor) -> None:
    """The acting member says that they have paid what they owe. Raises NothingOwed."""
    member = member_of(actor)
    due = Due.objects.select_for_update().filter(member=member, state__in=OWED).first() if member else None
    if due is None or member is None:
        raise NothingOwed
    due.state, due.claimed_at = DueState.CLAIMED, clock.now()
    due.save(update_fields=["state", "claimed_at"])
    audit.record_act(actor, action="dues.claim", target=f"member:{member.pk}", territory_id=member.territory_id)
