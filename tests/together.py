"""Several people doing the same thing at the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act returned or raised. Every act runs in its own thread and database session."""
    start = threading.Barrier(len(acts))

    def perform(act: Callable[[], Any]) -> Any:
        start.wait(timeout=60)
        try:
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(perform, acts))
