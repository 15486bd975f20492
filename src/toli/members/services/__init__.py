"""Writes: drives, lists, people who join and leave, what they agree to."""

from toli.members.services.consenting import set_consent
from toli.members.services.drives import create_drive
from toli.members.services.enrolling import enrol_member, leave_organisation, open_account
from toli.members.services.importing import ImportReport, Problem, import_members

__all__ = [
    "ImportReport",
    "Problem",
    "create_drive",
    "enrol_member",
    "import_members",
    "leave_organisation",
    "open_account",
    "set_consent",
]
