"""Checks without a network: what an app finds with the key file and the list of revoked cards."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from toli.cards.domain import card_codec, key_file, revocation
from toli.cards.domain.card_codec import CardFace
from toli.cards.domain.key_file import KeyFileUnreadable, PublicKey
from toli.cards.domain.offline import ListAge, check
from toli.cards.domain.revocation import ListUnreadable
from toli.cards.domain.states import CardState
from toli.core.domain import base32

SEEDS = {1: b"a" * 32, 2: b"b" * 32}
KEYS = {version: card_codec.public_key(seed) for version, seed in SEEDS.items()}
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TODAY = NOW.date()
FILE = key_file.made("https://toli.example.org", [PublicKey(v, k, False) for v, k in KEYS.items()], made_at=NOW)

numbers = st.text(base32.ALPHABET, min_size=8, max_size=8).map(base32.with_checksum)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=0)
)


GOOD = base32.with_checksum("7Q3K9M2X")


def card(number=GOOD, *, version=1, until=date(2029, 1, 1), seed=None):
    face = CardFace(number, until, version, "P", "S24-AC034-B0142")
    return card_codec.encode(face, card_codec.sign(face, seed or SEEDS[version]))


def listed(*revoked, issued=NOW, days=7):
    return revocation.listed(
        map(revocation.tag_of, revoked), issued_at=issued, expires_at=issued + timedelta(days=days)
    )


def checked(address, *, keys=FILE, revoked=None, now=NOW, today=TODAY):
    return check(address, keys=keys, revoked=revoked, now=now, today=today)


# -- the list --------------------------------------------------------------------------------------------


@given(st.lists(numbers, max_size=40), numbers)
def test_exactly_the_listed_cards_are_found(revoked, other):
    assume(other not in revoked)
    found = listed(*revoked)
    assert all(found.holds(number) for number in revoked)
    assert not found.holds(other)
    assert len(found) == len(set(revoked))


@given(st.lists(numbers, max_size=20), instants, st.integers(1, 400), st.sampled_from([1, 2]))
def test_a_list_reads_back_as_it_was_sealed(revoked, issued, days, version):
    made = listed(*revoked, issued=issued, days=days)
    file = revocation.seal(made, version=version, seed=SEEDS[version])
    assert revocation.open_sealed(file, KEYS) == made
    assert len(file) == 29 + 6 * len(made) + 64


@given(st.lists(numbers, max_size=5), st.data())
def test_one_changed_byte_spoils_a_list(revoked, data):
    file = bytearray(revocation.seal(listed(*revoked), version=1, seed=SEEDS[1]))
    file[data.draw(st.integers(0, len(file) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ListUnreadable):
        revocation.open_sealed(bytes(file), KEYS)


@given(st.lists(numbers, min_size=1, max_size=5), st.integers(1, 60))
def test_a_list_that_is_cut_off_is_unreadable(revoked, missing):
    file = revocation.seal(listed(*revoked), version=1, seed=SEEDS[1])
    for cut in (file[:-missing], file[missing:]):
        with pytest.raises(ListUnreadable):
            revocation.open_sealed(cut, KEYS)


def test_a_list_that_a_stranger_or_an_unknown_key_signed_is_unreadable():
    for file in (
        revocation.seal(listed(), version=1, seed=b"x" * 32),
        revocation.seal(listed(), version=3, seed=SEEDS[1]),
        b"",
        b"TOLIREV1",
    ):
        with pytest.raises(ListUnreadable):
            revocation.open_sealed(file, KEYS)


@given(st.binary(max_size=300))
def test_any_bytes_are_no_list(data):
    with pytest.raises(ListUnreadable):
        revocation.open_sealed(data, KEYS)


# -- the key file ----------------------------------------------------------------------------------------


@given(st.dictionaries(st.integers(0, 31), st.tuples(st.binary(min_size=32, max_size=32), st.booleans())), instants)
def test_a_key_file_reads_back_as_it_was_written(keys, at):
    made = key_file.made("https://a.example", [PublicKey(v, *rest) for v, rest in keys.items()], made_at=at)
    assert key_file.read(key_file.write(made)) == made
    assert set(made.trusted()) | made.withdrawn() == set(keys)


@pytest.mark.parametrize("text", ["", "{}", "[]", "1", '{"format": "toli card keys 1"}', '{"format": "other"}', "null"])
def test_other_files_are_no_key_files(text):
    with pytest.raises(KeyFileUnreadable):
        key_file.read(text)


@given(st.text(max_size=100))
def test_any_text_is_no_key_file(text):
    with pytest.raises(KeyFileUnreadable):
        key_file.read(text)


def test_private_keys_are_not_in_the_file():
    import base64

    text = key_file.write(FILE)
    for seed in SEEDS.values():
        assert base64.urlsafe_b64encode(seed).decode()[:20] not in text


# -- the check -------------------------------------------------------------------------------------------


def test_a_good_card_tells_what_stands_on_it():
    found = checked(card(), revoked=listed())
    assert (found.state, found.list_age, found.sure) == (CardState.VALID, ListAge.FRESH, True)
    assert (found.face.place, found.face.grade) == ("S24-AC034-B0142", "P")


@given(numbers)
def test_a_listed_card_is_revoked(number):
    assert checked(card(number), revoked=listed(number)).state is CardState.REVOKED


def test_a_card_is_good_on_its_last_day_and_expired_on_the_next():
    assert checked(card(until=TODAY), revoked=listed()).state is CardState.VALID
    assert checked(card(until=TODAY - timedelta(days=1)), revoked=listed()).state is CardState.EXPIRED


def test_a_card_of_a_stranger_is_forged_and_tells_nothing():
    for address in (card(seed=b"x" * 32), card(version=2, seed=SEEDS[1])):
        found = checked(address, revoked=listed())
        assert (found.state, found.face) == (CardState.FORGED, None)


def test_a_card_under_a_withdrawn_key_is_revoked():
    keys = replace(FILE, keys=(PublicKey(1, KEYS[1], True), PublicKey(2, KEYS[2], False)))
    assert checked(card(), keys=keys, revoked=listed()).state is CardState.REVOKED
    assert checked(card(version=2), keys=keys, revoked=listed()).sure


def test_without_a_list_or_with_an_old_one_nobody_is_sure():
    assert checked(card()).list_age is ListAge.MISSING
    assert not checked(card()).sure
    later = checked(card(), revoked=listed(), now=NOW + timedelta(days=7))
    assert (later.state, later.list_age, later.sure) == (CardState.VALID, ListAge.STALE, False)


@pytest.mark.parametrize("address", ["", "https://example.org", "/V/A-B-C/D", "\x00"])
def test_what_is_no_card_is_unknown(address):
    assert checked(address).state is CardState.UNKNOWN
