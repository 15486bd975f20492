"""The card: gone with its owner, so that its number leads to nobody."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from toli.cards.domain.card_codec import shown
from toli.cards.models import Card
from toli.core.personal_data import Holding, Person, Row, free_text, register


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


register(
    Holding(
        key="cards.cards",
        label=_("Membership card"),
        tables=("cards_card",),
        count=lambda person: _cards(person).count(),
        erase=lambda person: _cards(person).delete()[0],
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
free_text("cards_card.revoked_because")
