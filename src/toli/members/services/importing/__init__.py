"""Taking members from lists: read, checked, stored in pieces; resumable."""

from toli.members.services.importing.cards import offer_cards
from toli.members.services.importing.reports import ImportReport, Problem
from toli.members.services.importing.running import import_members

__all__ = ["ImportReport", "Problem", "import_members", "offer_cards"]
