"""A text sender for development and demonstrations: messages go to a file, not to phones.

One JSON object a line in ``var/outbox/<day>.jsonl`` (mode 0600): ``{"at", "to", "kind", "text"}``.
"""

import fcntl
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from django.conf import settings

from toli.accounts.ports import Receipt, TextMessage, all_accepted
from toli.core import clock
from toli.core.domain.phone import spellings_pattern


class OutboxSender:
    """Appends messages to the day's file; they are on disk when ``send_many`` returns."""

    key: ClassVar[str] = "outbox"
    distant: ClassVar[bool] = False

    def objection(self, message: TextMessage) -> str:
        return ""

    def send_many(self, messages: Sequence[TextMessage]) -> list[Receipt]:
        folder = Path(settings.OUTBOX_DIR)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        at = clock.now().isoformat()
        lines = "".join(
            json.dumps({"at": at, "to": item.to, "kind": item.kind, "text": item.text}, ensure_ascii=False) + "\n"
            for item in messages
        )
        handle = os.open(folder / f"{clock.today():%Y%m%d}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        return all_accepted(self.key, messages)

    def count_texts(self, numbers: Sequence[str]) -> int:
        return sum(self._keep_only(path, numbers, dry_run=True) for path in self._files())

    def forget_texts(self, numbers: Sequence[str]) -> int:
        return sum(self._keep_only(path, numbers) for path in self._files())

    def _files(self) -> list[Path]:
        return sorted(Path(settings.OUTBOX_DIR).glob("*.jsonl"))

    def _keep_only(self, path: Path, numbers: Sequence[str], *, dry_run: bool = False) -> int:
        """Rewrite a file in place, under the lock that writers take, without lines about these numbers."""
        if not numbers:
            return 0
        pattern = re.compile("|".join(spellings_pattern(number) for number in numbers))
        with path.open("r+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            lines = file.readlines()
            kept = [line for line in lines if not pattern.search(line)]
            if len(kept) < len(lines) and not dry_run:
                file.seek(0)
                file.writelines(kept)
                file.truncate()
                file.flush()
                os.fsync(file.fileno())
        return len(lines) - len(kept)
