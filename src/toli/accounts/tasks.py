"""Job entry points of accounts."""

from toli.accounts import services
from toli.core import jobs


@jobs.periodic("23 * * * *")
@jobs.task("accounts.clear_sessions", once=True)
def clear_sessions() -> None:
    """Remove what is left of sessions that have ended."""
    services.clear_sessions()
