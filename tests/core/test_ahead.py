"""Items made ahead are the same items; what goes wrong goes wrong in its place."""

import threading
import time

import pytest

from toli.core.ahead import ahead


def test_items_come_in_order():
    assert list(ahead(iter(range(100)), by=3)) == list(range(100))


def test_an_error_is_raised_where_its_item_would_have_come():
    def items():
        yield 1
        raise LookupError("two")

    made = ahead(items(), by=2)
    assert next(made) == 1
    with pytest.raises(LookupError, match="two"):
        next(made)


def test_whoever_stops_listening_leaves_no_thread_behind():
    made = ahead(iter(range(1000)), by=1)
    next(made)
    made.close()
    deadline = time.monotonic() + 60
    while any(thread.name == "toli-ahead" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
