"""Share links under load: how many opens a second are answered, each of them written, and what a kill costs.

The share page of one server process is compared with nginx and with the bare ASGI server that give the same bytes
without counting anything, in turn, on the same cores as the load itself. Then the server is killed with kill -9 in the
middle of a load, again and again: an open that was answered has to be in the database.
"""

import asyncio
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.db import connection, connections
from django.utils.translation import gettext_lazy as _

from toli.accounts.domain.actor import SYSTEM
from toli.bench import load, processor, stage
from toli.bench.result import Benchmark, BenchResult
from toli.bench.scratch import scratch_database
from toli.content import services as content
from toli.content.domain.passport import RenditionDraft
from toli.core import clock
from toli.core.apart import apart
from toli.sharing import services as sharing

Advance = Callable[[int, int], None]
Rates = dict[str, list[float]]
STANDARD = 12  # seconds of load on each server
ROUNDS = 3
LINKS = 200
KILLS = 5
_OWN_HEADERS = {"date", "server", "connection", "content-length"}  # which each of the servers writes for itself
_SESSIONS: dict[int, int] = {}  # who leads the processes behind a port
GOAL = {"opens_to_nginx": 0.25, "opens_to_bare_asgi": 0.667}
_NGINX = """
daemon off; worker_processes 1; pid %(folder)s/pid; error_log stderr crit;
events { worker_connections 1024; }
http { access_log off; server_tokens off; types { } default_type "text/html; charset=utf-8";
  keepalive_requests 1000000; open_file_cache max=10;
  client_body_temp_path %(folder)s/a; proxy_temp_path %(folder)s/b; fastcgi_temp_path %(folder)s/c;
  uwsgi_temp_path %(folder)s/d; scgi_temp_path %(folder)s/e;
  etag off; if_modified_since off;
  server { listen 127.0.0.1:%(port)d; %(headers)s location / { root %(folder)s; try_files /page.html =404; } } }
"""


def run(*, size: int | None, advance: Advance) -> BenchResult:
    """Press each server for ``size`` seconds in all (standard 12, in three rounds), then kill ours again and again."""
    whole = size or STANDARD
    rounds, kills = (ROUNDS, KILLS) if whole >= ROUNDS else (1, 1)
    seconds = whole / rounds
    rates: Rates = {"opens": [], "bare": [], "nginx": []}
    costs: Rates = {"opens": [], "opens in the database": [], "bare": [], "nginx": []}
    counts = {"answered": 0, "lost": 0, "kills": kills, "killed_answered": 0, "killed_lost": 0}
    with scratch_database(), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # nginx reads as somebody else
        paths = _links()
        with our_server(folder) as port:
            _keep_page(folder, port, paths[0])
        for number in range(rounds):
            _against(folder, rates, costs, paths, seconds)
            with our_server(folder) as port:
                load.press(port, paths, seconds=1, base=number * 3_000_000)
                before, used = _written(), processor.of_database()
                found = _press(
                    port, paths, seconds, rates["opens"], costs["opens"], base=number * 3_000_000 + 1_000_000
                )
                costs["opens in the database"].append((processor.of_database() - used) / max(1, found.answered))
            counts["answered"] += found.answered
            counts["lost"] += max(0, found.answered - (_written() - before))
            advance(number + 1, rounds + kills)
        slowest = 0.0
        for number in range(kills):
            slowest = max(slowest, _kill(folder, paths, number, counts))
            advance(rounds + number + 1, rounds + kills)
    return _result(rates, costs, counts, slowest)


