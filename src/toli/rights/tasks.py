"""Job entry points of rights."""

from toli.core import jobs
from toli.rights import services


@jobs.task("rights.carry_out")
def carry_out(request_id: int) -> None:
    """Erase whose request was confirmed."""
    services.carry_out(request_id=request_id)


@jobs.task("rights.finish_erasure")
def finish_erasure(pseudonym: int) -> None:
    """Look once more after an erasure, and vacuum."""
    services.finish_erasure(pseudonym=pseudonym)


@jobs.task("rights.drop_old_versions", once=True)
def drop_old_versions() -> None:
    """Have PostgreSQL forget what rows held that the schedule erased."""
    services.drop_old_versions()


@jobs.periodic("23 2 * * *")
@jobs.task("rights.carry_out_undecided", once=True)
def carry_out_undecided() -> None:
    """Erasures that nobody decided on and that are nearly due."""
    services.carry_out_undecided()


@jobs.periodic("41 2 * * *")
@jobs.task("rights.retention", once=True)
def retention() -> None:
    """What is over by the schedule goes."""
    services.carry_out_schedule_daily()


@jobs.task("rights.find_affected")
def find_affected(case_id: int) -> None:
    """Read the trail: whom a case concerns."""
    services.find_affected(case_id=case_id)


@jobs.task("rights.send_letters")
def send_letters(case_id: int) -> None:
    """Tell the people of a case. Goes on where it stopped."""
    services.send_letters(case_id=case_id)
