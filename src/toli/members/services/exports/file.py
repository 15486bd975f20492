"""Finished lists on disk: sealed, readable by Toli's own user only, gone within a day."""

import os
from datetime import datetime
from pathlib import Path

from django.conf import settings

from toli.core.crypto import cipher_for
from toli.members.errors import ExportLinkInvalid

CONTEXT = "members_export.file"


def write(export_id: int, text: str) -> None:
    """Put the file there, whole or not at all; a second writing replaces the first."""
    folder = Path(settings.EXPORTS_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = folder / f"{export_id}.new"
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(cipher_for(CONTEXT).encrypt(text, row=export_id))
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(_path(export_id))


def read(export_id: int) -> str:
    """The text of the list. Raises ExportLinkInvalid: the file is no longer there."""
    try:
        return cipher_for(CONTEXT).decrypt(_path(export_id).read_bytes(), row=export_id)
    except FileNotFoundError:
        raise ExportLinkInvalid from None


def delete(export_id: int) -> None:
    """Remove the file, if it is there, and what a broken writing left of it."""
    _path(export_id).unlink(missing_ok=True)
    _path(export_id).with_suffix(".new").unlink(missing_ok=True)


def present(*, older_than: datetime) -> list[int]:
    """Numbers of the files that lie there since before a moment, ascending."""
    found = [path for ending in ("sealed", "new") for path in Path(settings.EXPORTS_DIR).glob(f"*.{ending}")]
    old = [path for path in found if path.stem.isdigit() and path.stat().st_mtime < older_than.timestamp()]
    return sorted({int(path.stem) for path in old})


def _path(export_id: int) -> Path:
    return Path(settings.EXPORTS_DIR) / f"{export_id}.sealed"
