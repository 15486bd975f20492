"""Amounts, terms, links and lists of a bank: the rules, without a database."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.dues.domain.money import AmountUnreadable, plain, read, written
from toli.dues.domain.paying import UPI_ADDRESS, filled, is_template, upi_link
from toli.dues.domain.statement import StatementUnreadable, read_statement

AMOUNTS = st.integers(min_value=0, max_value=10**11)


@given(AMOUNTS, st.sampled_from(["INR", "JPY", "KWD", "EUR"]))
def test_an_amount_survives_being_written_and_read(amount, currency):
    assert read(plain(amount, currency), currency) == amount
    if currency == "INR":
        assert read(written(amount, "INR", "en"), "INR") == amount
        assert read(written(amount, "INR", "hi"), "INR") == amount


def test_amounts_as_people_write_them():
    assert read("₹1,00,000.50", "INR") == 10_000_050
    assert written(10_000_000, "INR", "hi") == "₹1,00,000"
    assert written(9_950, "INR", "en") == "₹99.50"
    for text in ("", "free", "1.005", "-5", "NaN", "Infinity", "1e15"):
        with pytest.raises(AmountUnreadable):
            read(text, "INR")


@given(st.text(max_size=30), AMOUNTS)
def test_a_payment_link_says_what_was_put_in(name, amount):
    found = urlsplit(upi_link(payee="treasurer@bank", name=name, amount=amount, reference="ABC123"))
    fields = parse_qs(found.query, keep_blank_values=True)
    assert (found.scheme, found.netloc) == ("upi", "pay")
    assert fields == {
        "pa": ["treasurer@bank"], "pn": [name], "am": [plain(amount, "INR")], "cu": ["INR"],
        "tn": ["ABC123"], "tr": ["ABC123"],
    }  # fmt: skip


def test_only_whole_addresses_are_taken():
    assert UPI_ADDRESS.fullmatch("jan.setu-1@okbank")
    assert not UPI_ADDRESS.fullmatch("a@b&am=1")
    assert is_template("https://pay.example.org/?a={amount}&r={reference}")
    for bad in ("http://x.org/{amount}{reference}", "https://x.org/{amount}", "https://x.org/{amount}{reference}{0}"):
        assert not is_template(bad)
    assert filled("https://x.org/{amount}/{reference}", amount=100, currency="INR", reference="A") == (
        "https://x.org/1.00/A"
    )


def test_a_list_of_the_bank_is_read_whatever_stands_beside():
    lines = read_statement("\ufeffDate,Amount,Reference\n1,100.00,ab-12\n,,\n2,5\n")
    assert [(line.number, line.reference, line.amount) for line in lines] == [(2, "AB12", "100.00"), (4, "", "5")]
    assert lines[0].pays(10_000, "INR")
    assert not lines[0].pays(10_001, "INR")
    with pytest.raises(StatementUnreadable):
        read_statement("reference;amount\na;1")
