"""Lists of members that leave the house: asked for, approved by a second person, made, fetched, traced, deleted.

A file is sealed with the field keys and lies in settings.EXPORTS_DIR for a day at most.
"""

from toli.members.services.exports.asking import MOST_CARDS, ask_for_export, export_terms, rows_taken
from toli.members.services.exports.deciding import approve_export, refuse_export
from toli.members.services.exports.fetching import download, look_behind_link, open_link
from toli.members.services.exports.making import make_export, offer_card_numbers, offer_card_sheets
from toli.members.services.exports.purging import Purged, delete_exports_with, purge_exports
from toli.members.services.exports.shared import column_names

__all__ = [
    "MOST_CARDS", "Purged", "approve_export", "ask_for_export", "column_names", "delete_exports_with", "download",
    "export_terms", "look_behind_link", "make_export", "offer_card_numbers", "offer_card_sheets", "open_link",
    "purge_exports", "refuse_export", "rows_taken",
]  # fmt: skip
