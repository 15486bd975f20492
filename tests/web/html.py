"""What a browser would run, load or follow in a page."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src",
           "embed": "src", "object": "data", "use": "href", "image": "href"}  # fmt: skip


@dataclass
class Found:
    """``inline``: code or style that stands in the page. ``loaded``, ``followed``, ``sent``: addresses."""

    inline: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found = Found()
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        found = self.found
        found.tags.append(tag)
        found.inline += [
            f"<{tag} {name}=...>" for name in given if name.startswith("on") or name in {"style", "srcdoc"}
        ]
        if tag == "style":
            found.inline.append("<style>")
        if address := given.get(LOADING.get(tag, ""), ""):
            found.loaded.append(address)
        if tag == "link":
            found.loaded.append(given.get("href", ""))
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            found.followed.append(given.get("content", ""))
        if tag in {"a", "area"} and "href" in given:
            found.followed.append(given["href"])
        found.sent += [given[name] for name in ("action", "formaction") if name in given]
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "script" and data.strip():
            self.found.inline.append(f"<script>{data.strip()[:60]}")


def read(page: str) -> Found:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.found


def outline(page: str) -> list[str]:
    """The names of all elements in their order: text that was escaped adds none."""
    return read(page).tags
