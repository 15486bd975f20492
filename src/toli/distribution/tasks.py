"""Job entry points of distribution."""

from toli.core import jobs
from toli.distribution import services


@jobs.periodic("* * * * *")
@jobs.task("distribution.start_plans", once=True)
def start_plans() -> None:
    """Begin the plans that are due."""
    services.start_due_plans()


@jobs.periodic("* * * * *")
@jobs.task("distribution.post_plans", once=True)
def post_plans() -> None:
    """Queue what plans that have begun send to members directly."""
    services.queue_started_plans()


@jobs.periodic("*/5 * * * *")
@jobs.task("distribution.tend_relays", once=True)
def tend_relays() -> None:
    """Take back what may not be posted any more, and ask the next person where nobody has answered."""
    services.expire_relays()
    services.escalate_relays()
    services.escalate_recalls()


@jobs.periodic("* * * * *")
@jobs.task("distribution.go_on_recalling", once=True)
def go_on_recalling() -> None:
    """Delete what is left of recalls in which a platform asked to wait."""
    services.go_on_recalling()


@jobs.task("distribution.recall_automatic")
def recall_automatic(recall_id: int) -> None:
    """Delete what programs posted of a kit that was recalled."""
    services.recall_automatic(recall_id=recall_id)
