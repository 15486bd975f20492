"""The heads file: how far the chain reached and when, outside the database (TOLI_VAR_DIR/audit/heads.jsonl).

Whoever can write the database can cut off the chain's end, and what is left still fits together. Only
something that lies elsewhere tells. The file is added to after each sealing; copies of it belong on another
machine (docs/howto/check-the-audit-trail.md).
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from toli.audit.domain.chain import Head, is_signed, sign
from toli.audit.domain.heads import HeadLine
from toli.core import clock

_TAIL = 4096


def heads_path() -> Path:
    """Where this machine keeps the file."""
    return Path(settings.AUDIT_DIR) / "heads.jsonl"


@contextmanager
def writing_alone() -> Iterator[None]:
    """Lines come in the order of the chain: one process of this machine writes at a time."""
    heads_path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (heads_path().parent / "heads.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def signed_line(head: Head, *, restart: str = "") -> dict[str, Any]:
    """The head as it is written down, with our signature."""
    keys = settings.TOLI_AUDIT_KEYS
    line = {"position": head.position, "seal": head.seal.hex(), "at": clock.now().isoformat(), "restart": restart}
    return {**line, "signature": sign(keys, max(keys), _text(line)).hex()}


def append_head(head: Head, *, restart: str = "") -> None:
    """Write the head down, on the disk when this returns. A line that a dead process left half is closed first."""
    path = heads_path()
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        data = json.dumps(signed_line(head, restart=restart), ensure_ascii=False).encode() + b"\n"
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            data = b"\n" + data
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)


def last_head() -> HeadLine | None:
    """The last line of this machine's file that can be read."""
    path = heads_path()
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        lines = [_parse(0, text) for text in file.read().splitlines() if text.strip()]
    return next((line for line in reversed(lines) if line.position or line.valid), None)


def read_heads(path: Path) -> list[HeadLine]:
    """All lines of a heads file. Raises OSError: it cannot be read."""
    with path.open("rb") as file:
        return [_parse(number, text) for number, text in enumerate(file, start=1) if text.strip()]


def _parse(number: int, text: bytes) -> HeadLine:
    try:
        line = json.loads(text)
        seal, signature = bytes.fromhex(line["seal"]), bytes.fromhex(line["signature"])
        valid = is_signed(settings.TOLI_AUDIT_KEYS, _text(line), signature)
        return HeadLine(number, int(line["position"]), seal, str(line["at"]), str(line["restart"]), valid)
    except (ValueError, KeyError, TypeError):
        return HeadLine(number)


def _text(line: dict[str, Any]) -> str:
    return json.dumps([line["position"], line["seal"], line["at"], line["restart"]])
