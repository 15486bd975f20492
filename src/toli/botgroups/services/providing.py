"""The platforms on which a bot can keep groups, and one worker at a time for each kind of work."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from django.db import connection

from toli.botgroups.errors import BotMissing
from toli.botgroups.models import Bot
from toli.botgroups.ports import BotProvider
from toli.chatgroups.providers import providers

_SPACE = 0x626F7473  # "bots": keeps these locks apart from others
READING, ACTING = 1, 2


def bot_providers() -> list[BotProvider]:
    """Providers that keep groups by a bot."""
    return [cast(BotProvider, provider) for provider in providers().values() if hasattr(provider, "carry_out")]


def provider_named(key: str) -> BotProvider:
    """The provider with this key. Raises BotMissing."""
    for provider in bot_providers():
        if provider.key == key:
            return provider
    raise BotMissing


def connected() -> list[tuple[Bot, BotProvider]]:
    """Bots that are connected and whose secret is set."""
    found = []
    for provider in bot_providers():
        try:
            bot = Bot.objects.filter(pk=provider.bot_id).first()
        except BotMissing:
            continue
        if bot is not None:
            found.append((bot, provider))
    return found


@contextmanager
def alone(work: int) -> Iterator[bool]:
    """Whether we are the only one at this work; the database gives it free when a process dies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_SPACE, work])
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_SPACE, work])
