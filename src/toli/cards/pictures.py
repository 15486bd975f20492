"""Cards as files to keep, to show and to print."""

from urllib.parse import urlsplit

from babel.dates import format_date
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from toli.access.domain.scope import EVERYWHERE
from toli.cards import photos, selectors
from toli.cards.domain.card_codec import shown
from toli.cards.domain.picture import CardFacts, Look, Words, draw_card
from toli.cards.domain.picture.fonts import can_draw
from toli.cards.models import Card
from toli.compliance.models import Organisation
from toli.compliance.selectors import get_organisation
from toli.territories import selectors as territories
from toli.territories.models import Territory

NEAREST = 3  # of the places above a member that stand on the card; and the topmost


def card_png(card: Card) -> bytes:
    """The card's picture in its holder's language: a PNG file of 1000 x 630 pixels.

    Raises:
        Unavailable: the organisation has not been set up.
    """
    language = card.member.language
    kept = photos.photo_of(card.member_id)
    photo = photos.picture_of(kept) if kept else b""
    facts = facts_of(card, places_of(card.member.territory, language), photo)
    return draw_card(look_of(get_organisation(), language), facts)


def look_of(organisation: Organisation, language: str) -> Look:
    """What all cards of the organisation in a language share."""
    site = urlsplit(settings.BASE_URL).netloc
    with translation.override(language):
        words = Words(
            title="सदस्यता कार्ड · Membership card",
            number=_("Member number"),
            until=_("Valid until"),
            scan=_("Scan to check"),
            check=_("Is it false? Check here"),
        )
    name = organisation.label(language)
    return Look(name, organisation.brand_colour, f"{site}/verify", words)


def facts_of(card: Card, places: tuple[tuple[str, str], ...], photo: bytes = b"") -> CardFacts:
    """What stands on this card. ``places`` as :func:`places_of` gives them, ``photo`` as it is stored."""
    return CardFacts(
        name=card.member.name if can_draw(card.member.name) else "",  # empty boxes are nobody's name
        places=places,
        number=shown(card.number),
        until=format_date(card.valid_until, "d MMMM y", locale=card.member.language),
        address=selectors.qr_url(card),
        photo=photo,
    )


def spoken_of(card: Card) -> str:
    """The card in one sentence, for readers aloud."""
    with translation.override(card.member.language):
        return _("Membership card of %(name)s, number %(number)s, valid until %(day)s") % {
            "name": card.member.name,
            "number": shown(card.number),
            "day": format_date(card.valid_until, "d MMMM y", locale=card.member.language),
        }


def places_of(territory: Territory, language: str) -> tuple[tuple[str, str], ...]:
    """Level and name of the member's place and of those above it, nearest first; the country is left out."""
    above = [place for place in territories.ancestors(EVERYWHERE, territory) if place.level.rank]
    nearest = above[::-1]
    chosen = nearest if len(nearest) <= NEAREST + 1 else [*nearest[:NEAREST], nearest[-1]]
    return tuple((place.level.label(language), place.label(language)) for place in chosen)
