"""Reasons to refuse a member, a drive or a list."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Forbidden, Invalid, NotFound


class MemberNotFound(NotFound):
    code = "member_not_found"
    message = _("There is no such member in your area.")


class DriveNotFound(NotFound):
    code = "drive_not_found"
    message = _("There is no membership drive %(drive)s.")


class DriveExists(Conflict):
    code = "drive_exists"
    message = _("There is a membership drive %(drive)s already.")


class DriveClosed(Forbidden):
    code = "drive_closed"
    message = _("This membership drive is not open today.")


class NameInvalid(Invalid):
    code = "name_invalid"
    message = _("Please write your name with letters, at most 120.")


class PhoneInvalid(Invalid):
    code = "phone_invalid"
    message = _("This is not a mobile number. Please write its ten digits.")


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
