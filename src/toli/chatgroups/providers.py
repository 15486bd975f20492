"""The ways to have groups created, by their key."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from toli.chatgroups.errors import CampaignInvalid
from toli.chatgroups.ports import GroupProvider


@cache
def providers() -> dict[str, GroupProvider]:
    """All providers of settings.GROUP_PROVIDERS."""
    made: list[GroupProvider] = [import_string(path)() for path in settings.GROUP_PROVIDERS]
    return {provider.key: provider for provider in made}


def get_provider(key: str) -> GroupProvider:
    """The provider with this key. Raises CampaignInvalid."""
    if key not in providers():
        raise CampaignInvalid(reason=f"{key}?")
    return providers()[key]
