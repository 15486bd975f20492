"""Cards as verifiable credentials: as the specification writes and signs them, and nothing else is believed."""

import json
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_member
from toli.accounts.domain.actor import SYSTEM
from toli.cards import credentials, selectors
from toli.cards.domain import card_codec, credential
from toli.cards.domain.credential import NotCanonical, NotProven, base58, canonical, check, from_base58, multikey, prove
from toli.cards.services import issue_cards

# Test vector of "Data Integrity EdDSA Cryptosuites", eddsa-jcs-2022: key pair, credential, proof.
SECRET, PUBLIC = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq", "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
METHOD = f"https://vc.example/issuers/5678#{PUBLIC}"
CREATED = "2023-02-24T23:36:38Z"
VALUE = "z63t83Y53KfzJ5ZosfKTnqfMcKB2dmTrfjSaQjeNNjAD5srBowQfmWqeRb8rRjmeEuCBEsddF9LsVogtuTsijJKh4"
ALUMNI = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}
SEED = b"s" * 32
KEYS = {"did:web:a.example#card-key-1": card_codec.public_key(SEED)}

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
documents = st.dictionaries(texts.filter(lambda key: key != "proof"), values, max_size=5)


def signed(document):
    return prove(document, seed=SEED, method=next(iter(KEYS)), created=CREATED)


def test_the_specifications_own_example_gets_its_signature():
    seed = from_base58(SECRET[1:])[2:]
    assert multikey(card_codec.public_key(seed)) == PUBLIC
    proven = prove(ALUMNI, seed=seed, method=METHOD, created=CREATED)
    assert proven["proof"]["proofValue"] == VALUE
    assert check(proven, {METHOD: card_codec.public_key(seed)}) == ALUMNI


@given(documents)
def test_what_was_signed_is_proven_also_after_a_journey_as_text(document):
    journey = json.loads(json.dumps(signed(document), ensure_ascii=False))
    assert check(journey, KEYS) == document


@given(documents, texts.filter(lambda key: key != "proof"), values)
def test_a_changed_document_is_not_proven(document, key, value):
    forged = {**signed(document), key: value}
    if canonical({k: v for k, v in forged.items() if k != "proof"}) != canonical(document):
        with pytest.raises(NotProven):
            check(forged, KEYS)


@pytest.mark.parametrize(
    ("field", "value"),
    [("created", "2024-01-01T00:00:00Z"), ("proofPurpose", "authentication"), ("cryptosuite", "eddsa-rdfc-2022"),
     ("type", "Other"), ("verificationMethod", "did:web:b.example#card-key-1"), ("proofValue", "z1"),
     ("proofValue", ""), ("proofValue", 5), ("@context", ["x"])],
)  # fmt: skip
def test_a_changed_proof_proves_nothing(field, value):
    forged = deepcopy(signed(ALUMNI))
    forged["proof"][field] = value
    with pytest.raises(NotProven):
        check(forged, KEYS)


@pytest.mark.parametrize("document", [{}, {"proof": None}, {"proof": {}}, {"proof": []}, {"proof": "x"}])
def test_without_a_proof_nothing_is_proven(document):
    with pytest.raises(NotProven):
        check(document, KEYS)


@given(values)
def test_there_is_one_way_to_write_a_value_and_it_means_the_same(value):
    assert json.loads(canonical(value)) == value
    assert canonical(json.loads(json.dumps(value))) == canonical(value)


def test_keys_are_sorted_by_utf_16_and_nothing_is_escaped_that_need_not_be():
    assert canonical({"b": 1, "a": 'न/\u007f\u000b"', "\ufb33": 2, "\U0001f600": 3}) == (
        '{"a":"न/\u007f\\u000b\\"","b":1,"😀":3,"\ufb33":2}'.encode()
    )


@pytest.mark.parametrize("value", [1.5, 2**53, b"x", {1: 2}, object(), "\ud800"])
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(NotCanonical):
        canonical(value)


@given(st.binary(max_size=80))
def test_base_58_reads_back(data):
    assert from_base58(base58(data)) == data


@pytest.mark.parametrize(
    ("site", "did"),
    [("https://toli.example.org", "did:web:toli.example.org"), ("http://localhost:8000", "did:web:localhost%3A8000")],
)
def test_the_name_of_a_site_in_did_web(site, did):
    assert credential.did_of(site) == did


def test_a_members_credential_is_proven_by_what_did_web_leads_to(country, settings):
    settings.BASE_URL = "https://toli.example.org"
    member = make_member("A1", name="सुनीता देवी")
    issue_cards(actor=SYSTEM)
    card = selectors.card_of(member.pk)
    found = credentials.credential_of(card)
    methods = credentials.did_document()["verificationMethod"]
    keys = {method["id"]: from_base58(method["publicKeyMultibase"][1:])[2:] for method in methods}
    content = check(json.loads(json.dumps(found)), keys)
    assert content["credentialSubject"]["name"] == "सुनीता देवी"
    assert content["credentialSubject"]["memberNumber"] == card_codec.shown(card.number)
    assert content["issuer"]["id"] == "did:web:toli.example.org"
    assert content["validUntil"].startswith(card.valid_until.isoformat() + "T23:59:59")
    assert selectors.verify_card(content["id"]).state == "valid"
    assert "0123" not in json.dumps(found)  # no telephone number
