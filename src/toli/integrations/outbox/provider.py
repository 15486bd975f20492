"""A text sender for development and demonstrations: messages go to a file, not to phones.

One JSON object a line in ``var/outbox/<day>.jsonl`` (mode 0600): ``{"at", "to", "kind", "text"}``.
"""

import fcntl
import json
import os
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from toli.accounts.ports import TextMessage
from toli.core import clock


class OutboxSender:
    """Appends messages to the day's file; they are on disk when ``send_many`` returns."""

    def send_many(self, messages: Iterable[TextMessage]) -> None:
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
