"""How fast messages leave, every state on disk, against clients that only post; and whether a limit holds."""

import asyncio
import importlib.util
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import time as clock_time
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import uvloop
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from toli.access.domain.scope import EVERYWHERE
from toli.accounts.domain.actor import SYSTEM
from toli.bench import stage
from toli.bench.result import Benchmark, BenchResult
from toli.bench.scratch import scratch_database
from toli.compliance import services as compliance
from toli.core import clock
from toli.core.apart import apart
from toli.messaging import selectors
from toli.messaging.dispatcher import Dispatcher, Options
from toli.messaging.ports import Content, Letter
from toli.messaging.providers import provider_class
from toli.messaging.services import control, outbox, senders
from toli.territories import selectors as territories

Advance = Callable[[int, int], None]
STANDARD = 100_000
HELD_SECONDS = 60
HELD_RATE, HELD_LIMIT = 1000, 1100  # messages a second that are to be kept up, under a limit a little above
NOT_INSTALLED = "not installed: uv sync --group bench"
NUMBER_ID = "106540352242922"
CONTENT = Content(text="Your meeting is today.", template="meeting", language="en", params=("today", "six"))


@dataclass(frozen=True, slots=True)
class Timed:
    """How long something took: by the clock, and of this process's own work."""

    count: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        return self.count / self.seconds if self.seconds else 0.0

    @property
    def per_core(self) -> float:
        return self.count / self.cpu if self.cpu else 0.0


