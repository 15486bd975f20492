"""Job entry points of the core."""

from toli.core import events, jobs, limits


@jobs.periodic("* * * * *")
@jobs.task("core.deliver_events", once=True)
def deliver_events() -> None:
    """Deliver everything that waits. Enqueues itself again while there is more."""
    if events.deliver() > 0:
        jobs.enqueue_once("core.deliver_events")


@jobs.periodic("* * * * *")
@jobs.task("core.rescue_stalled", once=True)
def rescue_stalled() -> None:
    """Start again what a dead worker left half done."""
    jobs.rescue_stalled()


@jobs.periodic("17 * * * *")
@jobs.task("core.clear_limits", once=True)
def clear_limits() -> None:
    """Remove counters of tries whose window has ended."""
    limits.clear()
