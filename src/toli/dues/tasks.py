"""Job entry points of dues. Both look at the clock where the organisation lives, and do nothing at night."""

from toli.accounts.domain.actor import SYSTEM
from toli.core import jobs
from toli.dues import services


@jobs.periodic("20 5 * * *")
@jobs.task("dues.remind", once=True)
def remind() -> None:
    """Reminders to those whose term ends soon."""
    services.remind(actor=SYSTEM)


@jobs.periodic("50 5 * * *")
@jobs.task("dues.lapse", once=True)
def lapse() -> None:
    """Terms that are over, with their days of grace."""
    services.lapse(actor=SYSTEM)
