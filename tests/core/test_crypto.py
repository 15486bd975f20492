"""A sealed value opens in its own row only; an index finds equal values and tells nothing else."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from toli.core.crypto import INDEX_BYTES, BlindIndex, CannotDecrypt, FieldCipher, keyed_hash

KEYS = {1: b"1" * 32, 2: b"2" * 32}
PLACE = "members_contactpoint.value"
rows = st.integers(1, 2**63 - 1)


@given(st.text(), rows)
def test_what_was_sealed_opens_again(text, row):
    cipher = FieldCipher(KEYS, PLACE)
    assert cipher.decrypt(cipher.encrypt(text, row=row), row=row) == text


@given(rows, rows)
def test_a_sealed_value_does_not_open_in_another_row(row, other):
    assume(row != other)
    cipher = FieldCipher(KEYS, PLACE)
    with pytest.raises(CannotDecrypt):
        cipher.decrypt(cipher.encrypt("+910000000001", row=row), row=other)


def test_a_sealed_value_does_not_open_in_another_column():
    sealed = FieldCipher(KEYS, PLACE).encrypt("+910000000001", row=1)
    with pytest.raises(CannotDecrypt):
        FieldCipher(KEYS, "members_member.name").decrypt(sealed, row=1)


@given(st.data())
def test_one_changed_bit_is_found(data):
    cipher = FieldCipher(KEYS, PLACE)
    sealed = bytearray(cipher.encrypt("+910000000001", row=1))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(CannotDecrypt):
        cipher.decrypt(bytes(sealed), row=1)


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x01" + b"0" * 12, b"\x09" + b"0" * 40])
def test_a_torn_value_or_an_unknown_key_cannot_be_decrypted(blob):
    with pytest.raises(CannotDecrypt):
        FieldCipher(KEYS, PLACE).decrypt(blob, row=1)


def test_new_text_is_written_under_the_newest_key_and_old_text_stays_readable():
    old = FieldCipher({1: KEYS[1]}, PLACE).encrypt("text", row=1)
    cipher = FieldCipher(KEYS, PLACE)
    assert cipher.encrypt("text", row=1)[0] == cipher.current_version == 2
    assert cipher.decrypt(old, row=1) == "text"


def test_sealing_twice_gives_two_cipher_texts():
    cipher = FieldCipher(KEYS, PLACE)
    assert cipher.encrypt("text", row=1) != cipher.encrypt("text", row=1)


@given(st.text(), st.text())
def test_an_index_is_equal_exactly_for_equal_values(one, other):
    index = BlindIndex({1: b"k" * 32}, "phone")
    assert (index.of(one) == index.of(other)) == (one == other)
    assert len(index.of(one)) == INDEX_BYTES


def test_an_index_says_nothing_without_its_key_or_in_another_context():
    here = BlindIndex({1: b"k" * 32}, "phone").of("+910000000001")
    assert here != BlindIndex({1: b"l" * 32}, "phone").of("+910000000001")
    assert here != BlindIndex({1: b"k" * 32}, "email").of("+910000000001")


@given(st.text())
def test_a_value_is_written_under_the_newest_index_key_and_found_under_each(text):
    before, both = BlindIndex({1: KEYS[1]}, "phone"), BlindIndex(KEYS, "phone")
    assert both.of(text)[0] == both.current_version == 2
    assert both.all_of(text) == [both.of(text), before.of(text)]
    assert before.older_of_many([text]) == []
    assert both.of(text)[1:] == keyed_hash(KEYS[2], "phone", text)


def test_many_at_once_are_as_one_by_one():
    cipher, index = (
        FieldCipher({1: b"a" * 32, 2: b"b" * 32}, "table.column"),
        BlindIndex({1: b"h" * 32, 2: b"i" * 32}, "phone"),
    )
    plains = ["one", "सुनीता", ""]
    sealed = cipher.encrypt_many(plains, rows=[7, 8, 9])
    assert [cipher.decrypt(blob, row=row) for blob, row in zip(sealed, (7, 8, 9), strict=True)] == plains
    assert {blob[0] for blob in sealed} == {2}
    assert len({blob[1:13] for blob in sealed}) == 3
    assert index.of_many(plains) == [index.of(plain) for plain in plains]
    assert index.older_of_many(plains) == [index.all_of(plain)[1] for plain in plains]
    with pytest.raises(ValueError):
        cipher.encrypt_many(plains, rows=[1])
