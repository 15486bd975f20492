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


class ChallengeNotFound(NotFound):
    code = "challenge_not_found"
    message = _("There is no such objection in your area.")


class ChallengesClosed(Conflict):
    code = "challenges_closed"
    message = _("Nobody can object to this roll today: it is not certified yet, or the time for it is over.")


class ChallengeUnclear(Invalid):
    code = "challenge_unclear"
    message = _("Say what is wrong, and why, in your own words.")


class ChallengeDoesNotFit(Conflict):
    code = "challenge_does_not_fit"
    message = _("The roll, with its supplements, does not say that. Look at it once more.")


class ChallengeWaits(Conflict):
    code = "challenge_waits"
    message = _("Somebody has objected to this already. That is decided, and put into a supplement, first.")


class ChallengeDecided(Conflict):
    code = "challenge_decided"
    message = _("This objection is decided already.")


class SamePersonChallenge(Forbidden):
    code = "challenge_same_person"
    message = _("You objected yourself. Another person has to decide.")


class DecisionNoteMissing(Invalid):
    code = "challenge_note_missing"
    message = _("Say why you decided so: the member reads it.")


class ChallengePlaceWrong(Invalid):
    code = "challenge_place_wrong"
    message = _("Name a place that belonged to the area of the roll, and a class.")


class NothingToSupplement(Conflict):
    code = "nothing_to_supplement"
    message = _("There is no accepted objection that is not in a supplement yet.")


class SupplementNotFound(NotFound):
    code = "supplement_not_found"
    message = _("There is no such supplement to this roll.")


class ChallengeDaysWrong(Invalid):
    code = "challenge_days_wrong"
    message = _("A roll can be objected to for at most %(most)d days.")
