"""Job entry points of rights."""

from toli.core import jobs
from toli.rights import services


@jobs.task("rights.finish_erasure")
def finish_erasure(pseudonym: int) -> None:
    """Look once more after an erasure, and vacuum."""
    services.finish_erasure(pseudonym=pseudonym)
