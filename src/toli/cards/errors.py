"""Reasons to refuse a card or a welcome."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Invalid, NotFound


class CardNotFound(NotFound):
    code = "card_not_found"
    message = _("There is no card with this number in your area.")


class WelcomeInvalid(Invalid):
    code = "welcome_invalid"
    message = _("This welcome link is not valid. Please sign in with your mobile number.")


class WelcomeUsed(Invalid):
    code = "welcome_used"
    message = _("This welcome link has been used. Please sign in with your mobile number.")
