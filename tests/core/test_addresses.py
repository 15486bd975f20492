"""Addresses that browsers would read differently from us are refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toli.core.domain.addresses import AddressRefused, is_own_path, is_secure, web_address


@pytest.mark.parametrize("path", ["/", "/me", "/console/t/UP?lang=hi#x", "/join?s=abc&d=%2F%2Fevil", "/हिन्दी"])
def test_pages_of_ours(path):
    assert is_own_path(path)


@pytest.mark.parametrize(
    "text",
    ["", "me", "//evil.example", "/\\evil.example", "\\/evil.example", "/\t/evil.example", "\t//evil.example",
     "/\r\n/evil.example", "/ /evil.example", "https://evil.example", "javascript:alert(1)", "/x\u202e",
     "/" + "a" * 2000],
)  # fmt: skip
def test_ways_to_elsewhere(text):
    assert not is_own_path(text)


@given(st.text(alphabet=["/", "\\", "\t", "\n", "e", ":", "@", ".", "%", "\u3002", " "], max_size=8))
def test_nothing_that_a_browser_reads_as_another_site(tail):
    """What a browser does first: drop tabs and line ends, take a backslash for a slash."""
    text = "/" + tail
    seen = text.strip().translate({9: None, 10: None, 13: None}).replace("\\", "/")
    assert not (is_own_path(text) and seen.startswith("//"))


def test_a_web_address_is_written_in_one_way():
    assert web_address(" HTTPS://Example.ORG/Page?x=1 ") == "https://example.org/Page?x=1"
    assert web_address("https://उदाहरण.example/") == "https://xn--p1b6ci4b4b3a.example/"


@pytest.mark.parametrize(
    "text",
    ["javascript:alert(1)", "data:text/html,x", "ftp://example.org/", "//example.org", "https://", "https:///x", "x",
     "https://user:pw@example.org/", "https://a@b.example/", "https://exa mple.org", "https://example.org\\@evil.example",
     "https://example.org/\n", "java\nscript:alert(1)", "https://example.org:99999/", "https://[::1", "https://a%2eb/"],
)  # fmt: skip
def test_what_is_no_web_page(text):
    if text.endswith("\n"):
        assert web_address(text) == text.strip()
        return
    with pytest.raises(AddressRefused):
        web_address(text)


@pytest.mark.parametrize(
    ("text", "secure"),
    [
        ("https://example.org/api", True), ("http://127.0.0.1:8123", True), ("http://[::1]:8123", True),
        ("http://localhost", True), ("http://example.org", False), ("http://127.0.0.1.example.org", False),
        ("http://127.0.0.1@example.org", False), ("ftp://127.0.0.1", False), ("//127.0.0.1", False), ("", False),
    ],
)  # fmt: skip
def test_secrets_are_sent_by_https_or_to_this_machine(text, secure):
    assert is_secure(text) is secure
