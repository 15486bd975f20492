"""Reasons to refuse a roll."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Forbidden, Invalid, NotFound


class RollNotFound(NotFound):
    code = "roll_not_found"
    message = _("There is no such roll in your area.")


class DayNotOver(Invalid):
    code = "roll_day_not_over"
    message = _("A roll says who was a member on a day that is over. Choose yesterday or an earlier day.")


class SamePersonRoll(Forbidden):
    code = "roll_same_person"
    message = _("You drew up this roll. Another person has to certify it.")


class RollStateWrong(Conflict):
    code = "roll_state_wrong"
    message = _("This roll is %(state)s already, or not yet certified.")


class RollDamaged(Conflict):
    code = "roll_damaged"
    message = _("The lines of this roll do not fit its hash any more. It cannot be certified or handed out.")


class RollTooLarge(Invalid):
    code = "roll_too_large"
    message = _("A page draws up rolls of at most %(most)d members. The operator can draw this one up: toli roll draw")


class RollFileUnreadable(Invalid):
    code = "roll_file_unreadable"
    message = _("This file is no roll in the form that Toli writes.")
