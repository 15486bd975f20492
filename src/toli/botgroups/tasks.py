"""Job entry points of groups that a bot keeps."""

from toli.botgroups import services
from toli.core import jobs


@jobs.periodic("* * * * *")
@jobs.task("botgroups.read_updates", once=True)
def read_updates() -> None:
    """Work off what the platform sent."""
    services.read_updates()


@jobs.periodic("* * * * *")
@jobs.task("botgroups.carry_out", once=True)
def carry_out() -> None:
    """Do on the platform what is to be done there."""
    services.carry_out()


@jobs.periodic("*/5 * * * *")
@jobs.task("botgroups.align", once=True)
def align() -> None:
    """Invite those whose seat is in another group now; see off those who have none."""
    services.align()


@jobs.periodic("23 * * * *")
@jobs.task("botgroups.count", once=True)
def count() -> None:
    """Hold our count of each group against the platform's."""
    services.count_people()
