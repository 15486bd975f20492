"""Job entry points of the audit trail."""

from toli.audit import services
from toli.core import jobs


@jobs.periodic("* * * * *")
@jobs.task("audit.seal", once=True)
def seal() -> None:
    """Chain what was recorded within the last minute."""
    services.seal()
