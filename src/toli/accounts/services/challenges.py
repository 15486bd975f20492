"""Challenges: random numbers that a device signs once, within five minutes, for one purpose, for one site.

The row that stands for a challenge is deleted by the first answer, so of two at the same moment one counts.
"""

import hashlib
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from webauthn.helpers import parse_client_data_json
from webauthn.helpers.structs import AuthenticationCredential, RegistrationCredential

from toli.accounts.domain.factors import CHALLENGE_LIFETIME
from toli.accounts.errors import PasskeyRefused
from toli.accounts.models import PasskeyChallenge
from toli.core import clock

REGISTER, SIGN_IN, CONFIRM = "register", "sign_in", "confirm"


@dataclass(frozen=True, slots=True)
class Site:
    """Who we are to an authenticator: follows from the address people reach us under."""

    id: str
    origin: str


def site() -> Site:
    parts = urlsplit(settings.BASE_URL)
    return Site(parts.hostname or "", f"{parts.scheme}://{parts.netloc}")


def new_challenge(purpose: str, account_id: int | None) -> bytes:
    """32 random bytes for the device to sign."""
    challenge = secrets.token_bytes(32)
    PasskeyChallenge.objects.create(
        challenge_hash=_hashed(challenge),
        purpose=purpose,
        account_id=account_id,
        expires_at=clock.now() + CHALLENGE_LIFETIME,
    )
    return challenge


def taken(answer: RegistrationCredential | AuthenticationCredential, purpose: str, account_id: int | None) -> bytes:
    """The challenge that was answered, which nobody can answer again: outside the transaction that a refusal undoes."""
    challenge = parse_client_data_json(answer.response.client_data_json).challenge
    deleted, _rows = PasskeyChallenge.objects.filter(
        challenge_hash=_hashed(challenge), purpose=purpose, account=account_id, expires_at__gt=clock.now()
    ).delete()
    if not deleted:
        raise PasskeyRefused
    return challenge


def _hashed(challenge: bytes) -> bytes:
    return hashlib.sha256(challenge).digest()
