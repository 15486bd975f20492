"""Translations: collect the strings of code and templates, check them, compile them.

Written with Babel, so that no machine needs the gettext programs.

    python tools/messages.py extract    # bring locale/hi/LC_MESSAGES/django.po up to date
    python tools/messages.py check      # every string translated, every placeholder kept
    python tools/messages.py compile    # write the .mo file that Django reads
"""

import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "toli"
CATALOG = PACKAGE / "locale" / "hi" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\([a-z_0-9]+\)[sd]|\{[a-z_0-9]*\}|%[sd]")
# Strings that are data in the code and translated where they are shown.
DECLARED = (
    ("src/toli/access/domain/permissions.py", re.compile(r'^    [A-Z_]+: "((?:[^"\\]|\\.)+)",$', re.MULTILINE)),
)


def _sources() -> Iterator[tuple[Path, io.BytesIO]]:
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure(USE_I18N=True)
    for path in sorted(PACKAGE.rglob("*.py")):
        if "migrations" not in path.parts:
            yield path, io.BytesIO(path.read_bytes())
    for path in sorted((PACKAGE / "web" / "templates").rglob("*.*")):
        if path.suffix in {".html", ".txt", ".svg"}:
            yield path, io.BytesIO(templatize(path.read_text(), origin=str(path)).encode())


def collect() -> Catalog:
    """A fresh catalogue of everything that people may read."""
    catalog = Catalog(project="toli", charset="utf-8", locale="hi")
    for path, source in _sources():
        name = path.relative_to(ROOT).as_posix()
        for line, function, message, _comments in extract_python(source, list(KEYWORDS), (), {}):
            context, text = _split(function, message)
            if text:
                catalog.add(text, locations=[(name, line)], context=context, flags=_flags(text))
    for name, pattern in DECLARED:
        for match in pattern.finditer((ROOT / name).read_text()):
            catalog.add(match[1], locations=[(name, 0)])
    return catalog


def _split(function: str, message: object) -> tuple[str | None, str | tuple[str, str] | None]:
    parts = message if isinstance(message, tuple) else (message,)
    context = parts[0] if "pgettext" in function else None
    words = [part for part in parts[1 if context else 0 :] if isinstance(part, str)]
    if function.startswith("n"):
        return context, (words[0], words[1]) if len(words) > 1 else None
    return context, words[0] if words and words[0] else None


def _flags(text: str | tuple[str, str]) -> set[str]:
    joined = text if isinstance(text, str) else " ".join(text)
    return {"python-format"} if re.search(r"%\(", joined) else set()


def _stored() -> Catalog:
    if not CATALOG.exists():
        return Catalog(project="toli", charset="utf-8", locale="hi")
    with CATALOG.open("rb") as file:
        return read_po(file, locale="hi")


def extract() -> int:
    """Add new strings to the Hindi catalogue and drop those that nobody uses any more."""
    stored = _stored()
    # The day stays as it was: a file that differs by its date alone would be a change that nobody made.
    stored.update(collect(), no_fuzzy_matching=True, update_creation_date=False)
    stored.obsolete.clear()
    CATALOG.parent.mkdir(parents=True, exist_ok=True)
    with CATALOG.open("wb") as file:
        write_po(file, stored, width=0, sort_output=True, no_location=True, ignore_obsolete=True)
    missing = sum(1 for message in stored if message.id and not _complete(message))
    sys.stderr.write(f"{len(stored)} strings, {missing} without a Hindi translation\n")
    return 0


def _complete(message: object) -> bool:
    text = message.string  # type: ignore[attr-defined]
    return all(text) if isinstance(text, tuple | list) else bool(text)


def check() -> int:
    """0 when every string has a Hindi translation that keeps its placeholders."""
    stored = _stored()
    problems = []
    for wanted in collect():
        if not wanted.id:
            continue
        found = stored.get(wanted.id, wanted.context)
        if found is None or not _complete(found):
            problems.append(f"not translated: {wanted.id!r}")
            continue
        pairs = zip(_forms(wanted.id), _forms(found.string), strict=False)
        problems += [
            f"placeholders differ: {source!r} -> {target!r}"
            for source, target in pairs
            if set(PLACEHOLDER.findall(source)) != set(PLACEHOLDER.findall(target))
        ]
    for problem in problems:
        sys.stderr.write(problem + "\n")
    sys.stderr.write(f"{len(problems)} problems\n")
    return 1 if problems else 0


def _forms(text: object) -> list[str]:
    return list(text) if isinstance(text, tuple | list) else [str(text)]


def compile_catalog() -> int:
    """Write django.mo beside django.po."""
    with CATALOG.with_suffix(".mo").open("wb") as file:
        write_mo(file, _stored())
    return 0


if __name__ == "__main__":
    os.chdir(ROOT)
    actions = {"extract": extract, "check": check, "compile": compile_catalog}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:
        sys.stderr.write(f"usage: messages.py {'|'.join(actions)}\n")
        raise SystemExit(2)
    raise SystemExit(actions[sys.argv[1]]())
