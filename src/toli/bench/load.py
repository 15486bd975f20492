"""Load on a server of this machine: wrk where it is installed, else a client of our own. It ends by itself.

Each request names another visitor in X-Forwarded-For and takes the next path in turn.
"""

import asyncio
import re
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from toli.core.apart import apart

HOST = "127.0.0.1"
AGENT = "Mozilla/5.0 (Linux; Android 12) Chrome/126 Mobile"
CONNECTIONS = 256
# The request is put together from two strings: wrk's own way costs as much as nginx takes to answer.
_SCRIPT = """
local paths = {%(paths)s}
local count, base, id = 0, %(base)d, 0
local threads = 0
function setup(thread) thread:set("id", threads); threads = threads + 1 end
local heads = {}
for number, path in ipairs(paths) do
  heads[number] = "GET " .. path .. " HTTP/1.1\\r\\nHost: %(host)s\\r\\nUser-Agent: %(agent)s\\r\\nX-Forwarded-For: 10."
end
local octets = {}
for number = 0, 255 do octets[number] = tostring(number) end
local floor = math.floor
function request()
  count = count + 1
  local n = base + count
  return heads[count %% #heads + 1] .. octets[floor(n / 65536) %% 256] .. "." .. octets[floor(n / 256) %% 256] .. "."
    .. octets[n %% 256] .. "\\r\\n\\r\\n"
end
"""


@dataclass(slots=True)
class Load:
    """What was answered with 200: how many in all, how many a second, and of each path where that is known."""

    answered: int
    per_second: float
    of_path: Counter[str] = field(default_factory=Counter)
    slowest_ms: float = 0.0


def generator() -> str:
    """What will make the load."""
    return "wrk" if shutil.which("wrk") else "own asyncio client (slower than what it measures)"


def press(port: int, paths: Sequence[str], *, seconds: float, base: int) -> Load:
    """Ask without a pause for so long. ``base``: where the numbers of visitors begin."""
    if not shutil.which("wrk"):
        return apart(lambda: asyncio.run(ask_all(port, paths, seconds=seconds, base=base)))
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "visitors.lua"
        words = ", ".join(f'"{path}"' for path in paths)
        script.write_text(_SCRIPT % {"paths": words, "base": base, "agent": AGENT, "host": f"{HOST}:{port}"})
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "-s", str(script)]
        said = subprocess.run([*command, f"http://{HOST}:{port}"], capture_output=True, text=True, check=True).stdout
    total = re.search(r"(\d+) requests in ([\d.]+)(m?s)", said)
    if total is None:
        raise RuntimeError(said)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    answered = int(total[1]) - (int(bad[1]) if bad else 0)
    return Load(answered, float(rate[1]) * answered / int(total[1]) if rate else 0.0)


async def ask_all(
    port: int, paths: Sequence[str], *, seconds: float, base: int, connections: int = CONNECTIONS
) -> Load:
    """The same with a client of our own, which knows what was answered; a server that dies ends it early."""
    found = Load(0, 0.0)
    until = time.perf_counter() + seconds
    started = time.perf_counter()
    await asyncio.gather(
        *[_visitor(port, paths, until, base + number * 65_536, found, number) for number in range(connections)]
    )
    found.per_second = found.answered / (time.perf_counter() - started)
    return found


async def _visitor(port: int, paths: Sequence[str], until: float, base: int, found: Load, number: int) -> None:
    with suppress(OSError, asyncio.IncompleteReadError, ValueError, IndexError):
        reader, writer = await asyncio.open_connection(HOST, port)
        while time.perf_counter() < until:
            path = paths[number % len(paths)]
            number, base = number + 1, base + 1
            asked = time.perf_counter()
            address = f"10.{base >> 16 & 255}.{base >> 8 & 255}.{base & 255}"
            lines = (f"GET {path} HTTP/1.1", f"Host: {HOST}", f"User-Agent: {AGENT}", f"X-Forwarded-For: {address}")
            writer.write("\r\n".join([*lines, "", ""]).encode())
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]))
            if head.split(b" ")[1] == b"200":
                found.answered += 1
                found.of_path[path] += 1
                found.slowest_ms = max(found.slowest_ms, 1000 * (time.perf_counter() - asked))
        writer.close()
