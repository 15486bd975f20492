"""The platforms that posts go to by themselves, by their key, and the settings of accounts on them."""

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from toli.posting.errors import PlaceInvalid, PostProviderUnknown
from toli.posting.ports import PostProvider


@cache
def providers() -> dict[str, PostProvider]:
    """All providers of settings.POST_PROVIDERS."""
    found: list[type[PostProvider]] = [import_string(path) for path in settings.POST_PROVIDERS]
    return {kind.key: kind() for kind in found}


def provider_named(key: str) -> PostProvider:
    """The provider with this key. Raises PostProviderUnknown."""
    try:
        return providers()[key]
    except KeyError:
        raise PostProviderUnknown(provider=key, providers=", ".join(providers())) from None


def secret_names(provider: PostProvider) -> frozenset[str]:
    """Settings that are sealed and never shown."""
    return frozenset(item.name for item in dataclasses.fields(provider.settings_schema) if item.metadata.get("secret"))


def token_name(provider: PostProvider) -> str:
    """The secret that runs out and is renewed: the account's own, not its app's. Empty: it has none."""
    found = dataclasses.fields(provider.settings_schema)
    names = [item.name for item in found if item.metadata.get("secret") and not item.metadata.get("of_app")]
    return names[0] if names else ""


def app_names(provider: PostProvider) -> list[str]:
    """What is to be known of the app that acts for the account: its number, its secret. Often nothing."""
    return [item.name for item in dataclasses.fields(provider.settings_schema) if item.metadata.get("of_app")]


def made(provider: PostProvider, found: Mapping[str, Any]) -> Any:
    """The settings of an account. Raises PlaceInvalid: one is unknown, missing or wrong."""
    known = {item.name: item for item in dataclasses.fields(provider.settings_schema)}
    if unknown := set(found) - set(known):
        raise PlaceInvalid(reason=f"{', '.join(sorted(unknown))}?")
    missing = [
        name for name, item in known.items() if item.default is dataclasses.MISSING and not found.get(name)
    ]  # fmt: skip
    if missing:
        raise PlaceInvalid(reason=f"{', '.join(missing)} …")
    try:
        return provider.settings_schema(**found)
    except ValueError as error:
        raise PlaceInvalid(reason=str(error)) from None
