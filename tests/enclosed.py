"""For a moment this process is one that serves pages: it sees nothing by itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from toli.core import wall


@contextmanager
def enclosed() -> Iterator[None]:
    """As after ``wall.enclose()``; at the end as before, for the tests that use this connection afterwards."""
    connection.close()
    wall.enclose()
    try:
        yield
    finally:
        wall.connection_created.disconnect(dispatch_uid="toli.core.wall")
        connection.close()
        connection.toli_enclosed, connection.toli_outlook = False, None
