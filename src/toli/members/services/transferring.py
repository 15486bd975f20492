"""Members who move to another place: by their own act at once, or by an officer within the officer's area."""

from django.db import transaction

from toli.access.domain.permissions import RIGHTS_HANDLE
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core.events import publish
from toli.members import selectors
from toli.members.events import MemberMoved
from toli.members.models import HistoryReason, Member
from toli.members.services.history import change_membership
from toli.territories import selectors as territories
from toli.territories.models import Territory


@transaction.atomic
def transfer_member(*, actor: Actor, member_id: int, territory_code: str) -> Member:
    """Transfer a member from today on. Nothing happens when they are there already.

    Members transfer themselves to any place; staff only whom they may correct, within their own area.

    Raises:
        MemberNotFound: also one who left, or is out of scope. TerritoryNotFound: also one out of scope.
    """
    own = selectors.member_of(actor)
    if own is not None and own.pk == member_id:
        member, place = own, territories.get_territory(EVERYWHERE, territory_code)
    else:
        scope = scope_for(actor, RIGHTS_HANDLE)
        member, place = selectors.get_active_member(scope, member_id), territories.get_territory(scope, territory_code)
    return carry(actor, member, place, HistoryReason.TRANSFER)


def carry(actor: Actor, member: Member, place: Territory, reason: HistoryReason) -> Member:
    """Move a member whom the actor may move. Both places find it in the trail."""
    if member.territory_id == place.pk:
        return member
    left = member.territory
    moved = change_membership(member_id=member.pk, reason=reason, territory=place)
    _record(actor, "members.move", left, member, place)
    _record(actor, "members.arrive", place, member, place)
    publish(MemberMoved(member_id=member.pk))
    return moved


def _record(actor: Actor, action: str, where: Territory, member: Member, place: Territory) -> None:
    audit.record_act(
        actor,
        action=action,
        target=f"member:{member.pk}",
        territory_id=where.pk,
        details={"moves": [(member.pk, member.territory.code, place.code)]},
    )
