"""Reasons to refuse a role."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Forbidden, Invalid, NotFound


class RoleNotFound(NotFound):
    code = "role_not_found"
    message = _("There is no role %(role)s.")


class PlaceMissing(Invalid):
    code = "place_missing"
    message = _("Say on which territory the role %(role)s is held. Are there territories yet?")


class BeyondOwnRole(Forbidden):
    code = "beyond_own_role"
    message = _("You can only give permissions that you hold yourself on that territory.")


class RoleAlreadyHeld(Conflict):
    code = "role_already_held"
    message = _("This person already holds the role %(role)s on %(territory)s.")


class AssignmentNotFound(NotFound):
    code = "assignment_not_found"
    message = _("There is no such role in your area, or it has ended.")


class OwnRole(Forbidden):
    code = "own_role"
    message = _("Nobody gives a role to themselves. Please ask someone else.")


class RoleTermWrong(Invalid):
    code = "role_term_wrong"
    message = _("Please give a day on which the role ends: after today, and within %(months)d months.")
