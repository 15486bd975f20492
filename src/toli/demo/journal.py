"""What the simulator has already played, so that an interrupted run goes on and repeats little.

Only a shortcut: every act is safe to repeat, so a lost line costs time and changes no total.
"""

import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class Journal:
    """An append-only file of JSON lines, ``[stage, key, value]``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._done: dict[str, dict[str, Any]] = {}

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        if self._path.exists():
            for line in self._path.read_text().splitlines():
                try:
                    stage, key, value = json.loads(line)
                except ValueError:
                    continue  # the line that was being written when the process died
                self._done.setdefault(stage, {})[key] = value
        self._file = self._path.open("a", buffering=1)
        self._file.write("\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def has(self, stage: str, key: str) -> bool:
        """Whether this was played before."""
        return key in self._done.get(stage, {})

    def value(self, stage: str, key: str) -> Any:
        """What was noted with it."""
        return self._done[stage][key]

    def note(self, stage: str, key: str, value: Any = None) -> None:
        """Note that it has been played now."""
        self._done.setdefault(stage, {})[key] = value
        self._file.write(json.dumps([stage, key, value]) + "\n")