def run(*, size: int | None, advance: Advance) -> BenchResult:
    """Send ``size`` messages (standard 100,000) to the emulator; then the same by bare clients."""
    count = size or STANDARD
    hold = HELD_SECONDS if size is None else max(2, min(HELD_SECONDS, count // 2000))
    with scratch_database(), tempfile.TemporaryDirectory() as folder, emulator() as url:
        settings.MESSAGING_DIR, before = Path(folder), settings.MESSAGING_DIR
        try:
            _set_the_stage(count, url)
            advance(1, 5)
            ours = _dispatch(count, processes=1)
            states = dict(selectors.totals())
            advance(2, 5)
            held = _hold(count, hold, url)
        finally:
            settings.MESSAGING_DIR = before
            control.forget_identity()
        advance(3, 5)
        bare = _bare(min(count, 30_000), url)
        peers: dict[str, Timed | str] = {
            "pywa": _pywa(min(count, 2000), url),
            "celery_requests": _celery(min(count, 1000), url),
        }
        advance(5, 5)
    return _result(count, ours, states, held, bare, peers)


def _result(
    count: int, ours: Timed, states: dict[str, int], held: dict[str, Any], bare: Timed, peers: dict[str, Timed | str]
) -> BenchResult:
    against: dict[str, Any] = {
        "bare_aiohttp_per_second": round(bare.rate),
        "bare_aiohttp_per_core": round(bare.per_core),
    }
    ratio = {"ours_to_bare": round(ours.rate / bare.rate, 3), "ours_to_bare_per_core": _over(ours, bare)}
    goal = {"ours_to_bare_per_core": 0.5}
    for name, peer in peers.items():
        against[f"{name}_per_second"] = peer if isinstance(peer, str) else round(peer.rate)
        if isinstance(peer, Timed):
            ratio[f"ours_to_{name}"] = round(ours.rate / peer.rate, 2)
            goal[f"ours_to_{name}"] = 5.0
    measured = {
        "messages": count,
        "messages_per_second": round(ours.rate),
        "messages_per_second_per_core": round(ours.per_core),
        "states": states,
        **held,
    }
    kept = held["most_in_any_second"] <= held["limit"] and held["held_per_second"] >= HELD_RATE
    met = states == {"sent": count} and kept and all(ratio[name] >= least for name, least in goal.items())
    return BenchResult("dispatch", measured, against, ratio, goal, met)


def _over(ours: Timed, bare: Timed) -> float:
    return round(ours.per_core / bare.per_core, 3) if bare.per_core else 0.0


# -- ours ------------------------------------------------------------------------------------------


def _set_the_stage(count: int, url: str) -> None:
    """Members who may be written to, and a sender with all its limits on, set so that they do not bind."""
    stage.set_organisation()
    compliance.set_rules(actor=SYSTEM, quiet_from=clock_time(0), quiet_until=clock_time(0))
    stage.import_members(count)
    _sender("bench", url, per_second=50_000)
    _sender("held", url, per_second=HELD_LIMIT)
    control.forget_identity()
    control.resume(actor=SYSTEM)
    _queue("bench", count)


def _sender(code: str, url: str, *, per_second: float) -> None:
    senders.create_sender(
        actor=SYSTEM,
        code=code,
        name=code,
        provider="whatsapp_cloud",
        settings=_settings(url),
        per_second=per_second,
        recipient_gap=6,
        portfolio=code,
        per_day=100_000_000,
    )


def _settings(url: str) -> dict[str, str]:
    return {"phone_number_id": NUMBER_ID, "token": "t", "app_secret": "s", "verify_token": "v", "base_url": url}


def _queue(sender: str, count: int) -> None:
    batch = outbox.create_batch(
        actor=SYSTEM,
        sender=sender,
        territory=territories.get_territory(EVERYWHERE, "IN"),
        purpose="membership",
        content=CONTENT,
        expires_at=clock.now() + timedelta(hours=6),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM members_member ORDER BY id LIMIT %s", [count])
        ids = [row[0] for row in cursor.fetchall()]
    outbox.enqueue(scope=EVERYWHERE, batch=batch, members=ids)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _dispatch(count: int, *, processes: int) -> Timed:
    """Processes that send until nothing is left. Their work is counted, the database's is not, as for the peers."""
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    workers = [context.Process(target=_work, args=(answers,)) for _ in range(processes)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    cpu = sum(answers.get() for _ in workers)
    seconds = time.perf_counter() - began
    for worker in workers:
        worker.join()
    return Timed(count, seconds, cpu)


def _work(answers: Any) -> None:
    began = time.process_time()
    dispatcher = Dispatcher(Options(lanes=2, batch=500, connections=64))
    _until_idle(dispatcher)
    answers.put(time.process_time() - began)


def _until_idle(dispatcher: Dispatcher) -> None:
    """Run with lanes, and stop when nothing is queued or under way."""

    def look() -> None:
        while _left():
            time.sleep(0.1)
        dispatcher.stop()

    with ThreadPoolExecutor(1) as watching:
        watching.submit(_closing, look)
        dispatcher.run()


def _closing(act: Callable[[], None]) -> None:
    try:
        act()
    finally:
        connection.close()


def _left() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM messaging_message WHERE state IN ('queued', 'sending'))")
        return bool(cursor.fetchone()[0])


def _hold(count: int, seconds: int, url: str) -> dict[str, Any]:
    """Two processes share one sender's limit. What the emulator saw in any second counts, not what we meant."""
    _ask(f"{url}/messages", "DELETE")
    # One for each person: a second one would have to wait for its turn.
    wanted = min(HELD_RATE * seconds, count)
    began = time.perf_counter()
    _queue("held", wanted)
    queued = time.perf_counter()
    took = _dispatch(wanted, processes=2).seconds
    pace = json.loads(_ask(f"{url}/pace", "GET"))
    return {
        "held_seconds": round(took, 1),
        "held_per_second": round(wanted / took),
        "limit": HELD_LIMIT,
        "most_in_any_second": pace["most_in_a_second"],
        "queueing_seconds": round(queued - began, 1),
    }


def _ask(url: str, method: str) -> bytes:
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=60) as answer:  # noqa: S310 ours
        return bytes(answer.read())


# -- the peers -------------------------------------------------------------------------------------


def _bodies(count: int) -> list[bytes]:
    kind = provider_class("whatsapp_cloud")
    provider = kind(kind.settings_schema(**_settings("http://127.0.0.1:1")))
    return [
        provider.render(Letter(stage.phone(number), CONTENT, CONTENT.params, f"bare.{number}"))
        for number in range(count)
    ]  # fmt: skip


def _bare(count: int, url: str) -> Timed:
    """The same requests by the same HTTP client, without a database or limits."""
    bodies = iter(_bodies(count))
    address, headers = f"{url}/v23.0/{NUMBER_ID}/messages", {"Authorization": "Bearer t"}

    async def work(session: aiohttp.ClientSession) -> None:
        for body in bodies:
            async with session.post(address, data=body, headers=headers) as answer:
                await answer.read()

    async def whole() -> None:
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
            await asyncio.gather(*[work(session) for _ in range(128)])

    began, cpu = time.perf_counter(), time.process_time()
    apart(lambda: uvloop.run(whole()))
    return Timed(count, time.perf_counter() - began, time.process_time() - cpu)


def _pywa(count: int, url: str) -> Timed | str:
    """pywa's own client with eight threads, its requests led to the emulator by the transport."""
    if importlib.util.find_spec("pywa") is None:
        return NOT_INSTALLED
    from toli.bench.peers import pywa_client

    client = pywa_client(url, NUMBER_ID)
    began, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: client.send_message(to=stage.phone(number)[1:], text="hi"), range(count)))
    return Timed(count, time.perf_counter() - began, time.process_time() - cpu)


def _celery(count: int, url: str) -> Timed | str:
    """Celery tasks that post with requests: one worker with as many processes as cores, broker in a folder."""
    if importlib.util.find_spec("celery") is None or importlib.util.find_spec("requests") is None:
        return NOT_INSTALLED
    with tempfile.TemporaryDirectory() as folder:
        found = subprocess.run(
            [sys.executable, "-m", "toli.bench.peers", folder, f"{url}/v23.0/{NUMBER_ID}/messages", str(count)],
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
    if found.returncode != 0:
        return f"failed: {(found.stderr.strip().splitlines() or ['without a word'])[-1][-300:]}"
    seconds = float(found.stdout.splitlines()[-1])
    return Timed(count, seconds, seconds * (os.cpu_count() or 1))


@contextmanager
def emulator() -> Iterator[str]:
    """The Cloud API in a process of its own, without a limit."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = ["emulator", "whatsapp-cloud", "--port", str(port), "--per-second", "0"]
    process = subprocess.Popen([sys.executable, "-m", "toli", *arguments], stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


BENCHMARK = Benchmark("dispatch", _("Sending messages, all states on disk, against clients that only post."), run)
