"""Job entry points of analytics."""

from toli.analytics import services
from toli.core import jobs


@jobs.periodic("* * * * *")
@jobs.task("analytics.refresh_funnel", once=True)
def refresh_funnel() -> None:
    """Count anew, once a minute."""
    services.refresh_funnel()
