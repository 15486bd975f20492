"""Passkeys (WebAuthn): added, used, renamed, taken away."""

import json
from typing import Any

import webauthn
from django.db import transaction
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from toli.accounts import selectors
from toli.accounts.domain import factors
from toli.accounts.domain.actor import Actor
from toli.accounts.domain.sessions import Method
from toli.accounts.errors import LastFactor, PasskeyNotFound, PasskeyRefused
from toli.accounts.models import Account, Passkey
from toli.accounts.services.challenges import CONFIRM, REGISTER, SIGN_IN, new_challenge, site, taken
from toli.accounts.services.sessions import prove_session
from toli.accounts.services.standing import locked_for_change
from toli.audit import services as audit
from toli.core import clock, limits, wall
from toli.core.domain.limits import network_of

LONGEST = 20_000  # characters of an answer; real ones have about a thousand
_BROKEN = (WebAuthnException, ValueError, TypeError, KeyError, RecursionError)


@transaction.atomic
def begin_registration(*, actor: Actor, session_key: str, issuer: str) -> dict[str, Any]:
    """What the browser needs to make a passkey for the actor's account.

    Raises:
        ProofNeeded: the actor has not proved who they are within the last ten minutes.
    """
    account = locked_for_change(actor=actor, session_key=session_key)
    options = webauthn.generate_registration_options(
        rp_id=site().id,
        rp_name=issuer,
        user_id=factors.user_handle(account.pk),
        user_name=account.login,
        user_display_name=account.display_name,
        challenge=new_challenge(REGISTER, account.pk),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_descriptors(account.pk),
    )
    return dict(json.loads(webauthn.options_to_json(options)))


def finish_registration(*, actor: Actor, session_key: str, credential: str, name: str) -> Passkey:
    """Keep the passkey that the browser made. It proves, too, who sits there.

    Raises:
        ProofNeeded. PasskeyRefused: made for another site, too late, a second time, or without checking its owner.
    """
    try:
        answer = parse_registration_credential_json(credential[:LONGEST])
        challenge = taken(answer, REGISTER, actor.id)
        return _kept(actor, session_key, answer, challenge, name)
    except _BROKEN as error:
        raise PasskeyRefused from error


@transaction.atomic
def _kept(actor: Actor, session_key: str, answer: RegistrationCredential, challenge: bytes, name: str) -> Passkey:
    account = locked_for_change(actor=actor, session_key=session_key)
    verified = webauthn.verify_registration_response(
        credential=answer,
        expected_challenge=challenge,
        expected_rp_id=site().id,
        expected_origin=site().origin,
        require_user_verification=True,
    )
    passkey, made = Passkey.objects.get_or_create(
        credential_id=verified.credential_id,
        defaults={
            "account": account,
            "public_key": verified.credential_public_key,
            "sign_count": verified.sign_count,
            "transports": [transport.value for transport in answer.response.transports or []],
            "name": _name(name, account.pk),
            "created_at": clock.now(),
        },
    )
    if not made:
        raise PasskeyRefused
    _record(actor, "accounts.add_passkey", passkey.pk)
    prove_session(actor=actor, session_key=session_key, method=Method.PASSKEY)
    return passkey


def begin_authentication(*, address: str, account_id: int | None = None) -> dict[str, Any]:
    """What the browser needs to sign in with a passkey, or with ``account_id`` to confirm who sits there.

    Without an account no list of keys is given: the device knows which it has for us, and no login is asked for.

    Raises:
        TooManyRequests.
    """
    limits.hit("staff.address", network_of(address))
    options = webauthn.generate_authentication_options(
        rp_id=site().id,
        challenge=new_challenge(CONFIRM if account_id else SIGN_IN, account_id),
        user_verification=UserVerificationRequirement.REQUIRED,
        allow_credentials=_descriptors(account_id) if account_id else [],
    )
    return dict(json.loads(webauthn.options_to_json(options)))


def authenticate(*, credential: str, address: str, account_id: int | None = None) -> Account:
    """The account whose passkey signed the challenge; with ``account_id`` it has to be that one.

    Raises:
        PasskeyRefused: unknown key, wrong site, used or late challenge, owner not checked, or a counter that went
            back (the key was copied); the answer does not tell which. TooManyRequests.
    """
    limits.hit("staff.address", network_of(address))
    try:
        answer = parse_authentication_credential_json(credential[:LONGEST])
        challenge = taken(answer, CONFIRM if account_id else SIGN_IN, account_id)
        return _authenticated(answer, challenge, account_id)
    except _BROKEN as error:
        raise PasskeyRefused from error


@wall.lifted("who signs in is known by their passkey, not by an area")
@transaction.atomic
def _authenticated(answer: AuthenticationCredential, challenge: bytes, account_id: int | None) -> Account:
    passkey = (
        Passkey.objects.select_for_update(of=("self",))
        .select_related("account")
        .filter(credential_id=answer.raw_id, account__is_active=True)
        .first()
    )
    if passkey is None or (account_id and passkey.account_id != account_id):
        raise PasskeyRefused
    handle = answer.response.user_handle
    if handle is not None and handle != factors.user_handle(passkey.account_id):
        raise PasskeyRefused
    verified = webauthn.verify_authentication_response(
        credential=answer,
        expected_challenge=challenge,
        expected_rp_id=site().id,
        expected_origin=site().origin,
        credential_public_key=bytes(passkey.public_key),
        credential_current_sign_count=passkey.sign_count,
        require_user_verification=True,
    )
    passkey.sign_count, passkey.last_used_at = verified.new_sign_count, clock.now()
    passkey.save(update_fields=["sign_count", "last_used_at"])
    return passkey.account


@transaction.atomic
def rename_passkey(*, actor: Actor, passkey_id: int, name: str) -> None:
    """Give one's own passkey another name. Raises PasskeyNotFound, also for somebody else's."""
    if not Passkey.objects.filter(pk=passkey_id, account=actor.id).update(name=_name(name, actor.id or 0)):
        raise PasskeyNotFound


@transaction.atomic
def remove_passkey(*, actor: Actor, session_key: str, passkey_id: int) -> None:
    """Forget one's own passkey.

    Raises:
        PasskeyNotFound (also for somebody else's). ProofNeeded. LastFactor: nothing would be left to sign in by.
    """
    account = locked_for_change(actor=actor, session_key=session_key)
    if not Passkey.objects.filter(pk=passkey_id, account=account).delete()[0]:
        raise PasskeyNotFound
    if not selectors.factors_of(account.pk).can_prove:
        raise LastFactor
    _record(actor, "accounts.remove_passkey", passkey_id)


def _descriptors(account_id: int) -> list[PublicKeyCredentialDescriptor]:
    with wall.lifted("the passkeys of who is signed in, asked for on a public page"):
        found = selectors.passkeys_of(account_id)
    return [
        PublicKeyCredentialDescriptor(
            id=bytes(passkey.credential_id),
            transports=[AuthenticatorTransport(name) for name in passkey.transports],
        )
        for passkey in found
    ]


def _name(text: str, account_id: int) -> str:
    """The name as given, else a number that tells it from the others."""
    count = Passkey.objects.filter(account_id=account_id).count()
    return " ".join(text.split())[:60] or f"Passkey {count + 1}"


def _record(actor: Actor, action: str, passkey_id: int) -> None:
    audit.record_act(
        actor,
        action=action,
        target=f"passkey:{passkey_id}",
    )
