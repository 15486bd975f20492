"""One shape for every benchmark's answer, and the machine it was measured on."""

import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import django
from django.db import connection
from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class BenchResult:
    """``measured``: ours. ``against``: the limit or peer, measured in the same run. ``ratio``: ours over
    theirs. ``goal``: the smallest ratio (or largest, where the name says ``max_``) we promise."""

    name: str
    measured: dict[str, Any]
    against: dict[str, Any]
    ratio: dict[str, float]
    goal: dict[str, float]
    met: bool
    machine: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The JSON object that `toli bench NAME --json` prints."""
        return {**asdict(self), "machine": self.machine or machine()}


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark by name. ``run(size, advance)``: size None means the standard size."""

    name: str
    help: str | Promise
    run: Callable[..., BenchResult]


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        postgres = cursor.fetchone()[0]
    return {
        "cores": os.cpu_count(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "django": django.get_version(),
        "postgresql": postgres,
    }
