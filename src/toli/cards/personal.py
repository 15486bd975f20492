"""The card: gone with its owner, so that its number leads to nobody."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from toli.cards.domain.card_codec import shown
from toli.cards.domain.revocation import tag_of
from toli.cards.models import Card, EndedCard, Photo
from toli.core.personal_data import Holding, Person, Row, free, free_text, register


def _cards(person: Person) -> QuerySet[Card]:
    return Card.objects.filter(member_id=person.member_id)


def _export(person: Person) -> list[Row]:
    return [
        {
            "number": shown(card.number),
            "issued_on": card.issued_on,
            "valid_until": card.valid_until,
            "revoked_at": card.revoked_at,
            "welcomed_at": card.welcomed_at,
        }
        for card in _cards(person).order_by("pk")
    ]


def _erase(person: Person) -> int:
    """The cards go; their tags stay, as whoever kept a picture of one must not pass with it."""
    ended = [EndedCard(tag=tag_of(card.number), valid_until=card.valid_until) for card in _cards(person)]
    EndedCard.objects.bulk_create(ended, ignore_conflicts=True)
    return _cards(person).delete()[0]


register(
    Holding(
        key="cards.cards",
        label=_("Membership card"),
        tables=("cards_card",),
        count=lambda person: _cards(person).count(),
        erase=_erase,
        export=_export,
        fields={
            "number": _("Number"),
            "issued_on": _("Issued"),
            "valid_until": _("Valid until"),
            "revoked_at": _("Revoked"),
            "welcomed_at": _("Message sent"),
        },
    )
)
register(
    Holding(
        key="cards.photo",
        label=_("Photo on the card"),
        tables=("cards_photo",),
        count=lambda person: Photo.objects.filter(member_id=person.member_id).count(),
        erase=lambda person: Photo.objects.filter(member_id=person.member_id).delete()[0],
        export=lambda person: list(
            Photo.objects.filter(member_id=person.member_id).values("stored_at", "shown_when_checked")
        ),
        fields={"stored_at": _("Stored"), "shown_when_checked": _("Shown to whoever checks the card")},
    )
)
free_text("cards_card.revoked_because", "cards_withdrawnkey.because")
free(
    cards_endedcard="tags of numbers that lead to nobody any more",
    cards_withdrawnkey="signing keys",
    cards_revokedlist="tags of revoked cards, as everybody may fetch them",
)
