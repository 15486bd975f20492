"""The funnel: how many people came how far. docs/explanation/what-is-counted.md"""

from dataclasses import astuple, dataclass, fields
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Funnel:
    """Counts of one branch.

    ``imported`` to ``shared`` count members, each at most once. ``opened`` counts visits to their links and to the
    organisation's own, ``converted`` people who became members through these.
    """

    imported: int = 0
    carded: int = 0
    seated: int = 0
    joined: int = 0
    relayed: int = 0
    shared: int = 0
    opened: int = 0
    converted: int = 0

    def __add__(self, other: "Funnel") -> "Funnel":
        return Funnel(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: "Funnel") -> "Funnel":
        return Funnel(*(mine - theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    @property
    def is_empty(self) -> bool:
        """Whether nothing was counted at all."""
        return not any(astuple(self))

    @property
    def coverage(self) -> int:
        """Members in a group, in percent of all members."""
        return round(100 * self.joined / self.imported) if self.imported else 0


STAGES = tuple(field.name for field in fields(Funnel))
_CHAIN = ("imported", "carded", "seated", "joined", "relayed")


def inconsistencies(funnel: Funnel) -> list[str]:
    """Statements that a true funnel never makes true, such as ``joined > seated``; empty when it is sound."""
    pairs = [*pairwise(_CHAIN), ("imported", "shared"), ("opened", "converted")]
    return [f"{less} > {more}" for more, less in pairs if getattr(funnel, less) > getattr(funnel, more)]
