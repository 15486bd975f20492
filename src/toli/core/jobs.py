"""Background jobs, kept in the same database and enqueued in the same transaction.

Procrastinate holds and runs them; this module is the only one that knows it. A task is registered
under a stable name, ``<package>.<verb_noun>``, takes ids and calls one service.
"""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from procrastinate import RetryStrategy, exceptions
from procrastinate.contrib.django import app

RETRY = RetryStrategy(max_attempts=5, exponential_wait=3)


def task(name: str, *, once: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function as the job ``name``. With ``once``, never more than one is waiting."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        app.task(name=name, queueing_lock=name if once else None, retry=RETRY)(function)
        return function

    return register


def enqueue(name: str, **arguments: Any) -> None:
    """Have the job done after this transaction commits. Arguments must be JSON values."""
    app.configure_task(name).defer(**arguments)


def enqueue_once(name: str, **arguments: Any) -> None:
    """Like :func:`enqueue`, but does nothing when the same job is already waiting to start."""
    try:
        with transaction.atomic():  # a refused insert must not spoil the caller's transaction
            app.configure_task(name, queueing_lock=name).defer(**arguments)
    except exceptions.AlreadyEnqueued:
        return


def periodic(cron: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Run a registered task on a schedule as well. ``cron``: minute hour day month weekday."""

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        def scheduled(timestamp: int) -> Any:
            return function()

        name = f"{function.__module__}.{function.__name__}:scheduled"
        app.periodic(cron=cron)(app.task(name=name, queueing_lock=name)(scheduled))
        return function

    return register
