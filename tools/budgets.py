"""What a page weighs on its way to a phone: every byte as brotli sends it, and nothing from elsewhere.

``make budgets`` measures the real pages and prints the table; the same test guards the figures in CI.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import brotli

KILOBYTE = 1000
# In bytes, for phones. The first load is the page with everything that it refers to and nothing kept.
BUDGET = {"html": 10 * KILOBYTE, "css": 8 * KILOBYTE, "js": 30 * KILOBYTE, "first_load": 80 * KILOBYTE}
_LOADED = re.compile(
    r"<(?:link|script|img|source|iframe|use|video|audio)\b[^>]*?\b(?:href|src|srcset)=\"([^\"]+)\"[^>]*>"
)
_NOT_LOADED = re.compile(r"rel=\"(?:canonical|alternate|manifest)\"")


@dataclass(frozen=True, slots=True)
class Weight:
    """The bytes of one page, and what it would load from elsewhere."""

    html: int
    css: int
    js: int
    other: int
    elsewhere: tuple[str, ...]

    @property
    def first_load(self) -> int:
        return self.html + self.css + self.js + self.other

    def over(self, budget: Mapping[str, int] = BUDGET) -> list[str]:
        """What is more than its budget allows, in words."""
        return [
            f"{part}: {getattr(self, part)} of {most}" for part, most in budget.items() if getattr(self, part) > most
        ]


def compressed(data: bytes) -> int:
    """How many bytes brotli makes of it, as a server does once for each file."""
    return len(brotli.compress(data, quality=9))


def weigh(page: bytes, read: Callable[[str], bytes]) -> Weight:
    """The weight of a page; ``read`` gives the bytes behind an address of ours."""
    text = page.decode()
    tags = [found for found in _LOADED.finditer(text) if not _NOT_LOADED.search(found[0])]
    addresses = {found[1].split("#")[0] for found in tags} - {""}
    own = sorted(address for address in addresses if address.startswith("/") and not address.startswith("//"))
    sizes = {address: compressed(read(address)) for address in own}
    css = sum(size for address, size in sizes.items() if address.endswith(".css"))
    js = sum(size for address, size in sizes.items() if address.endswith(".js"))
    elsewhere = tuple(sorted(address for address in addresses - set(own) if not address.startswith("data:")))
    return Weight(compressed(page), css, js, sum(sizes.values()) - css - js, elsewhere)


def table(weights: Mapping[str, Weight]) -> str:
    """One line for each page, the heaviest first."""
    lines: Sequence[tuple[str, Weight]] = sorted(weights.items(), key=lambda item: -item[1].first_load)
    width = max((len(path) for path in weights), default=4)
    rows = [f"{'page':{width}} {'html':>7} {'css':>7} {'js':>7} {'other':>7} {'first load':>11}"]
    rows += [f"{path:{width}} {w.html:7} {w.css:7} {w.js:7} {w.other:7} {w.first_load:11}" for path, w in lines]
    return "\n".join(rows)
