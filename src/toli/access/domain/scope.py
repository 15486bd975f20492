"""Where somebody may act: a set of branches of the territory trees."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """``paths`` are branch roots, each ending in a slash (see territories.models.Node).

    An empty scope sees nothing. ``everywhere`` is for the system only: commands run by the operator
    and background jobs.
    """

    paths: tuple[str, ...] = ()
    everywhere: bool = False

    def covers(self, path: str) -> bool:
        """Whether the place at ``path`` lies in one of the branches."""
        return self.everywhere or any(path.startswith(branch) for branch in self.paths)

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be seen through this scope."""
        return not self.everywhere and not self.paths


EVERYWHERE = Scope(everywhere=True)
NOWHERE = Scope()


def scope_of(paths: list[str]) -> Scope:
    """The smallest set of branches that covers ``paths``: branches inside others are dropped."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not path.endswith("/"):
            raise ValueError(f"a branch must end in a slash: {path!r}")
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return Scope(tuple(kept))
