"""Job entry points of rolls."""

from toli.accounts.domain.actor import SYSTEM
from toli.core import jobs
from toli.rolls import services


@jobs.periodic("15 * * * *")
@jobs.task("rolls.tell_decided", once=True)
def tell_decided() -> None:
    """Tell members that an objection about them was decided; at night it waits for the morning."""
    services.tell_decided(actor=SYSTEM)
