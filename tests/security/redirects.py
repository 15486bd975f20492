"""Where an attacker would like `next` to lead: ten thousand ways to write another site, or a script."""

import itertools
from collections.abc import Iterator

EVIL = "evil.example"
_GAPS = ("", "\t", "\n", "\r", "\r\n", "\x00", "\x0b", " ", "\u00a0", "\u2028", "\ufeff", "\u200b")
_SLASHES = (
    "/", "//", "///", "\\", "\\\\", "/\\", "\\/", "//\\", "/%2f", "/%2F%2f", "/%5c", "%2f%2f", "/./", "/.//", "/..//",
    "/%2e%2e//", "/;//", "/\uff0f", "\uff0f\uff0f", "/\u2044", "/\u2215", "/\u29f8", "/\u3002", "/?//", "/#//", "/@",
)  # fmt: skip
_SCHEMES = (
    "", "http:", "https:", "HTTPS:", "hTtPs:", "ftp:", "file:", "blob:", "view-source:", "about:", "ws:", "x:",
    "https%3a", "http&#58;", "https\uff1a",
)  # fmt: skip
_HOSTS = (
    EVIL, f"user@{EVIL}", f"localhost@{EVIL}", f"localhost:8000@{EVIL}", f"{EVIL}%23@localhost", f"{EVIL}:443",
    f"{EVIL}\\@localhost", f"localhost.{EVIL}", "xn--vl-eka.example", "\u0435vil.example", "evil\u3002example",
    "[::ffff:203.0.113.1]", "3405803777", "0xcb.0.0x71.1", "evil.example.", "%65vil.example",
)  # fmt: skip
_SCRIPTS = (
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)",
    " javascript:alert(1)",
    "\x01javascript:alert(1)", "javascript://localhost/%0aalert(1)", "javascript&colon;alert(1)", "vbscript:x",
    "data:text/html,<script>alert(1)</script>", "data:text/html;base64,PHNjcmlwdD4=", "DATA:,x", "blob:null/x",
    "jav\u0430script:alert(1)", "javascript\uff1aalert(1)",
)  # fmt: skip
_OTHERS = (
    "", " ", ".", "..", "?", "#", "me", "console/", "?next=//evil.example", "#//evil.example", "%", "%%", "%zz", "\\",
    "\r\nLocation: https://evil.example", "/me\r\nSet-Cookie: a=b", "/me\nX: y", "/\u202e//evil.example",
    "/" + "a" * 2000,
    "//" + "a" * 5000, "/" * 3000, "\x00", "/\x00/evil.example", "/\x7f/evil.example", "/\u0085/evil.example",
)  # fmt: skip


def corpus() -> Iterator[str]:
    """All of them, each once. Some lead to a page of ours after all, such as ``/%2f%2fevil.example``: a test asks a
    browser which."""
    yield from dict.fromkeys((*_OTHERS, *_SCRIPTS, *_combined()))


def _combined() -> Iterator[str]:
    for scheme, slashes, host in itertools.product(_SCHEMES, _SLASHES, _HOSTS):
        yield f"{scheme}{slashes}{host}"
    for gap, slashes, host in itertools.product(_GAPS, _SLASHES, _HOSTS):
        yield f"{gap}{slashes}{host}"
        yield f"{slashes[:1]}{gap}{slashes[1:]}{host}"
        yield f"/{gap}{slashes}{host}"


def short() -> list[str]:
    """One in eighty, and everything that is no combination: enough for a test that asks a page for each."""
    every = list(corpus())
    plain = len(_OTHERS) + len(_SCRIPTS)
    return every[:plain] + every[plain::80]
