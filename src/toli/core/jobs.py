"""Background jobs, kept in the same database and enqueued in the same transaction.

Procrastinate holds and runs them; this module is the only one that knows it. A task is registered
under a stable name, ``<package>.<verb_noun>``, takes ids and calls one service.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, transaction
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


def work(*, concurrency: int = 2, until_idle: bool = False) -> None:
    """Run jobs in this process. Jobs that a dead worker left half done are started again first.

    Our tasks are safe to run twice, so a job whose worker has not been heard of is simply repeated;
    the library's own recovery is not relied on (its issue 1518 lists ways a job stays behind).
    """
    rescue_stalled()
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(connector):
        app.run_worker(
            concurrency=concurrency,
            wait=not until_idle,
            listen_notify=not until_idle,
            delete_jobs="successful",
            install_signal_handlers=True,
        )


def rescue_stalled(*, silent_for: int = 30) -> int:
    """Put jobs back whose worker has been silent for so many seconds. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE procrastinate_jobs SET status = 'todo', worker_id = NULL, attempts = attempts + 1
            WHERE id IN (
                SELECT DISTINCT ON (coalesce(j.queueing_lock, j.id::text)) j.id
                FROM procrastinate_jobs j
                WHERE j.status = 'doing' AND NOT EXISTS (
                    SELECT 1 FROM procrastinate_workers w
                    WHERE w.id = j.worker_id AND w.last_heartbeat > now() - make_interval(secs => %s))
                  AND NOT EXISTS (
                    SELECT 1 FROM procrastinate_jobs t
                    WHERE t.status = 'todo' AND t.queueing_lock = j.queueing_lock)
                ORDER BY coalesce(j.queueing_lock, j.id::text), j.id)
            """,
            [silent_for],
        )
        return int(cursor.rowcount)


def waiting(*, besides: Sequence[str] = ()) -> int:
    """How many jobs wait or run, those put off to be tried again included.

    ``besides``: parts of task names that do not matter to the caller.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM procrastinate_jobs
               WHERE status IN ('todo', 'doing') AND NOT task_name LIKE ANY(%s)""",
            [[f"%{name}%" for name in besides]],
        )
        return int(cursor.fetchone()[0])


def failed() -> int:
    """How many jobs have used up their tries and need a person."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'")
        return int(cursor.fetchone()[0])
