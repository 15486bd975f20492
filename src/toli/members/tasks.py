"""Job entry points of members."""

from toli.core import jobs
from toli.members import services


@jobs.task("members.make_export")
def make_export(export_id: int) -> None:
    """Write the file of a list."""
    services.make_export(export_id=export_id)


@jobs.periodic("*/10 * * * *")
@jobs.task("members.purge_exports", once=True)
def purge_exports() -> None:
    """Delete the files whose time is over."""
    services.purge_exports()
