"""Reasons to refuse what a coordinator's phone sends, what a person who was written down asks for, and how a case is
decided.
"""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Forbidden, Invalid, NotFound


class RecordRefused(Invalid):
    """One record of a batch is not taken. It stays on the phone, with these words."""

    code = "record_refused"
    message = _("This entry was not taken.")


class RecordMalformed(RecordRefused):
    code = "malformed"
    message = _("This entry is damaged. Please write the person down again.")


class SignatureWrong(RecordRefused):
    code = "signature_wrong"
    message = _("This entry was changed after it was written down. Please write the person down again.")


class RecordAltered(RecordRefused):
    code = "altered"
    message = _("Another entry has this number already. Please write the person down again.")


class DeviceUnknown(RecordRefused):
    code = "foreign_device"
    message = _("This phone is not registered for you. Please register it and write the person down again.")


class DeviceEnded(RecordRefused):
    code = "device_ended"
    message = _("This phone was ended, so nothing more is taken from it.")


class FromTheFuture(RecordRefused):
    code = "from_the_future"
    message = _("The clock of this phone is wrong: the entry lies in the future. Set the clock and write it again.")


class TooOld(RecordRefused):
    code = "too_old"
    message = _("This entry is too old. Please ask the person again.")


class OutsideArea(RecordRefused):
    code = "outside_area"
    message = _("This place does not lie in your area.")


class PlaceTooLarge(RecordRefused):
    code = "place_too_large"
    message = _("Please choose the booth, not the whole area.")


class DriveNotOpen(RecordRefused):
    code = "drive_not_open"
    message = _("The membership drive is not open there.")


class NumberUnfit(RecordRefused):
    code = "number_unfit"
    message = _("This is not a mobile number. Please write its ten digits.")


class NameUnfit(RecordRefused):
    code = "name_unfit"
    message = _("Please write the person's name.")


class SaidNo(RecordRefused):
    code = "said_no"
    message = _("This person has said that they do not want this. Please do not write them down again.")


class KeyUnfit(Invalid):
    code = "key_unfit"
    message = _("This browser cannot register the phone. Please use a newer one.")


class BatchTooLarge(Invalid):
    code = "batch_too_large"
    message = _("At most %(most)d entries can be sent at once.")


class DeviceNotFound(NotFound):
    code = "device_not_found"
    message = _("There is no such phone in your area.")


class ApplicationNotFound(NotFound):
    code = "application_not_found"
    message = _("There is no such entry in your area.")


class InvitationOver(NotFound):
    code = "invitation_over"
    message = _("This link is no longer valid. Nothing is kept about you here.")


class ChoiceMissing(Conflict):
    code = "choice_missing"
    message = _("Please choose which of these is you.")


class CaseNotFound(NotFound):
    code = "check_not_found"
    message = _("There is no such case in your area.")


class CaseDecided(Conflict):
    code = "check_decided"
    message = _("This case has been decided already.")


class DecisionReasonMissing(Invalid):
    code = "check_reason_missing"
    message = _("Please write in a few words why: 5 to 200 letters.")


class SecondPersonNeeded(Forbidden):
    code = "check_second_person"
    message = _("You asked for this yourself. Another person has to agree.")


class TooLateToRestore(Conflict):
    code = "check_too_late"
    message = _("More than %(days)s days have passed. These people can join again by themselves.")


class SampleNotFound(NotFound):
    code = "call_list_not_found"
    message = _("There is no such call list in your area.")


class SampleOpen(Conflict):
    code = "call_list_open"
    message = _("The last list of this place is not finished. Nobody draws a new one because the first did not please.")


class SampleSizeWrong(Invalid):
    code = "call_list_size"
    message = _("Please write a number from 1 to %(most)d.")


class SampleTooWide(Invalid):
    code = "call_list_too_wide"
    message = _("More than %(most)d people joined here lately. Please draw in smaller places.")


class NobodyToCall(Conflict):
    code = "nobody_to_call"
    message = _("Nobody has joined here lately who was not drawn before.")


class CallerUnfit(Conflict):
    code = "caller_unfit"
    message = _(
        "This person may not see numbers here, or has written down some of these people. Please choose somebody else."
    )


class NotYourList(Conflict):
    code = "not_your_call_list"
    message = _("This list was given to somebody else.")


class CallNoted(Conflict):
    code = "call_noted"
    message = _("This is noted already.")


class WishNotFound(NotFound):
    code = "wish_not_found"
    message = _("There is no such request in your area.")


class WishOpen(Conflict):
    code = "wish_open"
    message = _("This was asked for already. Please wait for the answer, or take it back.")


class WishDecided(Conflict):
    code = "wish_decided"
    message = _("This request has been answered already.")


class WishNoteMissing(Invalid):
    code = "wish_note_missing"
    message = _("Please write to the member in a few words why: 5 to 200 letters.")


class LivesThere(Conflict):
    code = "lives_there"
    message = _("This is the place where the member is already.")


class OwnPhoneNeeded(Invalid):
    code = "own_phone_needed"
    message = _("A coordinator is signed in here. Please open the link on your own phone.")
