"""Job entry points of cards."""

from toli.accounts.domain.actor import SYSTEM
from toli.cards import services
from toli.core import jobs


@jobs.task("cards.issue", once=True)
def issue() -> None:
    """Cards for all who have none."""
    services.issue_cards(actor=SYSTEM)


@jobs.task("cards.welcome", once=True)
def welcome() -> None:
    """Messages for all who have not heard yet."""
    services.send_welcomes(actor=SYSTEM)
