"""``settings.DATABASES[...]["ENGINE"]``."""

import random
import time
from typing import Any

import psycopg
from django.db.backends.postgresql import base

PATIENCE = 5.0  # seconds
_PAUSE = 0.05, 0.15  # seconds between two tries: not the same for all who wait
# Told while the connection is being made, when there is no code to go by yet.
_FULL = ("too many clients", "connection slots are reserved", "too many connections for")


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, but a server without a free connection is asked again for PATIENCE seconds.

    Those of a process that was killed stay taken until the server notices it, and its successor asks before that.
    """

    def get_new_connection(self, conn_params: Any) -> Any:
        """A connection. Raises OperationalError at once where it is refused for another reason."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return super().get_new_connection(conn_params)
            except psycopg.OperationalError as error:
                if not is_full(error) or time.monotonic() > until:
                    raise
            time.sleep(random.uniform(*_PAUSE))  # noqa: S311


def is_full(error: psycopg.OperationalError) -> bool:
    """Whether the server had no connection left for us."""
    return any(words in str(error) for words in _FULL)
