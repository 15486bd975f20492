"""A member asks for another place or for the active class; somebody of the place where it is decided answers.

A transfer is accepted where the member goes to: there they will be counted, seated and known. Class and terms are the
drive's (dues); a fee is owed first.
"""

from typing import Any

from django.db import IntegrityError, transaction

from toli.access.domain.permissions import WORK_DO
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.core import clock, wall
from toli.dues import services as dues
from toli.enrolment import selectors
from toli.enrolment.domain.cases import REASON_LENGTH
from toli.enrolment.errors import LivesThere, PlaceTooLarge, WishDecided, WishNoteMissing, WishNotFound, WishOpen
from toli.enrolment.models import Wish, WishKind, WishState
from toli.members import selectors as members
from toli.members.errors import MemberNotFound
from toli.members.models import HistoryReason, Member, MemberState
from toli.members.services import carry
from toli.territories import selectors as territories
from toli.territories.models import Territory

_WHOLE = "ac"  # who does not know the booth knows the constituency


@transaction.atomic
@wall.lifted("a member asks for themselves, at a place that they do not belong to yet")
def ask_transfer(*, actor: Actor, territory_code: str) -> Wish:
    """The acting member asks to be carried over to another place.

    Raises:
        MemberNotFound: no active member acts. TerritoryNotFound. PlaceTooLarge, LivesThere. WishOpen.
    """
    member = _own(actor)
    return _file(actor, member, WishKind.TRANSFER, _place(member, territory_code), "enrolment.ask_transfer")


@transaction.atomic
@wall.lifted("a member asks for themselves")
def ask_promotion(*, actor: Actor) -> Wish:
    """The acting member asks to become an active one.

    Raises:
        MemberNotFound: no active member acts. NotOffered, TooEarlyToPromote: the drive's rules. WishOpen.
    """
    member = _own(actor)
    dues.check_promotion(member)
    return _file(actor, member, WishKind.PROMOTION, member.territory, "enrolment.ask_promotion")


@transaction.atomic
@wall.lifted("a member takes back what they asked for themselves")
def take_back_wish(*, actor: Actor, wish_id: int) -> None:
    """The acting member no longer wants it. Raises MemberNotFound, WishNotFound, WishDecided."""
    member = _own(actor)
    wish = Wish.objects.select_for_update(of=("self",)).filter(pk=wish_id, member=member).first()
    if wish is None:
        raise WishNotFound
    _decide(actor, wish, WishState.TAKEN_BACK, "", "enrolment.take_back_wish")


@transaction.atomic
def transfer_at_desk(*, actor: Actor, member_id: int, territory_code: str) -> Wish | None:
    """Carry a member of one's area over to another place of it: None, it is done. To a place outside: the wish waits
    for those who work there.

    Raises:
        MemberNotFound: also when out of scope. TerritoryNotFound. PlaceTooLarge, LivesThere. WishOpen.
    """
    scope = scope_for(actor, WORK_DO)
    member = members.get_active_member(scope, member_id)
    with wall.lifted("where the member goes to may lie outside the actor's area"):
        place = _place(member, territory_code)
        if any(scope.covers(path) for path in territories.paths_of(place.pk)):
            carry(actor, member, place, HistoryReason.TRANSFER)
            return None
        return _file(actor, member, WishKind.TRANSFER, place, "enrolment.ask_transfer")


@transaction.atomic
def accept_wish(*, actor: Actor, wish_id: int, note: str = "") -> Wish:
    """Let it happen: the member is carried over, or becomes an active one as soon as the fee is paid.

    Raises:
        WishNotFound: also when it is decided elsewhere. WishDecided. MemberNotFound: they are no active member any
        more. What dues.promote raises.
    """
    wish = _waiting(actor, wish_id)
    with wall.lifted("whoever comes from elsewhere is seen by those whom they come to"):
        member = Member.objects.select_related("territory").get(pk=wish.member_id)
        if member.state != MemberState.ACTIVE:
            raise MemberNotFound
        if wish.kind == WishKind.TRANSFER:
            carry(actor, member, wish.territory, HistoryReason.TRANSFER)
        else:
            dues.promote(actor=actor, member_id=member.pk)
        _decide(actor, wish, WishState.ACCEPTED, " ".join(note.split())[:200], "enrolment.accept_wish")
    return wish


@transaction.atomic
def refuse_wish(*, actor: Actor, wish_id: int, note: str) -> Wish:
    """Everything stays as it is; the member reads why. Raises WishNotFound, WishDecided, WishNoteMissing."""
    wish, words = _waiting(actor, wish_id), " ".join(note.split())
    if not REASON_LENGTH[0] <= len(words) <= REASON_LENGTH[1]:
        raise WishNoteMissing
    _decide(actor, wish, WishState.REFUSED, words, "enrolment.refuse_wish")
    return wish


@wall.lifted("whoever asks to come from elsewhere is seen by those whom they would come to")
def wishes_to_answer(*, actor: Actor, limit: int = 50) -> list[Wish]:
    """What members ask for and the actor has to answer, the oldest first, with their names."""
    return list(selectors.open_wishes(scope_for(actor, WORK_DO))[:limit])


def find_wish(*, actor: Actor, wish_id: int) -> Wish:
    """What a member asks for, for whoever answers. Raises WishNotFound: also when it is decided elsewhere."""
    scope = scope_for(actor, WORK_DO)
    with wall.lifted("whoever asks to come from elsewhere is seen by those whom they would come to"):
        return selectors.get_wish(scope, wish_id)


def _own(actor: Actor) -> Member:
    member = members.member_of(actor)
    if member is None or member.state != MemberState.ACTIVE:
        raise MemberNotFound
    return member


def _place(member: Member, code: str) -> Territory:
    place = territories.get_territory(EVERYWHERE, code)
    if place.level.code != _WHOLE and territories.children(EVERYWHERE, place):
        raise PlaceTooLarge
    if place.pk == member.territory_id:
        raise LivesThere
    return place


def _file(actor: Actor, member: Member, kind: WishKind, place: Territory, action: str) -> Wish:
    values: dict[str, Any] = {"member": member, "kind": kind, "territory": place, "asked_by_id": actor.id}
    left = member.territory if kind == WishKind.TRANSFER else None
    try:
        with transaction.atomic():
            wish = Wish.objects.create(**values, left=left, asked_at=clock.now())
    except IntegrityError:
        raise WishOpen from None
    audit.record_act(actor, action=action, target=f"member:{member.pk}", territory_id=place.pk)
    return wish


def _waiting(actor: Actor, wish_id: int) -> Wish:
    wish = find_wish(actor=actor, wish_id=wish_id)
    wish.state = Wish.objects.select_for_update(of=("self",)).get(pk=wish.pk).state
    return wish


def _decide(actor: Actor, wish: Wish, state: WishState, note: str, action: str) -> None:
    if wish.state != WishState.OPEN:
        raise WishDecided
    wish.state, wish.note, wish.decided_at, wish.decided_by_id = state, note, clock.now(), actor.id
    wish.save(update_fields=["state", "note", "decided_at", "decided_by"])
    audit.record_act(actor, action=action, target=f"member:{wish.member_id}", territory_id=wish.territory_id)
