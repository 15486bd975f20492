"""Writing down what the bot has to do, in the transaction that makes it necessary."""

from toli.botgroups.models import Chat, Order, PlatformAccount, new_seal
from toli.botgroups.ports import Act
from toli.botgroups.services import sealing
from toli.chatgroups.models import ChatGroup
from toli.core import clock


def order(
    bot_id: int,
    act: Act,
    key: str,
    *,
    chat: Chat | None = None,
    person_id: int = 0,
    about: str = "",
    language: str = "hi",
    group: ChatGroup | None = None,
) -> bool:
    """Order it, once for each ``key``. Returns whether it is new."""
    now, seal = clock.now(), new_seal()
    made = Order(
        bot_id=bot_id,
        key=key,
        act=act,
        chat=chat,
        person_hash=sealing.person_hash(person_id) if person_id else b"",
        person_sealed=sealing.orders().encrypt(str(person_id), row=seal) if person_id else b"",
        seal=seal,
        about=about,
        language=language,
        group=group,
        due_at=now,
        made_at=now,
    )
    before = Order.objects.filter(key=key).exists()
    if not before:
        Order.objects.bulk_create([made], ignore_conflicts=True)
    return not before


def person_of(account: PlatformAccount) -> int:
    """The number on the platform, opened for acting."""
    return int(sealing.accounts().decrypt(bytes(account.person_sealed), row=account.sealed_row()))


def remove(bot_id: int, chat: Chat, person_id: int, key: str) -> bool:
    """Have somebody leave a group."""
    return order(bot_id, Act.REMOVE, key, chat=chat, person_id=person_id)
