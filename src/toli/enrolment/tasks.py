"""Job entry points of enrolment."""

from toli.core import jobs
from toli.enrolment.services import applications


@jobs.periodic("*/10 * * * *")
@jobs.task("enrolment.invite", once=True)
def invite() -> None:
    """Ask those who were written down, and remind once."""
    applications.send_invitations()


@jobs.periodic("23 * * * *")
@jobs.task("enrolment.expire", once=True)
def expire() -> None:
    """Forget those who did not answer."""
    applications.expire_applications()
