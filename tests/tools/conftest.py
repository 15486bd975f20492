"""An advisory service on 127.0.0.1 that speaks OSV's language, and a small lock file."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tools.audit_packages import KNOWN_WEAK

LOCK = """
version = 1
requires-python = ">=3.11"

[[package]]
name = "toli"
version = "0.1.0"
source = { editable = "." }
dependencies = [{ name = "alpha", extra = ["fast"] }, { name = "only-elsewhere", marker = "sys_platform == 'win32'" }]

[package.dev-dependencies]
dev = [{ name = "checker" }, { name = "alpha" }]
"""
PACKAGES = {
    "alpha": ('dependencies = [{ name = "beta" }]', '[package.optional-dependencies]\nfast = [{ name = "gamma" }]'),
    "beta": ("", ""),
    "gamma": ("", ""),
    "only-elsewhere": ("", ""),
    "checker": ("", ""),
    "nobody-needs-this": ("", ""),
}


class AdvisoryService(ThreadingHTTPServer):
    """Answers what ``known`` holds: package -> advisories. ``asked`` collects the packages it was asked about."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.known: dict[str, list[dict]] = {KNOWN_WEAK[0]: [advisory(KNOWN_WEAK[0], "PYSEC-2020-96")]}
        self.asked: list[str] = []
        self.answers = 10**9

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/query"


class _Handler(BaseHTTPRequestHandler):
    server: AdvisoryService

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = asked["package"]["name"]
        self.server.asked.append(name)
        self.server.answers -= 1
        known = self.server.known.get(name)
        body = json.dumps({"vulns": known} if known else {}).encode()
        self.send_response(200 if self.server.answers >= 0 else 503)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


def advisory(package: str, name: str, *, aliases: tuple[str, ...] = (), fixed: str = "9.9") -> dict:
    """One advisory in OSV's shape."""
    events = [{"introduced": "0"}, {"fixed": fixed}]
    ranges = [{"type": "ECOSYSTEM", "events": events}]
    affected = [{"package": {"name": package, "ecosystem": "PyPI"}, "ranges": ranges}]
    return {"id": name, "aliases": list(aliases), "summary": "It can be misused.", "affected": affected}


@pytest.fixture
def service() -> Iterator[AdvisoryService]:
    with AdvisoryService() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """Four run-time packages, one of them for another system only, one for development, one that nobody needs."""
    text = LOCK
    for number, (name, (needs, extras)) in enumerate(PACKAGES.items()):
        text += f"""
[[package]]
name = "{name}"
version = "1.{number}"
source = {{ registry = "https://example.invalid/simple" }}
{needs}
wheels = [{{ url = "https://example.invalid/{name}.whl", hash = "sha256:{number:064x}" }}]
{extras}
"""
    path = tmp_path / "uv.lock"
    path.write_text(text)
    return path
