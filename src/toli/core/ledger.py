"""What stand-ins have taken, line by line in a file, so that they know it when they start again."""

import json
from pathlib import Path
from typing import Any


def read_ledger(path: Path) -> list[dict[str, Any]]:
    """What a stand-in has taken, up to the last whole line. Nothing where there is no file."""
    if not path.exists():
        return []
    lines = path.read_bytes()
    return [json.loads(line) for line in lines[: lines.rfind(b"\n") + 1].splitlines()]
