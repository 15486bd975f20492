"""Reasons to refuse a member, a drive or a list."""

from django.utils.translation import gettext_lazy as _

from toli.accounts.errors import PhoneInvalid
from toli.core.errors import Conflict, Forbidden, Invalid, NotFound

__all__ = [
    "AdultsOnly",
    "ConsentMissing",
    "DriveClosed",
    "DriveCodeWrong",
    "DriveDatesWrong",
    "DriveElsewhere",
    "DriveExists",
    "DriveNotFound",
    "ListEncodingBroken",
    "ListFileMissing",
    "ListHeaderWrong",
    "MemberNotFound",
    "NameInvalid",
    "PhoneInvalid",
]


class MemberNotFound(NotFound):
    code = "member_not_found"
    message = _("There is no such member in your area.")


class DriveNotFound(NotFound):
    code = "drive_not_found"
    message = _("There is no membership drive %(drive)s.")


class DriveExists(Conflict):
    code = "drive_exists"
    message = _("There is a membership drive %(drive)s already.")


class DriveCodeWrong(Invalid):
    code = "drive_code_wrong"
    message = _("%(drive)s cannot be the code of a drive. It may have letters, digits and hyphens, at most 40.")


class DriveDatesWrong(Invalid):
    code = "drive_dates_wrong"
    message = _("A drive cannot close before it opens, and a membership runs for at least a month.")


class DriveElsewhere(Invalid):
    code = "drive_elsewhere"
    message = _("This membership drive does not cover the territory %(territory)s.")


class DriveClosed(Forbidden):
    code = "drive_closed"
    message = _("This membership drive is not open today.")


class NameInvalid(Invalid):
    code = "name_invalid"
    message = _("Please write your name with letters, at most 120.")


class ConsentMissing(Invalid):
    code = "consent_missing"
    message = _("We may only keep your data if you agree to it.")


class AdultsOnly(Invalid):
    code = "adults_only"
    message = _("Members must be 18 or older.")


class ListHeaderWrong(Invalid):
    code = "list_header_wrong"
    message = _("The first row lacks the columns: %(columns)s. It should be: name, phone, territory, language.")


class ListEncodingBroken(Invalid):
    code = "list_encoding_broken"
    message = _("Row %(row)d is not UTF-8 text. Save the file as UTF-8 and import it again.")


class ListFileMissing(Invalid):
    code = "list_file_missing"
    message = _("There is no file %(file)s.")
