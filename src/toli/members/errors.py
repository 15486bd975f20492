"""Reasons to refuse a member, a drive or a list."""

from django.utils.translation import gettext_lazy as _

from toli.accounts.errors import PhoneInvalid
from toli.core.errors import Conflict, Forbidden, Invalid, NotFound, TooManyRequests, Unavailable

__all__ = [
    "AdultsOnly",
    "AlreadyMember",
    "ColumnRefused",
    "ColumnUnknown",
    "ConsentMissing",
    "DriveClosed",
    "DriveCodeWrong",
    "DriveDatesWrong",
    "DriveElsewhere",
    "DriveExists",
    "DriveNotFound",
    "EnoughRead",
    "ExportDayLimit",
    "ExportEmpty",
    "ExportLinkInvalid",
    "ExportMisdescribed",
    "ExportNotFound",
    "ExportPhonesRefused",
    "ExportStateWrong",
    "ExportTooLarge",
    "ImportBusy",
    "ImportNotFound",
    "ImportStateWrong",
    "IndexKeyInUse",
    "IndexKeyMissing",
    "IndexKeyNotFound",
    "ListFileChanged",
    "ListFileMissing",
    "ListFormatUnknown",
    "ListHeaderWrong",
    "ListHoldsRefused",
    "ListTooLarge",
    "MemberNotFound",
    "MergeImpossible",
    "MergeNotFound",
    "MergeTooOld",
    "NameInvalid",
    "PairNotFound",
    "PhoneFull",
    "PhoneInvalid",
    "PhoneMissing",
    "RevealReasonMissing",
    "SamePersonExport",
    "TooManyReveals",
    "UndoTooLate",
    "UploadTooLarge",
    "WayMissing",
]


class MemberNotFound(NotFound):
    code = "member_not_found"
    message = _("There is no such member in your area.")


class PairNotFound(NotFound):
    code = "pair_not_found"
    message = _("There are no such two entries in your area, or somebody has decided about them already.")


class MergeNotFound(NotFound):
    code = "merge_not_found"
    message = _("There are no such joined entries in your area.")


class MergeImpossible(Invalid):
    code = "merge_impossible"
    message = _("This is one and the same entry.")


class MergeTooOld(Conflict):
    code = "merge_too_old"
    message = _("Joining two entries can be taken back for 30 days. These are over.")


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


class AlreadyMember(Conflict):
    code = "already_member"
    message = _("This number is a member's. What comes to it is decided on their page, under “My data”.")


class WayMissing(Invalid):
    code = "way_missing"
    message = _("Please choose at least one way by which we may write to you.")


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
    message = _("The list lacks these columns: %(columns)s.")


class ListFormatUnknown(Invalid):
    code = "list_format_unknown"
    message = _("This file is not a list that we can read. Please save it as CSV or XLSX, or send contacts as VCF.")


class ListTooLarge(Invalid):
    code = "list_too_large"
    message = _("This file is too large: unpacked it has more than %(megabytes)d MB. Please divide it.")


class ColumnUnknown(Invalid):
    code = "column_unknown"
    message = _("There is no column or field %(column)s.")


class ColumnRefused(Invalid):
    code = "column_refused"
    message = _("The column %(column)s holds what Toli never stores: %(kind)s.")


class ListFileChanged(Conflict):
    code = "list_file_changed"
    message = _("The file %(file)s is not the one that this import began with.")


class ListLegacyFont(Invalid):
    code = "list_legacy_font"
    message = _(
        "The names in this list are typed in an old Hindi font (Kruti Dev or alike). "
        "Convert the list to Unicode (Mangal) and send it again."
    )


class ListHoldsRefused(Invalid):
    code = "list_holds_refused"
    message = _(
        "Toli never stores what these columns hold: %(columns)s. Please take them out of the file and send it again. "
        "If a column holds something else, give it another heading."
    )


class UploadTooLarge(Invalid):
    code = "upload_too_large"
    message = _("The file is larger than %(megabytes)d MB. Please divide it, or have the operator import it.")


class ImportNotFound(NotFound):
    code = "import_not_found"
    message = _("There is no such import.")


class ImportStateWrong(Conflict):
    code = "import_state_wrong"
    message = _("This import is %(state)s; this step is not possible now.")


class ImportBusy(Conflict):
    code = "import_busy"
    message = _("This import is being worked on at the moment.")


class UndoTooLate(Conflict):
    code = "undo_too_late"
    message = _("An import can be undone for 24 hours. These are over.")


class ListFileMissing(Invalid):
    code = "list_file_missing"
    message = _("There is no file %(file)s.")


class PhoneMissing(NotFound):
    code = "phone_missing"
    message = _("We have no number of this member.")


class RevealReasonMissing(Invalid):
    code = "reveal_reason_missing"
    message = _("Please choose a reason and write in a few words what for. The member will see it.")


class EnoughRead(TooManyRequests):
    code = "enough_read"
    title = _("Enough for today")
    message = _(
        "You have looked at as many members as one person may in a day. You can go on in about %(hours)d h. If your "
        "work needs more, ask for a list: then a second person knows of it."
    )


class TooManyReveals(Forbidden):
    code = "too_many_reveals"
    message = _("You have looked at %(limit)d numbers within 24 hours; more are not possible. Please ask a colleague.")


class ExportNotFound(NotFound):
    code = "export_not_found"
    message = _("There is no such list in your area.")


class ExportMisdescribed(Invalid):
    code = "export_misdescribed"
    message = _("Please choose at least one column and write in a few words what the list is for.")


class ExportPhonesRefused(Forbidden):
    code = "export_phones_refused"
    message = _("Only those who may see full numbers on this territory can have them in a list.")


class ExportEmpty(Invalid):
    code = "export_empty"
    message = _("There are no members here for a list.")


class ExportTooLarge(Invalid):
    code = "export_too_large"
    message = _("This list would have %(rows)d members; %(limit)d is the most. Please choose a smaller territory.")


class ExportDayLimit(Forbidden):
    code = "export_day_limit"
    message = _("Within 24 hours you can have at most %(limit)d members in lists; %(left)d are left.")


class ExportStateWrong(Conflict):
    code = "export_state_wrong"
    message = _("This list is %(state)s; this step is not possible now.")


class SamePersonExport(Forbidden):
    code = "same_person_export"
    message = _("Whoever asked for a list cannot approve it. Please ask someone else.")


class ExportLinkInvalid(NotFound):
    code = "export_link_invalid"
    message = _("This link has expired or has been used up. Please get a new one on the page of your lists.")


class WithdrawalUnknown(NotFound):
    code = "withdrawal_unknown"
    message = _("This link is not complete. Please open it from the message again, or sign in and use My data.")


class IndexKeyInUse(Conflict):
    code = "index_key_in_use"
    message = _(
        "Index key %(version)d is in use: numbers are found by it, a code that was just sent is open, or a list is"
        " being imported. Run `toli key rotate --index`, or wait ten minutes, and try again."
    )


class IndexKeyMissing(Unavailable):
    code = "index_key_missing"
    message = _("Nobody can be added at the moment: the secrets file of this machine is older than the data.")


class IndexKeyNotFound(NotFound):
    code = "index_key_not_found"
    message = _("Index key %(version)d cannot be retired: it does not exist or is the one in use.")


class PhoneFull(Conflict):
    code = "phone_full"
    message = _("%(most)s members share this telephone already. Please use another number.")
