"""A bot cannot create a group. A named person does, and puts the bot in by one prepared address; the rest follows."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from toli.accounts.domain.actor import Actor
from toli.audit import services as audit
from toli.botgroups.errors import BotMissing, GroupKept
from toli.botgroups.models import Bot, Chat, Code
from toli.botgroups.ports import BotProvider
from toli.botgroups.services.people import new_code
from toli.botgroups.services.providing import connected, provider_named
from toli.chatgroups.errors import GroupNotFound
from toli.chatgroups.models import ChatGroup
from toli.chatgroups.policies import runs_group
from toli.chatgroups.ports import GroupRequest
from toli.chatgroups.services import ask_to_create
from toli.core import clock

GROUP_CODE_LASTS = timedelta(days=30)


def expect_groups(provider_key: str, requests: Sequence[GroupRequest]) -> None:
    """Ask the named people for the groups, in the caller's transaction. Safe to repeat. Raises BotMissing."""
    bot, provider = _bot_of(provider_key)
    asked = set(Code.objects.filter(group_id__in=[request.group_id for request in requests]).values_list("group_id"))
    new = [request for request in requests if (request.group_id,) not in asked]
    ask_to_create(
        new,
        more={
            request.group_id: {"bot": bot.username, "bot_address": _address(bot, provider, request.group_id)}
            for request in new
        },
    )


@transaction.atomic
def renew_group_code(*, actor: Actor, group_id: int) -> str:
    """A new address by which the bot is put into the group: the old one is over, or the group was lost.

    Raises:
        GroupNotFound: also when the actor does not run it. GroupKept: the bot is in it already. BotMissing: also when
        another way than a bot was chosen for its campaign.
    """
    group = ChatGroup.objects.select_related("campaign").filter(pk=group_id).first()
    if group is None or not runs_group(actor, group):
        raise GroupNotFound
    if Chat.objects.filter(group=group, inside=True).exists():
        raise GroupKept
    bot, provider = _bot_of(group.campaign.provider)
    Code.objects.filter(group_id=group_id, used_at__isnull=True).update(expires_at=clock.now())
    audit.record_act(actor, action="botgroups.new_code", target=f"chatgroup:{group_id}")
    return _address(bot, provider, group_id)


def _address(bot: Bot, provider: BotProvider, group_id: int) -> str:
    return provider.group_address(bot.username, new_code(lasts=GROUP_CODE_LASTS, group_id=group_id))


def _bot_of(provider_key: str) -> tuple[Bot, BotProvider]:
    provider = provider_named(provider_key)
    for bot, found in connected():
        if found.key == provider.key:
            return bot, provider
    raise BotMissing
