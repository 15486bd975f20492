"""Taking what the platform posts: stored before it is answered, once."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from toli.botgroups.errors import PostRefused, PostUnreadable
from toli.botgroups.models import Bot
from toli.botgroups.ports import BotProvider
from toli.botgroups.services import sealing
from toli.botgroups.services.providing import provider_named
from toli.core import clock, jobs, wall

_STORE = """
INSERT INTO botgroups_update (bot_id, number, content_sealed, received_at, tries, failure)
VALUES (%s, %s, %s, %s, 0, '') ON CONFLICT (bot_id, number) DO NOTHING
"""


@wall.lifted("the platform is no person with an area; its secret stands for it")
def receive(*, provider_key: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Store one update. Returns whether it is new; one that came before, or that nobody needs, is not stored again.

    When this returns, the update is on the disk: the platform may be told that it has arrived.

    Raises:
        BotMissing. PostRefused: the secret is not ours. PostUnreadable: it is no update.
    """
    provider = provider_named(provider_key)
    if not provider.is_genuine(headers):
        raise PostRefused
    update, number = _parsed(provider, body)
    if not provider.is_wanted(update):
        return False
    sealed = sealing.updates().encrypt(json.dumps(update, separators=(",", ":")), row=number)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_STORE, [provider.bot_id, number, sealed, clock.now()])
        new = bool(cursor.rowcount)
    if new:
        jobs.enqueue_once("botgroups.read_updates")
    return new


def _parsed(provider: BotProvider, body: bytes) -> tuple[dict[str, Any], int]:
    try:
        update = json.loads(body)
        return update, provider.number_of(update)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise PostUnreadable from None


def heard(bot: Bot) -> None:
    """The bot is alive: something came just now."""
    Bot.objects.filter(pk=bot.pk).update(heard_at=clock.now())
