"""Ending a card, and giving its holder another one."""

from django.db import transaction

from toli.access.domain.permissions import CARDS_ISSUE
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.cards import keys
from toli.cards.domain.card_codec import Grade, place_on_card
from toli.cards.errors import CardNotFound, EndReasonMissing
from toli.cards.events import CardRevoked, CardsIssued
from toli.cards.models import Card
from toli.cards.services.issuing import GRADES, alone, write_cards
from toli.core import clock
from toli.core.domain import base32
from toli.core.events import publish
from toli.members import selectors as members
from toli.members.models import Member

REASON_LENGTH = (5, 200)
MERGED = "merged"
MOVED = "the member moved to another place"


@transaction.atomic
def revoke_card(*, actor: Actor, number: str, reason: str) -> None:
    """End a card at once. Raises CardNotFound, also for a card outside the actor's area."""
    card = _locked(scope_for(actor, CARDS_ISSUE), number=base32.normalise(number))
    _end(actor, card, reason)


@transaction.atomic
def end_card(*, actor: Actor, member_id: int, reason: str) -> None:
    """End the card that a member holds. Raises CardNotFound, EndReasonMissing."""
    words = _words(reason)
    _end(actor, _locked(scope_for(actor, CARDS_ISSUE), member_id=member_id), words)


@transaction.atomic
def replace_card(*, actor: Actor, member_id: int, reason: str) -> Card:
    """A new card for an active member: instead of the one they hold, or after theirs was ended by mistake.

    The number changes, as the old one may be in strange hands. Raises MemberNotFound, EndReasonMissing, NoCardKey.
    """
    words = _words(reason)
    member = members.get_active_member(scope_for(actor, CARDS_ISSUE), member_id)
    alone()
    held = Card.objects.select_for_update().filter(member=member, revoked_at__isnull=True).first()
    if held:
        _end(actor, held, words)
    write_cards([(member.pk, member.member_until, member.territory.code, member.grade)])
    audit.record_act(
        actor,
        action="cards.replace",
        target=f"member:{member.pk}",
        territory_id=member.territory_id,
    )
    publish(CardsIssued(count=1))
    return Card.objects.get(member=member, revoked_at__isnull=True)


@transaction.atomic
def give_back_card(*, actor: Actor, member_id: int) -> bool:
    """The merge by which a member's card ended was taken back: the same card counts again, where its key still does and
    it says what is true. Else they get a new one. Returns whether it is the old card.

    Raises MemberNotFound, NoCardKey.
    """
    member = members.get_active_member(scope_for(actor, CARDS_ISSUE), member_id)
    alone()
    if Card.objects.filter(member=member, revoked_at__isnull=True).exists():
        return False
    last = Card.objects.select_for_update().filter(member=member).order_by("-revoked_at", "-pk").first()
    if last is None or not _is_still_true(last, member):
        replace_card(actor=actor, member_id=member_id, reason="merge undone")
        return False
    last.revoked_at, last.revoked_because = None, ""
    last.save(update_fields=["revoked_at", "revoked_because"])
    audit.record_act(actor, action="cards.give_back", target=f"card:{last.pk}", territory_id=member.territory_id)
    publish(CardRevoked(card_id=last.pk, member_id=member.pk))  # the list of cards that count no more is made anew
    return True


def _is_still_true(card: Card, member: Member) -> bool:
    """Whether it ended by the merge alone, and shows class, last day and place that the member has."""
    if card.revoked_because != MERGED or card.key_version in keys.withdrawn():
        return False
    says = (card.valid_until, card.grade) == (member.member_until, GRADES[member.grade])
    return says and card.place in ("", place_on_card(member.territory.code))


@transaction.atomic
def renew_place(*, actor: Actor, member_id: int) -> Card | None:
    """A new card for a member whose card bears another place than theirs. None: theirs is right, or they have none."""
    member = Member.objects.active().select_related("territory").filter(pk=member_id).first()
    held = Card.objects.filter(member=member, revoked_at__isnull=True).exclude(grade=Grade.NONE).first()
    if member is None or held is None or held.place == place_on_card(member.territory.code):
        return None
    return replace_card(actor=actor, member_id=member_id, reason=MOVED)


@transaction.atomic
def renew_card(*, actor: Actor, member_id: int) -> None:
    """A card with the class and last day that the member has now; one that says so already stays. Raises NoCardKey."""
    member = Member.objects.active().filter(pk=member_id).first()
    held = Card.objects.filter(member_id=member_id, revoked_at__isnull=True).first()
    if member is None or (held and (held.valid_until, held.grade) == (member.member_until, GRADES[member.grade])):
        return
    replace_card(actor=actor, member_id=member_id, reason="renewed")


def _words(reason: str) -> str:
    words = " ".join(reason.split())
    if not REASON_LENGTH[0] <= len(words) <= REASON_LENGTH[1]:
        raise EndReasonMissing
    return words


def _locked(scope: Scope, **which: object) -> Card:
    cards = Card.objects.select_for_update(of=("self",)).select_related("member")
    card = cards.filter(**which, member__in=Member.objects.within(scope), revoked_at__isnull=True).first()
    if card is None:
        raise CardNotFound
    return card


def _end(actor: Actor, card: Card, reason: str) -> None:
    card.revoked_at, card.revoked_because = clock.now(), reason[:200]
    card.save(update_fields=["revoked_at", "revoked_because"])
    audit.record_act(
        actor,
        action="cards.revoke",
        target=f"card:{card.pk}",
        territory_id=card.member.territory_id,
    )
    publish(CardRevoked(card_id=card.pk, member_id=card.member_id))
