"""Documents are part of the product: links lead somewhere, commands exist, reference pages are true."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from toli.cli.main import build

ROOT = Path(__file__).resolve().parents[2]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_INLINE = re.compile(r"`(toli [a-z][^`]*)`")
_SHELL = {"sh", "bash", "console"}


def documents() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("changes/*.md")), *sorted(ROOT.glob("docs/**/*.md"))]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(path: Path) -> str:
    """The text without what stands in fenced blocks."""
    return _FENCE.sub("", path.read_text())


def anchors(path: Path) -> set[str]:
    """The anchors that headings get on the usual forges."""
    plain = (re.sub(r"[`*_]|\[|\]\([^)]*\)", "", heading) for heading in _HEADING.findall(prose(path)))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in plain}


# -- links -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", documents(), ids=name)
def test_every_relative_link_leads_somewhere(path):
    broken = []
    for target in _LINK.findall(prose(path)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        linked = (path.parent / file).resolve() if file else path
        if not linked.exists() or (anchor and anchor not in anchors(linked)):
            broken.append(target)
    assert not broken


def test_every_page_of_the_documentation_can_be_reached_from_its_index():
    start = ROOT / "docs" / "index.md"
    reached, waiting = set(), [start]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.exists():
            continue
        reached.add(page)
        waiting += [(page.parent / t.split("#")[0]).resolve() for t in _LINK.findall(prose(page)) if ":" not in t]
    assert not {name(page) for page in ROOT.glob("docs/**/*.md")} - {name(page) for page in reached}


# -- commands --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """One `toli ...` line of a document."""

    page: Path
    line: str

    def __str__(self) -> str:
        return f"{name(self.page)}: {self.line}"


def calls() -> Iterator[Call]:
    """All `toli` command lines in shell blocks; lines that end in a backslash are joined."""
    for page in documents():
        for language, block in _FENCE.findall(page.read_text()):
            if language not in _SHELL:
                continue
            for line in block.replace("\\\n", " ").splitlines():
                if (words := toli_words(line)) is not None:
                    yield Call(page, shlex.join(words))


def toli_words(line: str) -> list[str] | None:
    """What follows the program's name in a shell line, up to a pipe or redirection; None for other programs."""
    words = shlex.split(line, comments=True)
    while words and (re.match(r"[A-Z_]+=", words[0]) or words[0] in {"$", "sudo"}):
        words = words[1:]
    if not words or Path(words[0]).name != "toli":
        return None
    ends = [index for index, word in enumerate(words) if word in {"|", ">", "<", "&&", ";", "&"}]
    return words[1 : ends[0] if ends else None]


@pytest.fixture(scope="module")
def program() -> Any:
    return typer.main.get_command(build())


def problem_with(program: Any, words: list[str]) -> str:
    """Why the program would not understand these words; empty when it would."""
    command, context, left = program, None, list(words)
    while hasattr(command, "commands"):
        context = type(command).context_class(command, info_name="toli", parent=context)
        if not left or left[0] not in command.commands:
            return "" if left and left[0] in {"--help", "-h"} else f"no such command: {' '.join(left[:1])}"
        command = command.commands[left.pop(0)]
    if command.context_settings.get("ignore_unknown_options"):
        return ""  # hands the rest to another program
    if {"--help", "-h"} & set(left):
        return ""
    context = type(command).context_class(command, parent=context)
    try:
        given, rest, _ = command.make_parser(context).parse_args(left)
    except Exception as error:
        return str(error) or type(error).__name__
    missing = [p.opts[-1] for p in command.params if p.required and not given.get(p.name)]
    return f"missing: {missing}" if missing else f"too many: {rest}" if rest else ""


def test_the_documents_hold_commands():
    assert len(list(calls())) > 15


@pytest.mark.parametrize("call", calls(), ids=str)
def test_every_command_in_a_shell_block_exists_with_its_options(call, program):
    assert problem_with(program, shlex.split(call.line)) == ""


def test_every_command_named_in_a_sentence_exists(program):
    unknown = []
    for page in documents():
        for text in _INLINE.findall(prose(page)):
            words = [word for word in text.split()[1:] if re.fullmatch(r"[a-z][a-z-]*", word)]
            command = program
            while words and hasattr(command, "commands"):
                command = command.commands.get(words.pop(0))
                if command is None:
                    unknown.append(f"{name(page)}: {text}")
    assert not unknown


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("doctor --json", ""),
        ("organisation show --jsn", "jsn"),
        ("organisation set --kind union", "missing"),
        ("organisation show twice", "too many"),
        ("organisation sell", "no such command"),
    ],
)
def test_the_check_of_commands_finds_planted_mistakes(line, expected, program):
    found = problem_with(program, line.split())
    assert (expected in found) if expected else (found == "")


# -- reference, decisions, guides ------------------------------------------------------------------


def test_reference_pages_say_what_the_code_says():
    run = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "reference.py"), "check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("path", DECISIONS, ids=name)
def test_each_decision_has_number_date_and_sections(path):
    text = path.read_text()
    assert text.startswith(f"# {path.name[:4]}: ")
    assert re.search(r"^Date: \d{4}-\d\d-\d\d$", text, re.MULTILINE)
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences"]


def test_decisions_are_numbered_without_a_gap_and_listed():
    listed = (ROOT / "docs" / "decisions" / "README.md").read_text()
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    assert not [path.name for path in DECISIONS if path.name not in listed]


def test_fragments_are_named_after_a_kind_of_change():
    kinds = re.findall(r"^\| `(\w+)` \|", (ROOT / "changes" / "README.md").read_text(), re.MULTILINE)
    fragments = [path.name for path in (ROOT / "changes").glob("*.md") if path.name != "README.md"]
    assert not [fragment for fragment in fragments if fragment.split(".")[-2] not in kinds]
