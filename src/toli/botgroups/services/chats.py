"""Groups on the platform: the bot comes and goes, somebody connects them by a code, they get another number."""

from toli.accounts.domain.actor import SYSTEM
from toli.audit import services as audit
from toli.botgroups.domain.deciding import Moment, is_news
from toli.botgroups.models import Bot, Chat, Code, Order, OrderState
from toli.botgroups.ports import Act, BotMoved, ChatMoved, CodeGiven
from toli.botgroups.services import sealing
from toli.botgroups.services.ordering import order
from toli.core import clock


def chat_numbered(bot: Bot, number: int) -> Chat:
    """The group with this number on the platform, locked; a new row if it was never heard of."""
    Chat.objects.get_or_create(number=number, defaults={"bot_id": bot.pk, "seen_at": clock.now()})
    return Chat.objects.select_for_update(of=("self",)).select_related("group").get(number=number)


def bot_moved(bot: Bot, news: BotMoved, moment: Moment) -> None:
    """The bot came into a group, lost it, or may do something else there. Older news changes nothing."""
    chat = chat_numbered(bot, news.chat_id)
    known = Moment(chat.standing_at, chat.standing_number) if chat.standing_at else None
    if not is_news(moment, known):
        return
    chat.inside, chat.missing, chat.title = news.inside, " ".join(news.missing), news.title[:255]
    chat.standing_at, chat.standing_number = moment.at, moment.number
    chat.save(update_fields=["inside", "missing", "title", "standing_at", "standing_number"])
    set_up_when_possible(bot, chat)


def connect_chat(bot: Bot, news: CodeGiven) -> None:
    """Somebody put the bot into a group by the address that was prepared for it: now we know which it is."""
    code = (
        Code.objects.select_for_update()
        .filter(code_hash=sealing.code_hash(news.code), group__isnull=False, used_at__isnull=True)
        .filter(expires_at__gt=clock.now())
        .first()
    )
    if code is None or code.group_id is None:
        return
    chat = chat_numbered(bot, news.chat_id)
    if chat.group_id is not None or Chat.objects.filter(group_id=code.group_id, inside=True).exists():
        return
    Chat.objects.filter(group_id=code.group_id).update(group=None)  # one that was lost is replaced
    chat.group_id = code.group_id
    chat.save(update_fields=["group"])
    Code.objects.filter(pk=code.pk).update(used_at=clock.now())
    audit.record_act(SYSTEM, action="botgroups.connect", target=f"chatgroup:{code.group_id}")
    set_up_when_possible(bot, chat)


def chat_moved(bot: Bot, news: ChatMoved) -> None:
    """A group became a supergroup: it is the same group under another number. Safe to repeat, in either order."""
    old = Chat.objects.select_for_update().filter(number=news.old_id).first()
    if old is None or not old.number:
        return
    new = Chat.objects.select_for_update().filter(number=news.new_id).first()
    if new is None:
        old.number = news.new_id
        old.save(update_fields=["number"])
        return
    if new.group_id is None and old.group_id is not None:
        group_id, ready_at = old.group_id, old.ready_at
        Chat.objects.filter(pk=old.pk).update(group=None, inside=False)
        Chat.objects.filter(pk=new.pk).update(group_id=group_id, ready_at=ready_at)
        Order.objects.filter(chat=old, state=OrderState.WAITING).update(chat=new)
        new.refresh_from_db()
        set_up_when_possible(bot, new)


def set_up_when_possible(bot: Bot, chat: Chat) -> None:
    """Order name, description and invite link once the group is known and the bot may make them."""
    if chat.group_id is not None and chat.inside and not chat.missing and chat.ready_at is None:
        order(bot.pk, Act.SET_UP, f"setup:{chat.pk}:{chat.group_id}:{chat.standing_number}", chat=chat)
