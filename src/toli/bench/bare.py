"""The server without an application: ``python -m toli.bench.bare PORT FILE`` answers with the file's bytes."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from uvicorn import Config, Server

from toli.web.serving import CarefulProtocol


def application(body: bytes) -> Callable[..., Awaitable[None]]:
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(body)).encode())]

    async def answer(_scope: Any, _receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


if __name__ == "__main__":
    app = application(Path(sys.argv[2]).read_bytes())
    options: dict[str, Any] = {"loop": "uvloop", "http": CarefulProtocol, "ws": "none", "lifespan": "off"}
    Server(Config(app, host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False, **options)).run()
