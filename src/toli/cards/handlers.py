"""Whoever becomes a member gets a card, and a message about it."""

from contextlib import suppress

from toli.accounts.domain.actor import SYSTEM
from toli.cards import printing, selectors, services
from toli.cards.errors import CardNotFound
from toli.cards.events import CardRevoked, CardsIssued
from toli.core import jobs
from toli.core.events import subscribe
from toli.members.errors import MemberNotFound
from toli.members.events import (
    MemberEnrolled,
    MemberLeft,
    MemberMoved,
    MembershipLapsed,
    MembershipRenewed,
    MembersImported,
    MembersMerged,
    MembersParted,
)
from toli.members.models import Member
from toli.members.services import offer_card_numbers, offer_card_sheets, offer_cards
from toli.members.services.importing import goes_with_member


def on_imported(event: MembersImported) -> None:
    """The list's new members have their cards already, not signed yet; others may still be without."""
    jobs.enqueue("cards.sign", run_id=event.run_id)
    jobs.enqueue_once("cards.issue")
    jobs.enqueue_once("cards.welcome")


def on_enrolled(event: MemberEnrolled) -> None:
    services.issue_cards(actor=SYSTEM, member_ids=[event.member_id])


def on_issued(event: CardsIssued) -> None:
    jobs.enqueue_once("cards.welcome")


def on_revoked(event: CardRevoked) -> None:
    jobs.enqueue_once("cards.publish_revoked")


def on_left(event: MemberLeft) -> None:
    for member in Member.objects.filter(pk=event.member_id):
        services.remove_photo(actor=SYSTEM, member=member)
    jobs.enqueue_once("cards.publish_revoked")


def on_moved(event: MemberMoved) -> None:
    services.renew_place(actor=SYSTEM, member_id=event.member_id)


def on_lapsed(event: MembershipLapsed) -> None:
    jobs.enqueue_once("cards.publish_revoked")


def on_renewed(event: MembershipRenewed) -> None:
    """A card that says the new class and last day. Safe to repeat: one that says so already stays."""
    services.renew_card(actor=SYSTEM, member_id=event.member_id)


def on_merged(event: MembersMerged) -> None:
    """Of two cards of one person the other's ends; who has none left alone is no mistake."""
    with suppress(CardNotFound):
        services.end_card(actor=SYSTEM, member_id=event.merged_id, reason=services.MERGED)


def on_unmerged(event: MembersParted) -> None:
    """The card that they had, or a new one where it would say what is no longer true. Safe to repeat."""
    with suppress(MemberNotFound):
        services.give_back_card(actor=SYSTEM, member_id=event.merged_id)


def connect() -> None:
    """Listen; put card numbers into lists that go out, and make cards for lists that come in."""
    offer_card_numbers(selectors.numbers_of)
    offer_card_sheets(printing.sheets_of)
    offer_cards(services.card_press)
    goes_with_member("cards_card", "revoked_at IS NULL AND welcome_used_at IS NULL")
    subscribe(MembersImported, on_imported)
    subscribe(MemberEnrolled, on_enrolled)
    subscribe(CardsIssued, on_issued)
    subscribe(CardRevoked, on_revoked)
    subscribe(MemberLeft, on_left)
    subscribe(MemberMoved, on_moved)
    subscribe(MembershipLapsed, on_lapsed)
    subscribe(MembershipRenewed, on_renewed)
    subscribe(MembersMerged, on_merged)
    subscribe(MembersParted, on_unmerged)
