"""Doing on the platform what has been ordered: each order until it is done, whatever dies in between.

One worker does it at a time. Orders about one person in one group are done one after the other, in the order in which
they were made. An order whose worker dies is done again: being let in, turned away or removed twice changes nothing.
Why somebody is turned away is said at most once: that it is said is written down before it is, a few at a time. Whoever
was not told by a worker that died is turned away all the same, and may ask again. What is an order of its own to write
to somebody is said at least once: without it they would not know where their place is.
"""

import time
from collections.abc import Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F

from toli.accounts.domain.actor import SYSTEM
from toli.botgroups.domain.pausing import pause_after
from toli.botgroups.models import Bot, Chat, Order, OrderState
from toli.botgroups.ports import Act, BotProvider, ChatMoved, End, Outcome, Task
from toli.botgroups.services import chats, sealing, words
from toli.botgroups.services.providing import ACTING, alone, connected
from toli.chatgroups import services as groups
from toli.core import clock, jobs
from toli.core.errors import DomainError

BATCH = 200
SAID_AT_ONCE = 50  # reasons that a worker's death can leave unsaid
PATIENCE = 10.0  # seconds that a job waits for the platform; after that it makes room and is started again later
# The first of each person in each group: what comes after it waits for it.
_FIRST = """
SELECT DISTINCT ON (chat_id, person_hash) id, due_at FROM botgroups_order
WHERE state = 'waiting' AND bot_id = %s ORDER BY chat_id, person_hash, id
"""
_NEXT = f"SELECT id FROM ({_FIRST}) first WHERE due_at <= %s ORDER BY id LIMIT %s"  # noqa: S608 ours
_SOONEST = f"SELECT min(due_at) FROM ({_FIRST}) first"  # noqa: S608 ours


def carry_out() -> int:
    """Do everything that is due, or soon will be. Returns how many orders ended.

    Another worker that is at it does it alone, what has just been ordered included: whoever lets go looks once more.
    """
    ended = 0
    for bot, provider in connected():
        while _pause(bot) is not None:
            with alone(ACTING) as mine:
                if not mine:
                    break
                ended += _carry_out(bot, provider)
    return ended


def _carry_out(bot: Bot, provider: BotProvider) -> int:
    ended = 0
    while (pause := _pause(bot)) is not None:
        time.sleep(pause)
        if batch := _next(bot):
            tasks = [_task(order) for order in batch]
            _note_said(batch)
            ended += _settle(bot, batch, provider.carry_out(tasks))
    return ended


def _pause(bot: Bot) -> float | None:
    """Seconds until the next order may be carried out; None: there is none, or not soon."""
    with connection.cursor() as cursor:
        cursor.execute(_SOONEST, [bot.pk])
        (soonest,) = cursor.fetchone()
    if soonest is None:
        return None
    asked = Bot.objects.values_list("paused_until", flat=True).get(pk=bot.pk)
    pause = float((max(soonest, asked or soonest) - clock.now()).total_seconds())
    return max(0.0, pause) if pause <= PATIENCE else None


def _next(bot: Bot) -> list[Order]:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [bot.pk, clock.now(), BATCH])
        ids = [row[0] for row in cursor.fetchall()]
    found = list(Order.objects.select_related("chat__group", "group").filter(pk__in=ids).order_by("pk"))
    saying = [place for place, order in enumerate(found) if _says_why(order)]
    return found[: saying[SAID_AT_ONCE]] if len(saying) > SAID_AT_ONCE else found


def _note_said(batch: Sequence[Order]) -> None:
    """Before anything is said: should this worker die now, nobody says it again. What was not said is taken back."""
    said = [order.pk for order in batch if _says_why(order)]
    if said:
        Order.objects.filter(pk__in=said).update(told=True)


def _says_why(order: Order) -> bool:
    return order.act == Act.DECLINE and bool(order.about) and not order.told


def _task(order: Order) -> Task:
    sealed = bytes(order.person_sealed)
    person = int(sealing.orders().decrypt(sealed, row=order.sealed_row())) if sealed else 0
    chat, group = order.chat, order.chat.group if order.chat else None
    return Task(
        act=Act(order.act),
        chat_id=chat.number if chat else 0,
        person_id=person,
        text="" if order.told else words.text_of(order),
        title=group.name if group else "",
        description=words.rules() if order.act == Act.SET_UP else "",
    )


@transaction.atomic
def _settle(bot: Bot, batch: Sequence[Order], outcomes: Sequence[Outcome]) -> int:
    """Write down how each order ended, and what follows from it. Returns how many ended."""
    longest = max((outcome.retry_after or 0 for outcome in outcomes), default=0)
    if longest:
        Bot.objects.filter(pk=bot.pk).update(paused_until=clock.now() + timedelta(seconds=longest))
    ended = [order.pk for order, outcome in zip(batch, outcomes, strict=True) if _ended(bot, order, outcome, longest)]
    Order.objects.filter(pk__in=ended).update(
        state=OrderState.DONE, done_at=clock.now(), person_sealed=b"", told=True, tries=F("tries") + 1
    )
    return len(ended)


def _ended(bot: Bot, order: Order, outcome: Outcome, longest: float) -> bool:
    if outcome.new_id is not None and order.chat is not None:
        chats.chat_moved(bot, ChatMoved(order.chat.number, outcome.new_id))
    if outcome.end is End.LATER:
        _again(order, outcome, longest)
        return False
    if outcome.end is End.REFUSED:
        _fail(order, outcome)
        return False
    if order.act == Act.SET_UP and order.chat is not None and not _opened(order.chat, outcome.address):
        _fail(order, outcome)
        return False
    return True


def _opened(chat: Chat, address: str) -> bool:
    """Whether members can be sent to the group now."""
    if chat.group_id is None:
        return True
    try:
        with transaction.atomic():
            groups.confirm_group_open(actor=SYSTEM, group_id=chat.group_id, join_address=address)
    except DomainError:
        return False
    Chat.objects.filter(pk=chat.pk).update(ready_at=clock.now())
    jobs.enqueue_once("botgroups.align")
    return True


def _again(order: Order, outcome: Outcome, longest: float) -> None:
    asked = outcome.retry_after if outcome.retry_after is not None else longest or None
    pause = pause_after(order.tries, asked if outcome.new_id is None else 0)
    if pause is None:
        _fail(order, outcome)
        return
    order.due_at = clock.now() + timedelta(seconds=pause)
    order.tries = min(order.tries + (asked is None), 1000)
    order.told = order.told or outcome.told
    order.outcome = outcome.reason[:80]
    order.save(update_fields=["due_at", "tries", "told", "outcome"])


def _fail(order: Order, outcome: Outcome) -> None:
    Order.objects.filter(pk=order.pk).update(
        state=OrderState.FAILED, done_at=clock.now(), outcome=outcome.reason[:80], person_sealed=b""
    )
