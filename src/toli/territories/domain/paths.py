"""Paths in a territory tree: codes from the root, each followed by a slash (``main/IN/UP/07/``).

The closing slash is what keeps ``07`` from matching ``070``. Under the "C" collation all paths of a
branch lie between the branch's own path and the same path with its last slash turned into the next
character, "0"; so a branch is one range of an ordinary index.
"""

import re
from functools import lru_cache

CODE = re.compile(r"[A-Z0-9][A-Z0-9.()_-]{0,39}\Z")
_DIGITS = re.compile(r"(\d+)")


def root_path(tree_code: str) -> str:
    """Where a tree begins: its own code, so that trees never mix."""
    return f"{tree_code}/"


def child_path(parent_path: str, code: str) -> str:
    """The path of the territory ``code`` below ``parent_path``."""
    return f"{parent_path}{code}/"


def branch_end(path: str) -> str:
    """The first string after every path of the branch, in "C" order."""
    if not path.endswith("/"):
        raise ValueError(f"a branch ends in a slash: {path!r}")
    return path[:-1] + "0"


def in_branch(path: str, branch: str) -> bool:
    """Whether ``path`` lies in ``branch`` (the branch's own root does)."""
    return branch <= path < branch_end(branch)


def codes_of(path: str) -> list[str]:
    """The codes from the root down, without the tree's own."""
    return path.split("/")[1:-1]


def lineage(path: str) -> list[str]:
    """The paths from the root of the tree down to ``path`` itself, without the tree's own."""
    ends = [place for place, sign in enumerate(path, 1) if sign == "/"]
    return [path[:end] for end in ends[1:]]


def natural_key(text: str) -> tuple[tuple[int, str], ...]:
    """Sorts ``2`` before ``12`` and ``12`` before ``12A(W)``, as a person would."""
    parts = _DIGITS.split(text)
    return tuple((int(part), "") if index % 2 else (-1, part) for index, part in enumerate(parts) if part)


@lru_cache(maxsize=100_000)
def branches_above(path: str) -> tuple[str, ...]:
    """Every branch that ``path`` lies in, from the tree's first territory down to its own."""
    parts = path.split("/")[:-1]
    return tuple("/".join(parts[:length]) + "/" for length in range(2, len(parts) + 1))
