"""Writes each text to stderr, past the log and its filter, so that a developer can sign in. The number is masked.

A screen is copied into log files on every server, so this sender works on a developer's own machine only.
"""

import sys
from collections.abc import Sequence
from typing import ClassVar
from urllib.parse import urlsplit

from django.conf import settings

from toli.accounts.ports import Receipt, TextMessage, all_accepted
from toli.core.domain.addresses import LOOPBACK
from toli.core.domain.phone import masked


class NotForOthers(ValueError):
    """The address of this installation is one that others can reach."""


class ConsoleSender:
    """Refuses to work under an address that others can reach."""

    key: ClassVar[str] = "console"
    distant: ClassVar[bool] = False

    def __init__(self) -> None:
        if urlsplit(settings.BASE_URL).hostname not in LOOPBACK:
            raise NotForOthers("the console sender shows codes to everybody who reads the server's output")

    def objection(self, message: TextMessage) -> str:
        return ""

    def send_many(self, messages: Sequence[TextMessage]) -> list[Receipt]:
        for message in messages:
            sys.stderr.write(f"--- {message.kind} to {masked(message.to)}\n{message.text}\n---\n")
        sys.stderr.flush()
        return all_accepted(self.key, messages)
