"""Reasons to refuse a sign-in."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Invalid, NotFound, Unavailable


class AccountNotFound(NotFound):
    code = "account_not_found"
    message = _("There is no account %(login)s.")


class LoginTaken(Conflict):
    code = "login_taken"
    message = _("The login %(login)s belongs to someone else already.")


class LoginInvalid(Invalid):
    code = "login_invalid"
    message = _("A login has 1 to 80 letters, digits and the signs . - _ @, and no gaps.")


class SignInLinkInvalid(Invalid):
    code = "sign_in_link_invalid"
    message = _("This sign-in link has been used or has expired. Please ask for a new one.")


class PhoneInvalid(Invalid):
    code = "phone_invalid"
    message = _("This is not a mobile number. Please write its ten digits.")


class CodeWrong(Invalid):
    code = "code_wrong"
    message = _("This code is not right. Tries left: %(tries_left)d.")


class CodeExpired(Invalid):
    code = "code_expired"
    message = _("This code is no longer valid. Please ask for a new one.")


class TextNotSent(Unavailable):
    """No sender took it. The same sentence for every number, so that it tells nothing about whose it is."""

    code = "text_not_sent"
    message = _("We could not send the message just now. Please try again in a minute.")


class TextNotCarried(TextNotSent):
    """Said to operators only: nobody who signs in reads of kinds and senders."""

    code = "text_not_carried"
    message = _("No sender takes messages of the kind “%(kind)s”. `toli sender list` says why.")


class SessionNotFound(NotFound):
    code = "session_not_found"
    message = _("This sign-in has ended already.")


class ProofNeeded(Conflict):
    code = "proof_needed"
    message = _("Please confirm first that it is you.")


class SignInRefused(Invalid):
    code = "sign_in_refused"
    message = _("Login name, password or code is not right.")


class PasskeyRefused(Invalid):
    code = "passkey_refused"
    message = _("This passkey was not accepted. Please try again, or use another way to sign in.")


class PasskeyNotFound(NotFound):
    code = "passkey_not_found"
    message = _("There is no such passkey.")


class LastFactor(Conflict):
    code = "last_factor"
    message = _("This is your only way to sign in. Add another one first.")


class PasswordTooShort(Invalid):
    code = "password_too_short"
    message = _("Please choose a password of at least %(minimum)d characters; a sentence is fine.")


class PasswordTooCommon(Invalid):
    code = "password_too_common"
    message = _("Many people use this password, so it is tried first. Please choose another.")


class DigitsWrong(Invalid):
    code = "digits_wrong"
    message = _("These digits are not right. Please write those that the app shows now.")
