"""The channels that messages can leave by, by their key."""

from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from toli.messaging.errors import ProviderUnknown
from toli.messaging.ports import ChannelProvider


@cache
def providers() -> dict[str, type[ChannelProvider]]:
    """All providers of settings.CHANNEL_PROVIDERS."""
    found: list[type[ChannelProvider]] = [import_string(path) for path in settings.CHANNEL_PROVIDERS]
    return {provider.key: provider for provider in found}


def provider_class(key: str) -> type[ChannelProvider]:
    """The provider with this key. Raises ProviderUnknown."""
    try:
        return providers()[key]
    except KeyError:
        raise ProviderUnknown(provider=key, providers=", ".join(providers())) from None


def is_secret(field: Any) -> bool:
    """Whether a field of a provider's settings is sealed and never shown."""
    return bool(field.metadata.get("secret"))
