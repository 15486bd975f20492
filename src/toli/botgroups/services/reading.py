"""Working off what the platform sent: in any order, more than once, and after a death in the middle.

Each update is a transaction of its own: what it changes, the orders that follow from it and that it is done are
true together. News about somebody counts only when nothing later is known (domain/deciding.py).
"""

import json
import logging

from django.db import connection, transaction
from django.db.models import QuerySet

from toli.botgroups.domain.deciding import Moment
from toli.botgroups.models import Bot, Update
from toli.botgroups.ports import AskedToJoin, BotMoved, BotProvider, ChatMoved, CodeGiven, News, PersonMoved, StopSaid
from toli.botgroups.services import chats, joining, people, presences, sealing
from toli.botgroups.services.posts import heard
from toli.botgroups.services.providing import READING, alone, connected
from toli.core import clock, jobs

log = logging.getLogger(__name__)
BATCH = 200
MOST_TRIES = 5


def read_updates() -> int:
    """Work off everything that waits. Returns how many.

    Another worker that is at it does it alone, what has just come included: whoever lets go looks once more.
    """
    done = 0
    for bot, provider in connected():
        while _waiting(bot).exists():
            with alone(READING) as mine:
                if not mine:
                    break
                while count := _batch(bot, provider):
                    done += count
                    jobs.enqueue_once("botgroups.carry_out")
    return done


def _waiting(bot: Bot) -> QuerySet[Update]:
    return Update.objects.filter(bot_id=bot.pk, done_at__isnull=True, tries__lt=MOST_TRIES)


def _batch(bot: Bot, provider: BotProvider) -> int:
    found = list(_waiting(bot).order_by("tries", "number")[:BATCH])
    for update in found:
        _work_off(bot, provider, update)
    if found:
        presences.count_outsiders()
        heard(bot)
    return len(found)


def _work_off(bot: Bot, provider: BotProvider, update: Update) -> None:
    try:
        with transaction.atomic():
            _without_waiting_for_the_disk()
            content = sealing.updates().decrypt(bytes(update.content_sealed), row=update.sealed_row())
            news = provider.read(json.loads(content))
            if news is not None:
                _take(bot, provider, news, update.number)
            _finish(update)
    except Exception as error:
        log.exception("update %s could not be worked off", update.pk)
        Update.objects.filter(pk=update.pk).update(tries=update.tries + 1, failure=type(error).__name__[:80])


def _without_waiting_for_the_disk() -> None:
    """The update itself is on the disk: should the server lose the last moments, it is worked off again."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


def _finish(update: Update) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE botgroups_update SET done_at = %s, content_sealed = '' WHERE id = %s", [clock.now(), update.pk]
        )


def _take(bot: Bot, provider: BotProvider, news: News, number: int) -> None:
    match news:
        case AskedToJoin():
            joining.answer(bot, news, number)
        case PersonMoved():
            presences.move(bot, news, Moment(news.at, number))
        case BotMoved():
            chats.bot_moved(bot, news, Moment(news.at, number))
        case ChatMoved():
            chats.chat_moved(bot, news)
        case CodeGiven(alone=True):
            people.connect_person(bot, provider, news)
        case StopSaid():
            people.stop_writing(bot, provider, news)
        case CodeGiven():
            chats.connect_chat(bot, news)
