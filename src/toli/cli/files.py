"""Files that commands write: private, and never in the place of another."""

import os
from pathlib import Path

from django.utils.translation import gettext as _

from toli.cli.output import fail


def write_private(path: Path, text: str) -> None:
    """Write ``text`` into a new file that only its owner can read (0600). Ends the command if the path is taken."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        fail(_("%(path)s is there already. Choose another name.") % {"path": path})
    except OSError as error:
        fail(_("%(path)s cannot be written: %(problem)s.") % {"path": path, "problem": error.strerror})
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
