"""Writes each text as a message of mail into ``var/mail/<time>-<random>.eml`` (mode 0600).

The address is the number under a domain that can never exist (RFC 2606), so that no mail program sends it on.
"""

import os
import re
import secrets
from collections.abc import Sequence
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime
from pathlib import Path
from typing import ClassVar

from django.conf import settings

from toli.accounts.ports import Receipt, TextMessage, all_accepted
from toli.core import clock
from toli.core.domain.phone import spellings_pattern


class EmailFileSender:
    """One file for each message, whole or not there."""

    key: ClassVar[str] = "email-file"
    distant: ClassVar[bool] = False

    def objection(self, message: TextMessage) -> str:
        return ""

    def send_many(self, messages: Sequence[TextMessage]) -> list[Receipt]:
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in messages:
            name = f"{clock.now():%Y%m%dT%H%M%S}-{secrets.token_hex(6)}"
            handle = os.open(folder / f"{name}.new", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(_mail(message).as_bytes(policy=policy.SMTP))
                file.flush()
                os.fsync(file.fileno())
            (folder / f"{name}.new").rename(folder / f"{name}.eml")
        return all_accepted(self.key, messages)

    def count_texts(self, numbers: Sequence[str]) -> int:
        return len(self._about(numbers))

    def forget_texts(self, numbers: Sequence[str]) -> int:
        found = self._about(numbers)
        for path in found:
            path.unlink(missing_ok=True)
        return len(found)

    def _about(self, numbers: Sequence[str]) -> list[Path]:
        if not numbers or not _folder().is_dir():
            return []
        pattern = re.compile("|".join(spellings_pattern(number) for number in numbers))
        return [path for path in sorted(_folder().iterdir()) if pattern.search(read(path))]


def read(path: Path) -> str:
    """To whom, and what, a file says."""
    mail = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    body = mail.get_body()
    return f"{mail['To']}\n{body.get_content() if body else ''}"


def _folder() -> Path:
    return Path(settings.MAIL_DIR)


def _mail(message: TextMessage) -> EmailMessage:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = "toli@toli.invalid"
    mail["To"] = f"{message.to.removeprefix('+')}@phone.invalid"
    mail["Date"] = format_datetime(clock.now())
    mail["Subject"] = message.kind
    mail.set_content(message.text)
    return mail
