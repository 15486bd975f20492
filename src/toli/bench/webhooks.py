"""How many reports of providers are on disk in a second, against a server that answers and keeps nothing."""

import asyncio
import importlib.util
import json
import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvloop
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from toli.accounts.domain.actor import SYSTEM
from toli.bench import stage
from toli.bench.result import Benchmark, BenchResult
from toli.bench.scratch import scratch_database
from toli.core import heap
from toli.core.apart import apart
from toli.integrations.whatsapp_cloud.callbacks import signature_of
from toli.messaging.services import senders
from toli.web.beside import Beside
from toli.web.fast.callbacks import PREFIX, ProviderCallbacks
from toli.web.serving import CarefulProtocol

Advance = Callable[[int, int], None]
STANDARD = 20_000
BATCHED = 50  # statuses in one report
LINES = 64
NUMBER_ID = "106540352242922"
SECRET = "bench"  # noqa: S105 of an emulated sender


def run(*, size: int | None, advance: Advance) -> BenchResult:
    """Post ``size`` signed reports of one status (standard 20,000), then a tenth of it with fifty each."""
    count = size or STANDARD
    with scratch_database():
        _set_the_stage()
        single, batched = _reports(500, 1), _reports(20, BATCHED)
        bare = _load(_nothing, "/in/bench", single, count)
        advance(1, 4)
        ours = _load(_ours, "/in/bench", single, count)
        advance(2, 4)
        many = _load(_ours, "/in/bench", batched, max(count // 10, 10))
        kept = _kept()
        advance(3, 4)
        peer = _load(_pywa, "/", single, max(count // 10, 10)) if _peers_are_there() else None
        advance(4, 4)
    wanted = count + max(count // 10, 10)
    measured = {
        "events_per_second": round(ours["rate"]),
        "p99_ms": ours["p99_ms"],
        "batched_events_per_second": round(many["rate"] * BATCHED),
        "batched_p99_ms": many["p99_ms"],
        "answered": wanted,
        "on_disk": kept,
    }
    against: dict[str, Any] = {"bare_per_second": round(bare["rate"]), "bare_p99_ms": bare["p99_ms"]}
    against["pywa_fastapi_per_second"] = round(peer["rate"]) if peer else "not installed: uv sync --group bench"
    ratio = {"ours_to_bare": round(ours["rate"] / bare["rate"], 3)}
    ratio["batched_to_3000"] = round(many["rate"] * BATCHED / 3000, 2)
    goal = {"ours_to_bare": 0.333, "batched_to_3000": 1.0}
    if peer:
        ratio["ours_to_pywa_fastapi"] = round(ours["rate"] / peer["rate"], 2)
        goal["ours_to_pywa_fastapi"] = 5.0
    met = kept == wanted and all(ratio[name] >= least for name, least in goal.items())
    return BenchResult("webhooks", measured, against, ratio, goal, met)


def _set_the_stage() -> None:
    stage.set_organisation()
    own = {"phone_number_id": NUMBER_ID, "token": "t", "app_secret": SECRET, "verify_token": "v"}
    senders.create_sender(actor=SYSTEM, code="bench", name="Bench", provider="whatsapp_cloud", settings=own)


def _reports(different: int, statuses: int) -> list[bytes]:
    """Whole requests, signed. ``{path}`` is filled in by :func:`_load`."""
    found = []
    for number in range(different):
        body = json.dumps(_report([_status(f"{number}.{n}") for n in range(statuses)])).encode()
        head = (
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nX-Hub-Signature-256: {signature_of(body, SECRET)}\r\n\r\n"
        )
        found.append(head.encode() + body)
    return found


def _status(name: str) -> dict[str, str]:
    return {
        "id": f"wamid.{name}", "status": "sent", "timestamp": "1700000000", "recipient_id": "910123456789",
        "biz_opaque_callback_data": f"{name}.1",
    }  # fmt: skip


def _report(statuses: list[dict[str, str]]) -> dict[str, Any]:
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "911234567890", "phone_number_id": NUMBER_ID},
        "contacts": [{"profile": {"name": "Bench"}, "wa_id": "910123456789"}],
        "statuses": statuses,
    }
    changes = [{"value": value, "field": "messages"}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}


def _kept() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM messaging_receivedcallback")
        return int(cursor.fetchone()[0])


def _peers_are_there() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ("pywa", "fastapi"))


# -- servers, each in a process of its own under the same uvicorn ---------------------------------------


def _nothing(port: int) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    _serve(app, port)


def _ours(port: int) -> None:
    settings.HTTPS_ONLY = False  # of this process: the load speaks plainly
    _serve(Beside(_nobody, {PREFIX: ProviderCallbacks()}), port, http=CarefulProtocol, proxy_headers=False)


async def _nobody(_scope: Any, _receive: Any, _send: Any) -> None:
    """Stands for Django, which has nothing to do here."""


def _pywa(port: int) -> None:
    from fastapi import FastAPI
    from pywa.client import WhatsApp

    app = FastAPI()
    client = WhatsApp(
        phone_id=NUMBER_ID, token="t", server=app, verify_token="v", app_secret=SECRET, webhook_endpoint="/"  # noqa: S106
    )  # fmt: skip

    @client.on_message_status  # type: ignore[misc, arg-type, unused-ignore]
    def heard(_client: Any, _status: Any) -> None:
        pass

    _serve(app, port)


def _serve(app: Any, port: int, **options: Any) -> None:
    import uvicorn

    heap.settle()  # as `toli serve` does, and for all three
    uvicorn.run(
        app, host="127.0.0.1", port=port, loop="uvloop", lifespan="off", log_level="critical", access_log=False,
        **options,
    )  # fmt: skip


@contextmanager
def _served(serve: Callable[[int], None]) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = multiprocessing.get_context("fork").Process(target=serve, args=(port,), daemon=True)
    process.start()
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.join(20)


# -- load ----------------------------------------------------------------------------------------------


class _Line(asyncio.Protocol):
    """One connection that posts the next report as soon as the last one is answered with 200."""

    def __init__(self, posts: Iterator[bytes], times: list[float], done: asyncio.Future[None]) -> None:
        self._posts, self._times, self._done = posts, times, done
        self._transport: Any = None
        self._began = 0.0
        self._seen = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._seen += data
        end = self._seen.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._seen[:end].lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        if len(self._seen) < end + 4 + length:
            return
        if b" 200 " not in head[:20]:
            self._done.set_exception(RuntimeError(head[:60].decode("latin-1")))
            return
        self._times.append(time.perf_counter() - self._began)
        self._seen = b""
        self._next()

    def connection_lost(self, _error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(ConnectionError("the server hung up"))

    def _next(self) -> None:
        post = next(self._posts, None)
        if post is None:
            if not self._done.done():
                self._done.set_result(None)
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(post)


def _load(serve: Callable[[int], None], path: str, reports: list[bytes], count: int) -> dict[str, float]:
    """Requests a second, and the time within which 99 of 100 were answered."""
    filled = [report.replace(b"{path}", path.encode(), 1) for report in reports]
    posts = (filled[number % len(filled)] for number in range(count))
    times: list[float] = []
    with _served(serve) as port:
        began = time.perf_counter()
        apart(lambda: uvloop.run(_post_all(port, posts, times)))
        seconds = time.perf_counter() - began
    times.sort()
    return {"rate": count / seconds, "p99_ms": round(times[int(len(times) * 0.99) - 1] * 1000, 1)}


async def _post_all(port: int, posts: Iterator[bytes], times: list[float]) -> None:
    loop = asyncio.get_running_loop()
    waiting = []
    for _number in range(LINES):
        done = loop.create_future()
        await loop.create_connection(lambda done=done: _Line(posts, times, done), "127.0.0.1", port)  # type: ignore[misc]
        waiting.append(done)
    await asyncio.gather(*waiting)


BENCHMARK = Benchmark("webhooks", _("Keeping reports of providers, against a server that keeps nothing."), run)
