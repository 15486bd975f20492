"""The processes of a demonstration: started, watched, started again, stopped.

The web server, the worker, what sends, and stand-ins for the provider of SMS and for Telegram: nothing reaches a phone.
"""

import os
import secrets
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from toli.demo.plan import CHANNELS, LEDGER, POSTS, TEXTS

BOT = "7000000001:demonstration"  # the stand-in's, which opens nothing


class Servers:
    """Runs `toli serve`, `toli worker`, `toli delivery run` and two emulators as children, and replaces one that dies.

    ``report_secret``: what the gateway's reports are signed with. ``ledger``: the file of all texts that it took;
    ``posts``: of what stands in channels.
    """

    def __init__(self, *, port: int, log_folder: Path) -> None:
        self._log_folder = log_folder
        self._port = port
        self._texts_port, self._telegram_port = _free_port(), _free_port()
        self.report_secret = secrets.token_hex(16)
        self.ledger, self.posts = log_folder / LEDGER, log_folder / POSTS
        self._commands: dict[str, Sequence[str]] = {
            "serve": _toli("serve", "--port", str(port)),
            "worker": _toli("worker"),
            "delivery": _toli("delivery", "run", "--lanes", "1"),
            "texts": _toli(
                "emulator", "sms", "--port", str(self._texts_port), "--ledger", str(self.ledger),
                "--webhook", f"{self.base_url}/in/{TEXTS}", "--report-secret", self.report_secret,
            ),
            "telegram": _toli(
                "emulator", "telegram-bot", "--port", str(self._telegram_port), "--token", BOT,
                "--ledger", str(self.posts), *(word for name in CHANNELS.values() for word in ("--channel", name)),
            ),
        }  # fmt: skip
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._logs: list[IO[bytes]] = []
        self._stopped = threading.Event()

    @property
    def base_url(self) -> str:
        """Where the pages are for programs of this machine."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def texts_url(self) -> str:
        """Where the stand-in takes texts."""
        return f"http://127.0.0.1:{self._texts_port}/send"

    @property
    def address(self) -> str:
        """Where they are for people: by name, because passkeys belong to names."""
        return os.environ.get("TOLI_BASE_URL", f"http://localhost:{self._port}")

    def __enter__(self) -> Self:
        self._log_folder.mkdir(parents=True, exist_ok=True)
        for name in self._commands:
            self._start(name)
        threading.Thread(target=self._watch, name="servers-watch", daemon=True).start()
        self._wait_until_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        for child in self._children.values():
            child.terminate()
        for child in self._children.values():
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        for log in self._logs:
            log.close()

    def wait(self) -> None:
        """Serve until the person presses Ctrl+C."""
        while not self._stopped.wait(3600):
            pass

    def _start(self, name: str) -> None:
        log = (self._log_folder / f"{name}.log").open("ab")
        self._logs.append(log)
        bot = {
            "TOLI_TELEGRAM_BOT_SECRET": BOT,
            "TOLI_TELEGRAM_BOT_URL": f"http://127.0.0.1:{self._telegram_port}",
        }
        environment = {**os.environ, "TOLI_BASE_URL": self.address, **bot}
        self._children[name] = subprocess.Popen(
            self._commands[name], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
        )

    def _watch(self) -> None:
        while not self._stopped.wait(0.5):
            for name, child in list(self._children.items()):
                if child.poll() is not None and not self._stopped.is_set():
                    self._start(name)

    def _wait_until_ready(self, *, patience: float = 180) -> None:
        deadline = time.monotonic() + patience
        while True:
            try:
                with urllib.request.urlopen(f"{self.base_url}/healthz", timeout=5):  # noqa: S310 our own server
                    return
            except (urllib.error.URLError, OSError) as error:
                if time.monotonic() > deadline:
                    raise TimeoutError(
                        f"the web server did not answer; see {self._log_folder / 'serve.log'}"
                    ) from error
                time.sleep(0.2)


def _toli(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "toli", *arguments)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
