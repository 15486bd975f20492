"""An installation of its own: a folder, a database, and programs that are started as an operator starts them."""

import http.client
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from toli.core.embedded_postgres import EmbeddedPostgres


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Installation:
    """One of its own, whose programs write into files."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TOLI_")},
            "TOLI_VAR_DIR": str(folder / "var"),
            "TOLI_LANGUAGE": "en",
            "TOLI_BASE_URL": f"http://127.0.0.1:{self.port}",
        }

    def run(self, *words: str, check: bool = True) -> None:
        with (self.folder / "run.log").open("ab") as log:
            subprocess.run(
                [sys.executable, "-m", "toli", *words], env=self.environment, stdout=log, stderr=log, check=check
            )

    def start(self, *words: str, **settings: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{words[0]}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "toli", *words], env={**self.environment, **settings}, stdout=log, stderr=log
            )

    def ask(
        self, method: str, path: str, body: str = "", *, port: int | None = None, **headers: str
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=60)
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        answer.text = answer.read().decode(errors="replace")  # type: ignore[attr-defined]
        connection.close()
        return answer

    def wait_for_pages(self, port: int | None = None) -> None:
        until = time.monotonic() + 180
        while time.monotonic() < until:
            with suppress(OSError, http.client.HTTPException):  # nobody listens yet, or not for long
                if self.ask("GET", "/healthz", port=port).status == 200:
                    return
            time.sleep(0.1)
        pytest.fail((self.folder / "serve.log").read_text())

    def logs(self) -> str:
        """All that any program wrote, PostgreSQL included."""
        files = [*self.folder.glob("*.log"), EmbeddedPostgres(self.folder / "var" / "postgres").log_file]
        return "\n".join(f"=== {file}\n{file.read_text(errors='replace')}" for file in files)


def end(process: subprocess.Popen[bytes]) -> None:
    """Politely; a machine that is busy with other tests must not hide what went wrong before."""
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
