"""Taking members from lists: read, checked, stored in pieces; resumable."""

from toli.members.services.importing.cards import offer_cards
from toli.members.services.importing.looking import FileLook, look_at_file
from toli.members.services.importing.reports import ImportReport, Problem
from toli.members.services.importing.running import import_members

__all__ = ["FileLook", "ImportReport", "Problem", "import_members", "look_at_file", "offer_cards"]
