"""Connecting the bot, and finding out whether it works."""

from django.conf import settings
from django.db import transaction

from toli.access.domain.permissions import GROUPS_MANAGE
from toli.access.policies import holds_everywhere, scope_for
from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.botgroups.errors import BotMissing, BotRefused, GroupNotKept
from toli.botgroups.models import Bot, Chat
from toli.botgroups.ports import Act, End, Task
from toli.botgroups.services import words
from toli.botgroups.services.providing import connected, provider_named
from toli.chatgroups import selectors as chatgroups
from toli.compliance.services import require_channel
from toli.core import clock
from toli.core.errors import Forbidden

HOOK = "/hooks/groups/{}"


def connect_bot(*, actor: Actor, provider_key: str, base_url: str = "") -> Bot:
    """Ask the platform who the bot is and have it send updates here. Safe to repeat.

    Raises:
        Forbidden: the actor does not manage groups everywhere. BotMissing: its secret is not set. BotRefused: the
        platform did not take it. ChannelBarred.
    """
    if not manages_everywhere(actor):
        raise Forbidden
    require_channel(provider_key)
    provider = provider_named(provider_key)
    address = (base_url or settings.BASE_URL) + HOOK.format(provider.key)
    name = provider.connect(address)
    with transaction.atomic():
        bot, _created = Bot.objects.update_or_create(
            pk=name.id,
            defaults={
                "provider": provider.key,
                "username": name.username,
                "address": address,
                "connected_at": clock.now(),
            },
        )
        audit.record_act(actor, action="botgroups.bot", target=f"bot:{bot.pk}")
    return bot


def manages_everywhere(actor: Actor) -> bool:
    """Whether the actor manages the groups of the whole organisation, whose bot this is."""
    return holds_everywhere(actor, GROUPS_MANAGE)


def post_test(*, actor: Actor, group_id: int) -> None:
    """Write one line into a group, so that its people can see that the bot is there.

    Raises:
        GroupNotFound: there is none where the actor manages groups. GroupNotKept. BotMissing. BotRefused.
    """
    group = chatgroups.get_group(scope_for(actor, GROUPS_MANAGE), group_id)
    chat = Chat.objects.filter(group=group, inside=True).first()
    if chat is None:
        raise GroupNotKept
    for bot, provider in connected():
        if bot.pk == chat.bot_id:
            (outcome,) = provider.carry_out([Task(Act.POST, chat.number, text=words.test_post())])
            if outcome.end is not End.DONE:
                raise BotRefused(reason=outcome.reason)
            audit.record_act(actor, action="botgroups.test", target=f"chatgroup:{group_id}")
            return
    raise BotMissing


def count_people() -> int:
    """Ask the platform how many people are in each group. Returns in how many it answered."""
    answered = 0
    for bot, provider in connected():
        chats = Chat.objects.filter(bot_id=bot.pk, inside=True, group__isnull=False)
        for number, people in provider.count(list(chats.values_list("number", flat=True))).items():
            answered += Chat.objects.filter(number=number).update(people=people, counted_at=clock.now())
    return answered
