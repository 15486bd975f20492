"""Programs of others that benchmarks compare with; they are in the group ``bench`` and nowhere else.

As a program: a Celery worker posts with requests, and the seconds that it took are printed.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

STANDSTILL = 60.0  # seconds without a task done after which a worker has failed


def pywa_client(url: str, number_id: str) -> Any:
    """pywa's client as it is, its requests brought to the emulator by the transport."""
    import httpx
    from pywa.client import WhatsApp

    class Elsewhere(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            target = httpx.URL(url)
            request.url = request.url.copy_with(scheme="http", host=target.host, port=target.port)
            return super().handle_request(request)

    return WhatsApp(phone_id=number_id, token="t", session=httpx.Client(transport=Elsewhere()))  # noqa: S106


def celery_app(folder: str) -> Any:
    """A Celery application whose broker is a folder, with one task that posts."""
    from celery import Celery

    place = Path(folder)
    for name in ("queue", "done", "control"):
        (place / name).mkdir(exist_ok=True)
    app = Celery("peers", broker="filesystem://")
    app.conf.update(
        broker_transport_options={
            "data_folder_in": str(place / "queue"),
            "data_folder_out": str(place / "queue"),
            "control_folder": str(place / "control"),
        },
        task_ignore_result=True,
        worker_prefetch_multiplier=64,
        worker_hijack_root_logger=False,
    )

    def post(url: str, number: int, marks: str) -> None:
        import requests

        body: Any = {"messaging_product": "whatsapp", "to": f"910{number:09d}", "type": "text", "text": {"body": "hi"}}
        requests.post(url, json=body, headers={"Authorization": "Bearer t"}, timeout=10)
        with Path(marks).open("a") as file:
            file.write(".")

    app.task(name="post")(post)
    return app


def main(folder: str, url: str, count: int) -> float:
    """Seconds until the worker has done all tasks, from the first one that it did.

    Raises RuntimeError with what the worker said last when it ends or stands still.
    """
    app, marks = celery_app(folder), Path(folder) / "marks"
    marks.touch()
    code = (
        "import sys; from toli.bench.peers import celery_app; "
        f"celery_app({folder!r}).worker_main(['worker', '--loglevel=ERROR', '--without-gossip', '--without-mingle'])"
    )
    said = Path(folder) / "said"
    with said.open("w") as output:
        worker = subprocess.Popen([sys.executable, "-c", code], stdout=output, stderr=output, start_new_session=True)
    try:
        app.send_task("post", (url, 0, str(marks)))
        _wait(marks, 1, worker, said)
        began = time.perf_counter()
        for number in range(count):
            app.send_task("post", (url, number, str(marks)))
        _wait(marks, count + 1, worker, said)
        return time.perf_counter() - began
    finally:
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)  # it and the processes that it began
        worker.wait()


def _wait(marks: Path, size: int, worker: "subprocess.Popen[bytes]", said: Path) -> None:
    done, until = -1, 0.0
    while (now := marks.stat().st_size) < size:
        if now > done:
            done, until = now, time.monotonic() + STANDSTILL
        if worker.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"{now} of {size} tasks were done; {' '.join(said.read_text().split()[-40:])}")
        time.sleep(0.01)


if __name__ == "__main__":
    sys.stdout.write(f"{main(sys.argv[1], sys.argv[2], int(sys.argv[3]))}\n")
