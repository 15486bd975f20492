"""Writes: levels and trees, real files, and the small geography that Toli ships."""

from toli.territories.services.importing import import_directory
from toli.territories.services.loading import FileReport, ImportReport, Problem
from toli.territories.services.seeding import seed

__all__ = ["FileReport", "ImportReport", "Problem", "import_directory", "seed"]
