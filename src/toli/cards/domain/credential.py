"""A card as a W3C verifiable credential, for wallets and other people's programs.

Sources: Verifiable Credentials Data Model 2.0; Data Integrity EdDSA Cryptosuites 1.0 (``eddsa-jcs-2022``); RFC 8785
(JCS); Controlled Identifiers 1.0 (Multikey); the did:web method. The proof is an Ed25519 signature over the SHA-256
of the proof's options, followed by that of the document, both in canonical form. It is made with the cards' own key:
what a card signs begins with ``toli card``, so that neither signature can be taken for the other.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
SUITE = "eddsa-jcs-2022"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519_PUBLIC = b"\xed\x01"
Json = dict[str, Any]


class NotCanonical(ValueError):
    """The value cannot be written in one way only: it holds a fraction, or something that is not JSON."""


class NotProven(ValueError):
    """The credential has no proof of this kind, or its proof does not fit."""


@dataclass(frozen=True, slots=True)
class Membership:
    """What the credential says. ``address``: the card's, where anybody checks it; ``status``: of the revoked cards."""

    site: str
    organisation: str
    name: str
    number: str
    place: str
    grade: str
    address: str
    status: str
    valid_from: datetime
    valid_until: datetime


def did_of(site: str) -> str:
    """The did:web of a site's host: ``did:web:toli.example.org``, a port written as ``%3A8000``."""
    return f"did:web:{quote(urlsplit(site).netloc, safe='.')}"


def key_id(site: str, version: int) -> str:
    """How a signing key is called in the site's DID document."""
    return f"{did_of(site)}#card-key-{version}"


def did_document(site: str, keys: Mapping[int, bytes]) -> Json:
    """What did:web leads to: the public keys (version to 32 bytes) that sign credentials."""
    did = did_of(site)
    methods = [
        {
            "id": key_id(site, version),
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": multikey(keys[version]),
        }
        for version in sorted(keys)
    ]
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def credential_of(card: Membership) -> Json:
    """The credential, not yet signed."""
    subject = {
        "type": "Member",
        "name": card.name,
        "memberNumber": card.number,
        "place": card.place,
        "grade": card.grade,
    }
    return {
        "@context": [CREDENTIALS, {"@vocab": f"{card.site}/verify#"}],
        "id": card.address,
        "type": ["VerifiableCredential", "MembershipCredential"],
        "issuer": {"id": did_of(card.site), "name": card.organisation},
        "validFrom": card.valid_from.isoformat(),
        "validUntil": card.valid_until.isoformat(),
        "credentialStatus": {"id": card.status, "type": "ToliRevokedCards"},
        "credentialSubject": {key: value for key, value in subject.items() if value},
    }


def prove(document: Json, *, seed: bytes, method: str, created: str) -> Json:
    """The document with a proof under a 32 byte private key. ``created``: an instant as XML Schema writes it."""
    options: Json = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": created,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }
    if "@context" in document:
        options["@context"] = document["@context"]
    signature = Ed25519PrivateKey.from_private_bytes(seed).sign(_hashed(document, options))
    return {**document, "proof": {**options, "proofValue": "z" + base58(signature)}}


def check(document: Json, keys: Mapping[str, bytes]) -> Json:
    """The document without its proof, once one of ``keys`` (verification method to public key) proves it.

    Raises NotProven. Says nothing of validity in time and of revocation.
    """
    unsecured = {key: value for key, value in document.items() if key != "proof"}
    try:
        options = dict(document["proof"])
        value = options.pop("proofValue")
        if (options["type"], options["cryptosuite"], options["proofPurpose"], value[:1]) != (
            "DataIntegrityProof", SUITE, "assertionMethod", "z",
        ):  # fmt: skip
            raise NotProven
        if options.get("@context", document.get("@context")) != document.get("@context"):
            raise NotProven
        key = Ed25519PublicKey.from_public_bytes(keys[options["verificationMethod"]])
        key.verify(from_base58(value[1:]), _hashed(unsecured, options))
    except (KeyError, TypeError, ValueError, InvalidSignature) as error:
        raise NotProven from error
    return unsecured


def _hashed(document: Json, options: Json) -> bytes:
    return hashlib.sha256(canonical(options)).digest() + hashlib.sha256(canonical(document)).digest()


# -- how things are written ------------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    """The one way to write a JSON value (RFC 8785), of texts, whole numbers, truths, lists and objects.

    Raises NotCanonical: fractions have no place here.
    """
    try:
        return _written(value).encode()
    except (UnicodeEncodeError, AttributeError) as error:
        raise NotCanonical from error


def _written(value: Any) -> str:
    if value is None or isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int) and abs(value) < 2**53:
        return str(value)
    if isinstance(value, Mapping):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{_written(key)}:{_written(value[key])}" for key in keys) + "}"
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return "[" + ",".join(map(_written, value)) + "]"
    raise NotCanonical


def multikey(public: bytes) -> str:
    """An Ed25519 public key as Multikey writes it: ``z6Mk…``."""
    return "z" + base58(_ED25519_PUBLIC + public)


def base58(data: bytes) -> str:
    """Base 58 with Bitcoin's alphabet."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def from_base58(text: str) -> bytes:
    """The bytes of a base 58 text. Raises ValueError."""
    number = 0
    for character in text:
        number = number * 58 + _BASE58.index(character)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
