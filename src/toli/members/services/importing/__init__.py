"""Taking members from lists: read, checked, stored in pieces; resumable, and undoable for a day."""

from toli.members.services.importing.cards import offer_cards
from toli.members.services.importing.looking import FileLook, look_at_file
from toli.members.services.importing.reports import ImportReport, Problem, problems_of
from toli.members.services.importing.running import import_members, resume_import
from toli.members.services.importing.undoing import (
    UNDO_FOR,
    UndoReport,
    can_undo,
    goes_with_member,
    undo_import,
)

__all__ = [
    "UNDO_FOR",
    "FileLook",
    "ImportReport",
    "Problem",
    "UndoReport",
    "can_undo",
    "goes_with_member",
    "import_members",
    "look_at_file",
    "offer_cards",
    "problems_of",
    "resume_import",
    "undo_import",
]
