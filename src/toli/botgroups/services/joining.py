"""Answering those who ask to join: card holders whose seat is in the group are let in, others are told why not."""

from toli.botgroups.domain.deciding import Asker, Reason, why_not
from toli.botgroups.models import Bot, Chat, Order, OrderState, PlatformAccount, Presence
from toli.botgroups.ports import Act, AskedToJoin
from toli.botgroups.services import sealing
from toli.botgroups.services.ordering import order
from toli.cards.selectors import card_of
from toli.chatgroups import selectors as chatgroups
from toli.chatgroups import services as groups
from toli.chatgroups.errors import LinkChanging, NoCard, NoSeatFree
from toli.chatgroups.models import ChatGroup
from toli.core import clock
from toli.members.models import Member, MemberState


def answer(bot: Bot, news: AskedToJoin, number: int) -> None:
    """Decide about one request. One that is being answered already, or that is older than what is known, is over."""
    chat = Chat.objects.select_related("group").filter(number=news.chat_id, group__isnull=False).first()
    if chat is None or chat.group is None:
        return
    person = sealing.person_hash(news.person_id)
    if _is_over(chat, person, news):
        return
    key = f"ask:{chat.pk}:{person.hex()}:{int(news.at.timestamp())}:{number}"
    account = PlatformAccount.objects.select_related("member").filter(person_hash=person).first()
    member = account.member if account else None
    reason = why_not(_asker(member, chat.group), chat.group.pk)
    order(
        bot.pk,
        Act.DECLINE if reason else Act.APPROVE,
        key,
        chat=chat,
        person_id=news.person_id,
        about=reason or "",
        language=member.language if member else "",
        group=_own_group(member, chat.group) if reason is Reason.OTHER_GROUP else None,
    )


def _is_over(chat: Chat, person: bytes, news: AskedToJoin) -> bool:
    """Whether they are being answered, or have come or gone since they asked."""
    answering = Order.objects.filter(chat=chat, person_hash=person, act__in=(Act.APPROVE, Act.DECLINE))
    if answering.filter(state=OrderState.WAITING).exists():
        return True
    return Presence.objects.filter(chat=chat, person_hash=person, at__gt=news.at).exists()


def _asker(member: Member | None, group: ChatGroup) -> Asker:
    if member is None:
        return Asker(known=False)
    active, has_card = member.state == MemberState.ACTIVE, holds_card(member.pk)
    if not (active and has_card):
        return Asker(True, active, has_card)
    seat_group = seat_in(member.pk, group.campaign_id)
    link_changes = seat_group is None and chatgroups.seat_of(member.pk, group.campaign_id) is not None
    return Asker(True, active, has_card, seat_group, link_changes)


def holds_card(member_id: int) -> bool:
    """Whether the member has a card that counts today."""
    card = card_of(member_id)
    return card is not None and card.valid_until >= clock.today()


def seat_in(member_id: int, campaign_id: int) -> int | None:
    """The group in which the member has a seat, taken now if need be; None: there is none to go to.

    Whoever finds no place is on the waiting list from now on, as on their own page.
    """
    try:
        groups.go_to_group(member_id=member_id, campaign_id=campaign_id)
    except (NoCard, LinkChanging):
        return None
    except NoSeatFree:
        groups.wait_for_seat(member_id=member_id, campaign_id=campaign_id)
        return None
    seat = chatgroups.seat_of(member_id, campaign_id)
    return seat.group_id if seat else None


def _own_group(member: Member | None, group: ChatGroup) -> ChatGroup | None:
    seat = chatgroups.seat_of(member.pk, group.campaign_id) if member else None
    return seat.group if seat else None
