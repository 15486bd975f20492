"""The first message to a member: here is your card, here is your group.

The link in it signs the member in once. Whoever opens it later, or has lost it, signs in with a code.
"""

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from toli.access.domain.permissions import CARDS_ISSUE
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM, Actor
from toli.accounts.ports import TextMessage
from toli.accounts.services import text_sender
from toli.audit import services as audit
from toli.cards.domain.card_codec import shown
from toli.cards.errors import WelcomeInvalid, WelcomeUsed
from toli.cards.models import Card
from toli.compliance.models import Organisation
from toli.compliance.selectors import get_organisation
from toli.core import clock
from toli.core.errors import Forbidden
from toli.members.domain.purposes import Purpose
from toli.members.models import Member
from toli.members.selectors import reachable_points
from toli.members.services import leave_organisation

SALT = "toli.cards.welcome"
LIFETIME_SECONDS = 30 * 24 * 3600
BATCH = 2000


def send_welcomes(*, actor: Actor) -> int:
    """Welcome everyone who has a card and no welcome yet. Returns how many messages were handed over.

    A batch is marked in the transaction that hands it over: when the process dies in between, its
    messages are sent again, which does less harm than a member who never hears.
    """
    if scope_for(actor, CARDS_ISSUE).is_empty:
        raise Forbidden
    sent = 0
    while batch := _next_batch(actor):
        sent += batch
    return sent


@transaction.atomic
def _next_batch(actor: Actor) -> int:
    waiting = Card.objects.filter(welcomed_at__isnull=True, revoked_at__isnull=True, member__state="active")
    cards = list(waiting.select_for_update(of=("self",), skip_locked=True).order_by("pk")[:BATCH])
    if not cards:
        return 0
    by_member = {card.member_id: card for card in cards}
    organisation = get_organisation()
    points = reachable_points(EVERYWHERE, purpose=Purpose.MEMBERSHIP, member_ids=by_member)
    messages = [
        TextMessage(phone, _text(organisation, by_member[member.pk], member), "welcome") for member, phone in points
    ]
    text_sender().send_many(messages)
    Card.objects.filter(pk__in=[card.pk for card in cards]).update(welcomed_at=clock.now())
    audit.record(
        actor_kind=actor.kind,
        actor_id=actor.id,
        action="cards.welcome",
        target="cards",
        details={"count": len(messages)},
    )
    return len(cards)


def welcome_path(card: Card) -> str:
    """The address, below the site's root, that signs the card's holder in once."""
    return "/w/" + signing.dumps([card.pk, card.number], salt=SALT)


@transaction.atomic
def refuse_welcome(*, token: str) -> None:
    """ "This is not me": end the membership of the person whom the link was sent to, at once.

    Works as long as the link is valid, used or not. Raises WelcomeInvalid.
    """
    card = _card_behind(token)
    leave_organisation(actor=SYSTEM, member_id=card.member_id)
    audit.record(actor_kind="anonymous", actor_id=None, action="cards.not_me", target=f"member:{card.member_id}")


@transaction.atomic
def redeem_welcome(*, token: str) -> int:
    """The id of the member whom the welcome link was sent to; the link is used up by this.

    Raises:
        WelcomeInvalid: changed, older than 30 days, or the card was revoked. WelcomeUsed.
    """
    card = _card_behind(token)
    if card.welcome_used_at:
        raise WelcomeUsed
    card.welcome_used_at = clock.now()
    card.save(update_fields=["welcome_used_at"])
    return card.member_id


def _card_behind(token: str) -> Card:
    try:
        card_id, number = signing.loads(token, salt=SALT, max_age=LIFETIME_SECONDS)
    except (signing.BadSignature, ValueError):
        raise WelcomeInvalid from None
    cards = Card.objects.select_for_update(of=("self",)).select_related("member")
    card = cards.filter(pk=card_id, number=number, revoked_at__isnull=True, member__state="active").first()
    if card is None:
        raise WelcomeInvalid
    return card


def _text(organisation: Organisation, card: Card, member: Member) -> str:
    with translation.override(member.language):
        sentence = _(
            "%(organisation)s: %(name)s, your membership card is %(number)s. Card, group and material: %(link)s "
            "If you did not ask for this, open the link and choose: This is not me."
        )
        return sentence % {
            "organisation": organisation.name_hi if member.language == "hi" else organisation.name_en,
            "name": member.name,
            "number": shown(card.number),
            "link": settings.BASE_URL + welcome_path(card),
        }
