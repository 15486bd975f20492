"""What an account is reached by, and what was begun there: sealed, and opened for acting."""

import json
from typing import Any

from toli.botgroups.models import Chat
from toli.core.crypto import cipher_for
from toli.posting.models import Place, Post
from toli.posting.providers import made, provider_named

CONTEXT = "posting_place.secrets"
PROGRESS = "posting_post.progress"


def seal(place: Place, secrets: dict[str, Any]) -> None:
    """Keep the secrets of a place that has a number already."""
    place.secrets_sealed = cipher_for(CONTEXT).encrypt(json.dumps(secrets), row=place.pk)


def stored(place: Place) -> dict[str, Any]:
    """Everything that was set for the place. A group that the bot keeps is reached by its number on the platform."""
    sealed = bytes(place.secrets_sealed)
    hidden = json.loads(cipher_for(CONTEXT).decrypt(sealed, row=place.pk)) if sealed else {}
    found = {**place.config, **hidden}
    if place.group_id is not None and not found:
        number = Chat.objects.filter(group_id=place.group_id, inside=True).values_list("number", flat=True).first()
        if number is not None:
            found["chat_id"] = str(number)
    return found


def settings_of(place: Place) -> Any:
    """The settings as the provider takes them. Raises PlaceInvalid: they no longer fit, or the bot left the group."""
    return made(provider_named(place.provider), stored(place))


def sealed_progress(post: Post, progress: str) -> bytes:
    """What was begun for the post, as it is kept: whoever knows the address of an upload can fill it."""
    return cipher_for(PROGRESS).encrypt(progress, row=post.pk) if progress else b""


def progress_of(post: Post) -> str:
    """What was begun for the post; empty: nothing."""
    sealed = bytes(post.progress_sealed)
    return cipher_for(PROGRESS).decrypt(sealed, row=post.pk) if sealed else ""
