"""Reads about members. The scope comes first; an address is only given out for a purpose."""

from toli.members.selectors.drives import current_drive, drive_area, drives, get_drive, open_drive_for
from toli.members.selectors.exports import (
    exports,
    exports_of,
    exports_to_decide,
    get_export,
    is_over,
    lists_with,
    trace,
)
from toli.members.selectors.history import Belonging, history_of, members_on
from toli.members.selectors.imports import get_import, imports, made_by_import
from toli.members.selectors.numbers import (
    CONTACT_CONTEXT,
    PHONE_INDEX,
    TAIL_INDEX,
    every_phone,
    masked_phone,
    masked_phones,
    numbers_in,
    plain_phones,
    tail_indexes,
)
from toli.members.selectors.people import (
    find_all_by_phone,
    find_by_phone,
    find_held_by_phone,
    get_active_member,
    get_known_member,
    get_member,
    ids_by_number,
    member_of,
    members_page,
    with_phone,
)
from toli.members.selectors.reaching import consents, reachable_points, words
from toli.members.selectors.reveals import reveal_reasons, reveals_of
from toli.members.selectors.seeking import search_members

__all__ = [
    "CONTACT_CONTEXT",
    "PHONE_INDEX",
    "TAIL_INDEX",
    "Belonging",
    "consents",
    "current_drive",
    "drive_area",
    "drives",
    "every_phone",
    "exports",
    "exports_of",
    "exports_to_decide",
    "find_all_by_phone",
    "find_by_phone",
    "find_held_by_phone",
    "get_active_member",
    "get_drive",
    "get_export",
    "get_import",
    "get_known_member",
    "get_member",
    "history_of",
    "ids_by_number",
    "imports",
    "is_over",
    "lists_with",
    "made_by_import",
    "masked_phone",
    "masked_phones",
    "member_of",
    "members_on",
    "members_page",
    "numbers_in",
    "open_drive_for",
    "plain_phones",
    "reachable_points",
    "reveal_reasons",
    "reveals_of",
    "search_members",
    "tail_indexes",
    "trace",
    "with_phone",
    "words",
]
