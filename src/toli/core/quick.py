"""Connections for the event loop: a few, for paths that run statements known beforehand and nothing else.

Each stands behind the second wall like every connection of a web process, as the role that owns no table. Since no
actor acts on such a path, its outlook is given once, for the life of the connection: see docs/decisions/0030.
"""

from typing import Any

from django.db import connections
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from toli.core import wall

_KEPT = ("dbname", "user", "password", "host", "port")
MOST_CONNECTIONS = 3
WAIT_SECONDS = 5.0


def pool(why: str) -> AsyncConnectionPool[AsyncConnection[Any]]:
    """A pool that is not open yet; its statements commit by themselves and see every row. ``why`` is for readers.

    Raises:
        ValueError: no reason is given.
    """
    if not why:
        raise ValueError("say why the wall is lifted")
    given = connections["default"].get_connection_params()
    parameters = {name: given[name] for name in _KEPT if given.get(name)}
    return AsyncConnectionPool(
        kwargs={**parameters, "application_name": "toli", "autocommit": True},
        min_size=1,
        max_size=MOST_CONNECTIONS,
        timeout=WAIT_SECONDS,
        configure=_enter,
        open=False,
    )


async def _enter(connection: AsyncConnection[Any]) -> None:
    await connection.execute(f"SET ROLE {wall.ROLE}")
    await connection.execute("SELECT set_config('toli.scope', %s, false)", [wall.EVERYWHERE])
