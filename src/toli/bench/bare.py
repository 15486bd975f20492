"""The server without an application: ``python -m toli.bench.bare PORT PAGE HEADERS`` answers with the bytes of one file
and the lines of the other as headers.
"""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from uvicorn import Config, Server

from toli.web.serving import CarefulProtocol


def application(body: bytes, lines: list[bytes]) -> Callable[..., Awaitable[None]]:
    headers = [(name, value) for name, _is, value in (line.partition(b": ") for line in lines)]
    headers.append((b"content-length", str(len(body)).encode()))

    async def answer(_scope: Any, _receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


if __name__ == "__main__":
    app = application(Path(sys.argv[2]).read_bytes(), Path(sys.argv[3]).read_bytes().splitlines())
    options: dict[str, Any] = {"loop": "uvloop", "http": CarefulProtocol, "ws": "none", "lifespan": "off"}
    Server(Config(app, host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False, **options)).run()
