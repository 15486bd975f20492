"""What the territory trees ask of the packages above them."""

from typing import Protocol


class Area(Protocol):
    """Where somebody may look. `access.domain.scope.Scope` is the one that everybody uses; it stands
    above this package, because roles are held on territories."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Branch roots, each ending in a slash."""

    @property
    def everywhere(self) -> bool:
        """Whether every path is covered."""

    def covers(self, path: str) -> bool:
        """Whether the place at ``path`` lies in one of the branches."""
