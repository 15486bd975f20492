"""Making the next items in a thread while the present one is used."""

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

Item = TypeVar("Item")
_WAIT = 0.2  # seconds after which a thread that nobody listens to any more notices


def ahead(items: Iterator[Item], *, by: int) -> Iterator[Item]:
    """The same items in the same order; up to ``by`` of them are made before they are asked for.

    ``items`` must not use the database: its thread would open a connection of its own. An error is raised where
    its item would have come.
    """
    made: queue.Queue[tuple[Item | None, BaseException | None]] = queue.Queue(maxsize=by)
    stopped = threading.Event()

    def put(item: Item | None, error: BaseException | None) -> None:
        while not stopped.is_set():
            try:
                made.put((item, error), timeout=_WAIT)
            except queue.Full:
                continue
            return

    def make() -> None:
        try:
            for item in items:
                put(item, None)
                if stopped.is_set():
                    return
            put(None, StopIteration())
        except BaseException as error:  # handed to whoever asks next
            put(None, error)

    thread = threading.Thread(target=make, name="toli-ahead", daemon=True)
    thread.start()
    try:
        while True:
            item, error = made.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            yield item  # type: ignore[misc]
    finally:
        stopped.set()
        thread.join()  # nothing is made any more once the caller goes on
