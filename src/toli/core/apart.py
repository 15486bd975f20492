"""A call in a thread of its own, waited for: whoever calls may stand in an event loop, which allows no second one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")


def apart(call: Callable[[], Result], *, name: str = "apart") -> Result:
    """What ``call`` returns or raises."""
    with ThreadPoolExecutor(1, thread_name_prefix=name) as own:
        return own.submit(call).result()
