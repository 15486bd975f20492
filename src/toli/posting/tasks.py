"""Job entry points of posting."""

from toli.core import jobs
from toli.posting import services


@jobs.periodic("* * * * *")
@jobs.task("posting.send", once=True)
def send() -> None:
    """Post what is due, and delete what was recalled."""
    services.send_due()


@jobs.periodic("* * * * *")
@jobs.task("posting.hold_back", once=True)
def hold_back() -> None:
    """Let nothing out late: what a rule forbids now, or is too old, is ended."""
    services.hold_back()


@jobs.periodic("*/5 * * * *")
@jobs.task("posting.escalate", once=True)
def escalate() -> None:
    """Ask the next person where a post that no program can delete still stands."""
    services.escalate_deletions()
