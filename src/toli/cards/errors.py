"""Reasons to refuse a card or a welcome."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Invalid, NotFound, Unavailable


class CardNotFound(NotFound):
    code = "card_not_found"
    message = _("There is no card with this number in your area.")


class WelcomeInvalid(Invalid):
    code = "welcome_invalid"
    message = _("This welcome link is not valid. Please sign in with your mobile number.")


class WelcomeUsed(Invalid):
    code = "welcome_used"
    message = _("This welcome link has been used. Please sign in with your mobile number.")


class NoCardKey(Unavailable):
    code = "no_card_key"
    message = _("There is no key that may sign cards. Make one with `toli card-key add`.")


class CardKeyNotFound(NotFound):
    code = "card_key_not_found"
    message = _("There is no card key with version %(version)s.")


class CardKeyInUse(Conflict):
    code = "card_key_in_use"
    message = _(
        "%(count)s cards that count are signed with key %(version)s. It stays until they expire or are replaced."
    )


class NoKeyLeft(Conflict):
    code = "no_card_key_left"
    message = _("Card keys end with version %(most)s: a card has one character for it. No further key can be made.")


class EndReasonMissing(Invalid):
    code = "end_reason_missing"
    message = _("Please say in a few words why (5 to 200 letters).")


class ListUnusable(Invalid):
    code = "list_unusable"
    message = _("The file %(file)s cannot be used: it is damaged, cut off or not signed by these keys.")


class TooManyPosters(Invalid):
    code = "too_many_posters"
    message = _(
        "One file holds at most %(most)d posters. Choose a smaller place, or ask the operator: toli drive poster"
    )
