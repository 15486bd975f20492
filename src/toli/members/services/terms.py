"""Terms of membership: longer by renewal, over when nobody renews. Who may, and until when, is decided above."""

from datetime import date

from django.db import transaction

from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core.events import publish
from toli.members.events import MembershipLapsed, MembershipRenewed
from toli.members.models import HistoryReason, Member, MemberState
from toli.members.services.history import change_membership


@transaction.atomic
def renew_membership(*, actor: Actor, member_id: int, until: date) -> Member:
    """Let the membership run until this day; one that had lapsed is active again. Raises MemberNotFound."""
    before = Member.objects.filter(pk=member_id).values_list("state", flat=True).first()
    reason = HistoryReason.RETURNED if before == MemberState.LAPSED else HistoryReason.RENEWAL
    member = change_membership(member_id=member_id, reason=reason, member_until=until, state=MemberState.ACTIVE)
    _record(actor, "members.renew", member)
    publish(MembershipRenewed(member_id=member_id))
    return member


@transaction.atomic
def promote_member(*, actor: Actor, member_id: int, grade: str) -> Member:
    """Put the member into another class. Raises MemberNotFound."""
    member = change_membership(member_id=member_id, reason=HistoryReason.PROMOTION, grade=grade)
    _record(actor, "members.promote", member)
    publish(MembershipRenewed(member_id=member_id))
    return member


@transaction.atomic
def lapse_membership(*, actor: Actor, member_id: int) -> None:
    """The term is over, and nobody renewed. Raises MemberNotFound."""
    member = change_membership(member_id=member_id, reason=HistoryReason.LAPSED, state=MemberState.LAPSED)
    _record(actor, "members.lapse", member)
    publish(MembershipLapsed(member_id=member_id))


def _record(actor: Actor, action: str, member: Member) -> None:
    details = {"until": member.member_until.isoformat()}
    audit.record_act(
        actor, action=action, target=f"member:{member.pk}", territory_id=member.territory_id, details=details
    )
