"""Numbers of people on the platform: found by a keyed hash, sealed where the bot must act, never in the clear."""

from django.conf import settings

from toli.core.crypto import FieldCipher, cipher_for, keyed_hash

CONTEXT = "botgroups.person"


def person_hash(person_id: int) -> bytes:
    """The name under which an account is known."""
    return keyed_hash(settings.TOLI_TOMBSTONE_KEY, CONTEXT, str(person_id))


def code_hash(code: str) -> bytes:
    """The name under which a one-time code is kept."""
    return keyed_hash(settings.TOLI_TOMBSTONE_KEY, "botgroups.code", code)


def updates() -> FieldCipher:
    """Seals what came from the platform."""
    return cipher_for("botgroups_update.content")


def accounts() -> FieldCipher:
    """Seals a member's own number."""
    return cipher_for("botgroups_platformaccount.person")


def orders() -> FieldCipher:
    """Seals whom something is done about."""
    return cipher_for("botgroups_order.person")
