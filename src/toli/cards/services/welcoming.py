"""The first message to a member: here is your card, here is your group.

The link in it signs the member in once. Whoever opens it later, or has lost it, signs in with a code.
"""

from collections.abc import Callable

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from toli.access.domain.permissions import CARDS_ISSUE
from toli.access.domain.scope import Scope
from toli.access.policies import scope_for
from toli.accounts.domain.actor import ANONYMOUS, Actor
from toli.audit import services as audit
from toli.cards.domain.card_codec import shown
from toli.cards.errors import WelcomeInvalid, WelcomeUsed
from toli.cards.models import Card
from toli.compliance.models import Organisation
from toli.compliance.selectors import get_organisation
from toli.core import clock, wall
from toli.core.errors import Forbidden
from toli.members.domain.purposes import Purpose
from toli.members.models import Member, MemberState
from toli.members.services import disown_membership, send_texts

Advance = Callable[[int, int], None]
SALT = "toli.cards.welcome"
LIFETIME_SECONDS = 30 * 24 * 3600
BATCH = 500  # a gateway takes these in seconds; members of the batch who withdraw wait so long


def send_welcomes(*, actor: Actor, advance: Advance | None = None) -> int:
    """Welcome everyone in the actor's area who has a card and no welcome yet. Returns to how many.

    A batch is marked in the transaction that hands it over: when the process dies in between, its
    messages are sent again, which does less harm than a member who never hears. Whose message surely did not
    leave stays unwelcomed for the next run; whose may have left does not get it twice.

    Raises:
        Forbidden: the actor issues cards nowhere. TextNotSent: not one message of a batch left.
    """
    scope = scope_for(actor, CARDS_ISSUE)
    if scope.is_empty:
        raise Forbidden
    total, sent, done, last = (_waiting(scope).count() if advance else 0), 0, 0, 0
    while batch := _welcome_batch(actor, scope, after=last):
        cards, welcomed = batch
        sent, done, last = sent + welcomed, done + len(cards), cards[-1].pk
        if advance:
            advance(done, total)
    return sent


def _waiting(scope: Scope) -> QuerySet[Card]:
    members = Member.objects.within(scope).active()
    return Card.objects.filter(welcomed_at__isnull=True, revoked_at__isnull=True, member__in=members)


@transaction.atomic
def _welcome_batch(actor: Actor, scope: Scope, *, after: int) -> tuple[list[Card], int] | None:
    """The next cards, and how many of them are settled now; None: there are no more."""
    locked = _waiting(scope).select_for_update(of=("self",), skip_locked=True).select_related("member")
    cards = list(locked.filter(pk__gt=after).order_by("pk")[:BATCH])
    if not cards:
        return None
    by_member = {card.member_id: card for card in cards}
    organisation = get_organisation()
    texts = {member_id: _text(organisation, card) for member_id, card in by_member.items()}
    handover = send_texts(scope=scope, purpose=Purpose.MEMBERSHIP, kind="welcome", texts=texts)
    settled = [card.pk for card in cards if card.member_id not in handover.not_sent]
    Card.objects.filter(pk__in=settled).update(welcomed_at=clock.now())
    audit.record_act(
        actor,
        action="cards.welcome",
        target="cards",
        details={"count": handover.sent, "not_sent": len(handover.not_sent)},
    )
    return cards, len(settled)


def welcome_path(card: Card) -> str:
    """The address, below the site's root, that signs the card's holder in once."""
    return "/w/" + signing.dumps([card.pk, card.number], salt=SALT)


@transaction.atomic
@wall.lifted("the signed link stands for its holder")
def refuse_welcome(*, token: str) -> None:
    """Somebody says: this is not me. End the membership of the person whom the link was sent to, at once.

    Works as long as the link is valid, used or not. Raises WelcomeInvalid.
    """
    card = _card_behind(token)
    disown_membership(member_id=card.member_id)
    audit.record_act(
        ANONYMOUS,
        action="cards.not_me",
        target=f"member:{card.member_id}",
        territory_id=card.member.territory_id,
    )


@transaction.atomic
@wall.lifted("the signed link stands for its holder")
def redeem_welcome(*, token: str) -> int:
    """The id of the member whom the welcome link was sent to; the link is used up by this.

    Raises:
        WelcomeInvalid: changed, older than 30 days, the card was revoked, or the member left.
        WelcomeUsed: the member signs in with a code from now on.
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
    except (signing.BadSignature, ValueError, TypeError):
        raise WelcomeInvalid from None
    cards = Card.objects.select_for_update(of=("self",)).select_related("member")
    card = cards.filter(pk=card_id, number=number, revoked_at__isnull=True, member__state=MemberState.ACTIVE).first()
    if card is None:
        raise WelcomeInvalid
    return card


def _text(organisation: Organisation, card: Card) -> str:
    link = settings.BASE_URL + welcome_path(card)
    return welcome_text(
        organisation, card.member.language, name=card.member.name, number=shown(card.number), link=link
    )  # fmt: skip


def welcome_text(organisation: Organisation, language: str, *, name: str, number: str, link: str) -> str:
    """The words of the first message. They are registered with operators: see docs/howto/send-texts.md."""
    with translation.override(language):
        sentence = _(
            "%(organisation)s: %(name)s, your membership card is %(number)s. Card, group and material: %(link)s "
            "If you did not ask for this, open the link and choose: This is not me."
        )
        return sentence % {
            "organisation": organisation.label(language),
            "name": name,
            "number": number,
            "link": link,
        }