def _result(rates: Rates, costs: Rates, counts: dict[str, int], slowest: float) -> BenchResult:
    median = {name: statistics.median(found) for name, found in rates.items() if found}
    cost = {name: 1e6 * statistics.median(found) for name, found in costs.items() if found}
    ours = cost["opens"] + cost["opens in the database"]
    measured: dict[str, Any] = {
        "opens_per_second": round(median["opens"]),
        "processor_us_of_an_open": round(cost["opens"], 1),
        "processor_us_of_an_open_in_the_database": round(cost["opens in the database"], 1),
        "opens_answered": counts["answered"],
        "opens_lost": counts["lost"],
        "kills": counts["kills"],
        "opens_answered_before_kills": counts["killed_answered"],
        "opens_lost_by_kills": counts["killed_lost"],
        "window_ms": 0,
        "slowest_answer_before_kills_ms": round(slowest, 1),
        "load": load.generator(),
        "processes": 1,
    }
    against = {
        "bare_asgi_per_second": round(median["bare"]),
        "processor_us_of_bare_asgi": round(cost["bare"], 1),
        "nginx_per_second": round(median["nginx"]) if "nginx" in median else "not installed",
    }
    ratio = {
        "opens_to_bare_asgi": round(median["opens"] / median["bare"], 3),
        "opens_to_bare_asgi_by_processor": _over(cost["bare"], cost["opens"]),
        "opens_to_bare_asgi_by_processor_with_the_database": _over(cost["bare"], ours),
    }
    if "nginx" in median:
        against["processor_us_of_nginx"] = round(cost["nginx"], 1)
        ratio["opens_to_nginx"] = round(median["opens"] / median["nginx"], 3)
        ratio["opens_to_nginx_by_processor"] = _over(cost["nginx"], cost["opens"])
    goal = {name: least for name, least in GOAL.items() if name in ratio}
    met = all(ratio[name] >= least for name, least in goal.items())
    met = met and not counts["lost"] and not counts["killed_lost"]
    return BenchResult("opens", measured, against, ratio, goal, met)


def _over(theirs: float, ours: float) -> float:
    return round(theirs / ours, 3) if ours else 0.0  # too little was done to be counted


# -- the stage -------------------------------------------------------------------------------------------


def _links() -> list[str]:
    """The addresses of LINKS links to one kit, each of another member."""
    stage.set_organisation()
    stage.import_members(LINKS)
    words = [RenditionDraft(language, "Clean water for all", ("Read this " * 20,), "Read") for language in ("hi", "en")]
    now = clock.now()
    kit = content.create_kit(
        actor=SYSTEM,
        code="bench",
        territory_code="IN",
        act_url="https://example.org/",
        renditions=words,
        valid_from=now,
        valid_until=now + timedelta(days=1),
    )
    for act in (content.submit_kit, content.approve_kit, content.mark_live):
        act(actor=SYSTEM, kit_id=kit.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM members_member ORDER BY id")
        members = [row[0] for row in cursor.fetchall()]
    links = [sharing.share_link(member_id=member, kit_id=kit.pk, channel="whatsapp") for member in members]
    return [f"/s/{link.code}" for link in links]


def _written(path: str = "") -> int:
    with connection.cursor() as cursor:
        if path:
            cursor.execute("SELECT opens FROM sharing_sharelink WHERE code = %s", [path[3:]])
        else:
            cursor.execute("SELECT count(*) FROM sharing_linkopen")
        return int(cursor.fetchone()[0])


# -- servers ---------------------------------------------------------------------------------------------


def _database_address() -> str:
    """The address of the database in use, for a process of its own."""
    given = connections["default"].get_connection_params()
    who = quote(given.get("user") or "") + (f":{quote(given['password'])}" if given.get("password") else "")
    host = {"host": given["host"]} if given.get("host") else {}
    port = f":{given['port']}" if given.get("port") else ""
    return f"postgresql://{who}@{port}/{quote(given['dbname'])}?{urlencode(host)}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((load.HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def our_server(folder: Path) -> Iterator[int]:
    """Toli's own server, in one process, on the database in use and with keys and files below ``folder``. Its port."""
    port = _free_port()
    own = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TOLI_")},
        "TOLI_VAR_DIR": str(folder / "var"),
        "TOLI_DATABASE_URL": _database_address(),
        "TOLI_BASE_URL": f"http://{load.HOST}:{port}",
        "TOLI_TRUSTED_PROXIES": load.HOST,
    }
    words = ["-m", "toli", "serve", "--port", str(port), "--workers", "1"]
    with _running([sys.executable, *words], port, "/healthz", own):
        yield port


