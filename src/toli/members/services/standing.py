"""Memberships that are checked first, and memberships that nobody asked for."""

from django.db import transaction

from toli.accounts.domain.actor import ANONYMOUS, Actor
from toli.audit import services as audit
from toli.core import wall
from toli.core.events import publish
from toli.members import selectors
from toli.members.errors import MemberNotFound
from toli.members.events import MemberDisowned, MemberLeft
from toli.members.models import HistoryReason, Member, MemberState
from toli.members.services.erasing import erased_among, keep_away
from toli.members.services.history import change_membership


@transaction.atomic
def hold_member(*, actor: Actor, member_id: int) -> None:
    """Let somebody who joined lately wait: no card, no seat, no message, until they are admitted. Whoever has a card
    and a seat keeps both; the card does not count meanwhile."""
    _move(actor, member_id, MemberState.ACTIVE, MemberState.HELD, "members.hold")


@transaction.atomic
def admit_member(*, actor: Actor, member_id: int) -> None:
    """The check is over: from now on a member like all others. Raises MemberNotFound: nobody checks them."""
    _move(actor, member_id, MemberState.HELD, MemberState.ACTIVE, "members.admit")


@transaction.atomic
def turn_away_member(*, actor: Actor, member_id: int) -> None:
    """The check is over: they do not become a member, or are one no longer. Raises MemberNotFound: they are neither."""
    before = MemberState(_locked(member_id, MemberState.HELD, MemberState.ACTIVE).state)
    _move(actor, member_id, before, MemberState.LEFT, "members.turn_away")
    publish(MemberLeft(member_id=member_id))  # who was a member for some hours has a card, and maybe a seat


@transaction.atomic
def take_back_member(*, actor: Actor, member_id: int) -> bool:
    """Make somebody who was turned away a member after all.

    False: they have joined again meanwhile, were erased, or said that they never joined.
    """
    phones, name = selectors.every_phone(member_id), _locked(member_id, MemberState.LEFT).name.casefold()
    there = [
        found for phone in phones for look in (selectors.find_all_by_phone, selectors.find_held_by_phone)
        for found in look(phone)
    ]  # fmt: skip
    if not phones or erased_among(phones) or any(found.name.casefold() == name for found in there):
        return False
    _move(actor, member_id, MemberState.LEFT, MemberState.ACTIVE, "members.take_back")
    return True


@transaction.atomic
@wall.lifted("whoever owns the number decides about the membership that stands under it")
def disown_membership(*, member_id: int) -> None:
    """The owner of the number says that they never joined: end it at once, and let no list bring them back.

    They are asked for nothing but the proof of the number. It counts against whoever brought it. Raises
    MemberNotFound: the membership has ended.
    """
    member = _locked(member_id, MemberState.ACTIVE, MemberState.HELD, MemberState.LAPSED)
    change_membership(member_id=member_id, reason=HistoryReason.LEFT, state=MemberState.LEFT)
    keep_away(member_id=member_id)
    audit.record_act(ANONYMOUS, action="members.not_me", target=f"member:{member_id}", territory_id=member.territory_id)
    publish(MemberLeft(member_id=member_id))
    publish(MemberDisowned(member_id=member_id))


def _move(actor: Actor, member_id: int, before: MemberState, after: MemberState, action: str) -> None:
    member = _locked(member_id, before)
    change_membership(member_id=member_id, reason=HistoryReason.CHECKED, state=after)
    audit.record_act(actor, action=action, target=f"member:{member_id}", territory_id=member.territory_id)


def _locked(member_id: int, *states: MemberState) -> Member:
    member = Member.objects.select_for_update(of=("self",)).filter(pk=member_id, state__in=states).first()
    if member is None:
        raise MemberNotFound
    return member
