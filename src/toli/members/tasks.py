"""Job entry points of members."""

from toli.core import jobs
from toli.members import services
from toli.members.services.importing import uploads


@jobs.task("members.make_export")
def make_export(export_id: int) -> None:
    """Write the file of a list."""
    services.make_export(export_id=export_id)


@jobs.periodic("*/10 * * * *")
@jobs.task("members.purge_exports", once=True)
def purge_exports() -> None:
    """Delete the files whose time is over."""
    services.purge_exports()


@jobs.task("members.check_import")
def check_import(run_id: int) -> None:
    """Count what an import would do."""
    uploads.check_import(run_id=run_id)


@jobs.task("members.run_import")
def run_import(run_id: int) -> None:
    """Import a list that was sent through the browser."""
    uploads.run_import(run_id=run_id)


@jobs.task("members.undo_import")
def undo_import(run_id: int) -> None:
    """Take an import back."""
    uploads.carry_out_undo(run_id=run_id)


@jobs.task("members.count_imported")
def count_imported(drive_id: int) -> None:
    """Count the members whom lists brought into a drive."""
    services.count_imported(drive_id=drive_id)


@jobs.periodic("7 * * * *")
@jobs.task("members.purge_uploads", once=True)
def purge_uploads() -> None:
    """Delete lists that were sent more than a day ago."""
    uploads.purge_uploads()


@jobs.periodic("40 2 * * *")
@jobs.task("members.find_pairs", once=True)
def find_pairs() -> None:
    """Find entries that are likely one person."""
    services.find_pairs()
