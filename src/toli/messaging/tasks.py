"""Job entry points of messaging."""

from toli.core import jobs
from toli.messaging.services import answering, callbacks, sweeping


@jobs.periodic("* * * * *")
@jobs.task("messaging.read_callbacks", once=True)
def read_callbacks() -> None:
    """Read what providers have reported."""
    callbacks.read_callbacks()


@jobs.periodic("* * * * *")
@jobs.task("messaging.sweep", once=True)
def sweep() -> None:
    """What time does to messages, also where no dispatcher runs."""
    sweeping.sweep()


@jobs.periodic("* * * * *")
@jobs.task("messaging.answer", once=True)
def answer() -> None:
    """Answer once whoever wrote to us and is no member."""
    answering.give_answers()
