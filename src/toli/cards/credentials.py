"""Cards as verifiable credentials, and the document that says which keys sign them."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.utils.timezone import make_aware

from toli.cards import keys
from toli.cards.domain import credential
from toli.cards.domain.card_codec import shown
from toli.cards.domain.credential import Json, Membership
from toli.cards.models import Card
from toli.cards.selectors import card_path
from toli.compliance.selectors import get_organisation
from toli.core import clock


def credential_of(card: Card) -> Json:
    """The card as a credential, signed now with the key that signs now.

    Raises:
        NoCardKey. Unavailable: the organisation has not been set up.
    """
    organisation, member, site = get_organisation(), card.member, settings.BASE_URL
    version, seed = keys.signing_key()
    membership = Membership(
        site=site,
        organisation=organisation.label(member.language),
        name=member.name,
        number=shown(card.number),
        place=member.territory.label(member.language),
        grade=card.grade,
        address=site + card_path(card),
        status=f"{site}/v/revoked",
        valid_from=make_aware(datetime.combine(card.issued_on, time.min)),
        valid_until=make_aware(datetime.combine(card.valid_until + timedelta(days=1), time.min)) - timedelta(seconds=1),
    )
    return credential.prove(
        credential.credential_of(membership),
        seed=seed,
        method=credential.key_id(site, version),
        created=clock.now().isoformat(timespec="seconds"),
    )


def did_document() -> Json:
    """The document at ``/.well-known/did.json``: keys that were withdrawn are not in it."""
    return credential.did_document(settings.BASE_URL, keys.published().trusted())