@contextmanager
def _running(command: Sequence[str], port: int, path: str, environment: dict[str, str]) -> Iterator[None]:
    """The program in a group of processes of its own, from when it answers until the end of the block."""
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    _SESSIONS[port] = process.pid
    try:
        for _try in range(600):
            with suppress(OSError):
                _fetch(port, path)
                break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _fetch(port: int, path: str) -> bytes:
    request = urllib.request.Request(f"http://{load.HOST}:{port}{path}")  # a robot: not counted
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        return bytes(answer.read())


def _keep_page(folder: Path, port: int, path: str) -> None:
    """Our page and its headers, which the others give too."""
    request = urllib.request.Request(f"http://{load.HOST}:{port}{path}")  # a robot: not counted
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
        (folder / "page.html").write_bytes(answer.read())
        kept = [(name, value) for name, value in answer.headers.items() if name.lower() not in _OWN_HEADERS]
    (folder / "headers").write_text("\n".join(f"{name}: {value}" for name, value in kept))


def _press(
    port: int, paths: Sequence[str], seconds: float, rates: list[float], costs: list[float], *, base: int = 0
) -> load.Load:
    """Load on a server of ours, and what it did and used meanwhile."""
    leader = _SESSIONS[port]
    used = processor.of_session(leader)
    found = load.press(port, paths, seconds=seconds, base=base)
    rates.append(found.per_second)
    costs.append((processor.of_session(leader) - used) / max(1, found.answered))
    return found


def _against(folder: Path, rates: Rates, costs: Rates, paths: Sequence[str], seconds: float) -> None:
    """The bare server and, where it is installed, nginx."""
    port = _free_port()
    bare = [sys.executable, "-m", "toli.bench.bare", str(port), str(folder / "page.html"), str(folder / "headers")]
    environment = {"DJANGO_SETTINGS_MODULE": "toli.config.settings", **os.environ}
    with _running(bare, port, "/", environment):
        _press(port, paths, seconds, rates["bare"], costs["bare"])
    nginx = shutil.which("nginx")
    if nginx is None:
        return
    port = _free_port()
    lines = [line.partition(": ") for line in (folder / "headers").read_text().splitlines()]
    headers = " ".join(
        f"add_header {name} '{value.replace(chr(39), chr(92) + chr(39))}';"
        for name, _is, value in lines
        if name.lower() != "content-type"
    )
    (folder / "nginx.conf").write_text(_NGINX % {"folder": folder, "port": port, "headers": headers})
    with _running([nginx, "-p", str(folder), "-c", str(folder / "nginx.conf")], port, "/", dict(os.environ)):
        _press(port, paths, seconds, rates["nginx"], costs["nginx"])


def _kill(folder: Path, paths: Sequence[str], number: int, counts: dict[str, int]) -> float:
    """Kill the server under load. Counts what was answered and is not there; returns the slowest answer."""
    before = {path: _written(path) for path in paths}
    with our_server(folder) as port:
        found = apart(lambda: asyncio.run(_killed(port, paths, number)))
    counts["killed_answered"] += found.answered
    counts["killed_lost"] += sum(
        max(0, answered - (_written(path) - before[path])) for path, answered in found.of_path.items()
    )
    return found.slowest_ms


async def _killed(port: int, paths: Sequence[str], number: int) -> load.Load:
    asking = asyncio.create_task(load.ask_all(port, paths, seconds=20, base=0x400000 + number * 7, connections=32))
    await asyncio.sleep(random.uniform(0.5, 1.5))
    server = _listening(port)
    for pid in server:
        os.kill(pid, signal.SIGKILL)
    return await asking


def _listening(port: int) -> list[int]:
    """The processes of our server on this port: those whose command line says so."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if b"serve" in words and str(port).encode() in words:
                found.append(int(folder.name))
    return found


BENCHMARK = Benchmark(
    "opens", _("Share links: opens a second, each of them written, against nginx and the bare server."), run
)
