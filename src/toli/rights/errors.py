"""Why a request cannot be filed or handled."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Invalid, NotFound, Unavailable


class RequestNotFound(NotFound):
    code = "request_not_found"
    message = _("There is no such request in your area.")


class RequestClosed(Conflict):
    code = "request_closed"
    message = _("This request is closed already.")


class RequestUnclear(Invalid):
    code = "request_unclear"
    message = _("Please write in a few words what you want.")


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
