"""Why a request cannot be filed or handled."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


class RequestNotFound(NotFound):
    code = "request_not_found"
    message = _("There is no such request in your area.")


class RequestClosed(Conflict):
    code = "request_closed"
    message = _("This request is closed already.")


class RequestUnclear(Invalid):
    code = "request_unclear"
    message = _("Please write in a few words what you want.")


class ComplaintNotFound(NotFound):
    code = "complaint_not_found"
    message = _("There is no such complaint.")


class ComplaintUnclear(Invalid):
    code = "complaint_unclear"
    message = _("Please write in a few words what happened.")


class ComplaintAnswered(Conflict):
    code = "complaint_answered"
    message = _("This complaint is answered already.")


class AnswerMissing(Invalid):
    code = "answer_missing"
    message = _("Please write an answer that the member understands.")


class ErasureAsked(Conflict):
    code = "erasure_asked"
    message = _("You have asked for this already.")


class ErasureTooEarly(Conflict):
    code = "erasure_too_early"
    message = _("The member can still take this back until %(until)s. Please wait until then.")


class NotAnErasure(Conflict):
    code = "not_an_erasure"
    message = _("This request is not about erasure.")


class OnlyErasure(Conflict):
    code = "only_erasure"
    message = _("An erasure is carried out or refused. An answer alone would erase nothing.")


class LineUnknown(NotFound):
    code = "retention_line_unknown"
    message = _("The schedule has no line %(key)s. `toli rights retention` shows all.")


class RetentionIncomplete(Unavailable):
    code = "retention_incomplete"
    message = _("These lines of the schedule could not be carried out: %(keys)s. The log says why.")


class BreachNotFound(NotFound):
    code = "breach_not_found"
    message = _("There is no such case in your area.")


class BreachMisdescribed(Invalid):
    code = "breach_misdescribed"
    message = _("Please give the case a title, and a time that begins before it ends and has begun.")


class BreachStateWrong(Conflict):
    code = "breach_state_wrong"
    message = _("This cannot be done with the case as it stands now: %(state)s.")


class BreachWordsMissing(Invalid):
    code = "breach_words_missing"
    message = _("Write what happened and what you do about it, in Hindi and in English: it stands in the letters.")


class LettersBySame(Forbidden):
    code = "letters_by_same"
    message = _("Somebody else has to approve the letters.")


class BoardNotTold(Conflict):
    code = "board_not_told"
    message = _("A case is closed when the letters are sent and the Board has the details.")
