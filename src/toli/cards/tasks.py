"""Job entry points of cards."""

from toli.accounts.domain.actor import SYSTEM
from toli.cards import services
from toli.core import jobs


@jobs.task("cards.issue", once=True)
def issue() -> None:
    """Cards for all who have none."""
    services.issue_cards(actor=SYSTEM)


@jobs.task("cards.sign")
def sign(run_id: int) -> None:
    """Signatures for the cards of members whom an import made."""
    services.sign_cards(run_id=run_id)


@jobs.task("cards.welcome", once=True)
def welcome() -> None:
    """Messages for all who have not heard yet."""
    services.send_welcomes(actor=SYSTEM)


@jobs.task("cards.reissue", once=True)
def reissue() -> None:
    """New cards instead of those whose key was withdrawn."""
    services.reissue_cards(actor=SYSTEM)


@jobs.periodic("*/30 * * * *")
@jobs.task("cards.publish_revoked", once=True)
def publish_revoked() -> None:
    """The list of revoked cards, as it is now; new cards as well, where a key was withdrawn while some were made."""
    services.publish_revoked()
    if services.to_reissue().exists():
        jobs.enqueue_once("cards.reissue")
