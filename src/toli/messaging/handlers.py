"""What messaging does when its own news has been delivered."""

from toli.core.events import subscribe
from toli.messaging.events import OptOutReported, RecipientMissed
from toli.messaging.services import effects


def connect() -> None:
    """Called once, when Django starts."""
    subscribe(OptOutReported, effects.record_opt_out)
    subscribe(RecipientMissed, effects.try_otherwise)
