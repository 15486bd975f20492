"""Reads about cards, and the check that anybody may make."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import segno
from django.conf import settings
from django.db.models import QuerySet

from toli.access.domain.scope import Scope
from toli.cards import keys, photos
from toli.cards.domain import card_codec
from toli.cards.domain.card_codec import CardFace, CardUnreadable
from toli.cards.domain.states import CardState
from toli.cards.models import Card
from toli.core import clock, wall
from toli.core.copying import these
from toli.core.domain import base32
from toli.members.models import Member, MemberState


@dataclass(frozen=True, slots=True)
class CardCheck:
    """The least that a stranger needs to know: no telephone number, no place, no full name; a photo by choice."""

    state: CardState
    number: str = ""
    valid_until: date | None = None
    holder: str = ""
    photo: bytes = b""  # only where the member wants it shown


def card_of(member_id: int) -> Card | None:
    """The member's card that counts, or None."""
    return Card.objects.filter(member_id=member_id, revoked_at__isnull=True).first()


def holders() -> QuerySet[Card, int]:
    """Ids of members who have a card that counts, as a sub-query."""
    return Card.objects.filter(revoked_at__isnull=True).values_list("member_id", flat=True)


def ended_cards(member_id: int) -> list[tuple[Card, str]]:
    """The member's cards that no longer count, the latest first, each with its number as people read it."""
    ended = Card.objects.filter(member_id=member_id, revoked_at__isnull=False).order_by("-revoked_at")
    return [(card, card_codec.shown(card.number)) for card in ended]


def numbers_of(member_ids: Sequence[int]) -> dict[int, str]:
    """The numbers, as people read them, of members' cards that count; members without one are missing."""
    cards = Card.objects.filter(member_id__in=these(member_ids), revoked_at__isnull=True)
    return {member_id: card_codec.shown(number) for member_id, number in cards.values_list("member_id", "number")}


def holder_of(scope: Scope, number: str) -> Member | None:
    """The active member of the scope whose card bears this number, however it is written; else None."""
    clean = base32.normalise(number)
    if not card_codec.is_number(clean):
        return None
    members = Member.objects.within(scope).active().select_related("territory")
    return members.filter(cards__number=clean, cards__revoked_at__isnull=True).first()


def card_path(card: Card) -> str:
    """The card's address below the site's root."""
    return card_codec.encode(face_of(card), signature_of(card))


def signature_of(card: Card) -> bytes:
    """The card's signature, made now if it was imported a moment ago and has none yet."""
    kept = bytes(card.signature)
    return kept or card_codec.sign(face_of(card), settings.TOLI_CARD_KEYS[card.key_version])


def qr_url(card: Card) -> str:
    """The full address in capitals, as it stands in the QR code."""
    return f"{settings.BASE_URL.upper()}{card_path(card)}"


def qr_svg(card: Card) -> str:
    """The card's QR code as an inline SVG without styles, error correction M."""
    return segno.make_qr(qr_url(card), error="m").svg_inline(
        scale=4, border=2, dark="#16252c", light="#ffffff", omitsize=True
    )


@wall.lifted("anybody may check a card whose signature they hold")
def verify_card(address: str) -> CardCheck:
    """Check a card by its address (scanned or typed). Signature first, then what we know about it.

    An address that cannot be read is unknown: a mistyped one accuses nobody of forgery.
    """
    try:
        face, signature = card_codec.parse(address)
    except CardUnreadable:
        return CardCheck(CardState.UNKNOWN)
    key = keys.public_keys().get(face.key_version)
    if key is None or not card_codec.is_signed(face, signature, key):
        return CardCheck(CardState.FORGED)
    card = Card.objects.select_related("member").filter(number=face.number).first()
    number = card_codec.shown(face.number)
    if face.key_version in keys.withdrawn():
        return CardCheck(CardState.REVOKED, number)  # whoever has the key may have signed it: nobody is named
    if card is None:
        return CardCheck(CardState.UNKNOWN, number, face.valid_until)
    if face != face_of(card):
        return CardCheck(CardState.FORGED)
    state = CardState.VALID
    if card.revoked_at is not None or card.member.state not in {MemberState.ACTIVE, MemberState.LAPSED}:
        state = CardState.REVOKED
    elif card.valid_until < clock.today() or card.member.state == MemberState.LAPSED:
        state = CardState.EXPIRED
    kept = photos.photo_of(card.member_id) if state is CardState.VALID else None
    photo = photos.picture_of(kept) if kept and kept.shown_when_checked else b""
    return CardCheck(state, number, card.valid_until, shortened(card.member.name), photo)


def shortened(name: str) -> str:
    """The first name and the first letter of the last one: ``Sunita D.``"""
    words = name.split()
    return words[0] if len(words) == 1 else f"{words[0]} {words[-1][0]}."


def check_signatures(*, limit: int | None = None) -> tuple[int, int]:
    """How many signed cards were checked (all, or the newest ``limit``), and how many do not verify."""
    signed = Card.objects.exclude(signature=b"")
    cards = signed.order_by("-pk")[:limit] if limit else signed
    checked = bad = 0
    public = keys.public_keys()
    for card in cards.iterator(chunk_size=5000):
        checked += 1
        key = public.get(card.key_version)
        bad += key is None or not card_codec.is_signed(face_of(card), bytes(card.signature), key)
    return checked, bad


def face_of(card: Card) -> CardFace:
    """What is signed of a card."""
    return CardFace(card.number, card.valid_until, card.key_version, card.grade, card.place)
