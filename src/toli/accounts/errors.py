"""Reasons to refuse a sign-in."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Invalid, NotFound, Unavailable


class AccountNotFound(NotFound):
    code = "account_not_found"
    message = _("There is no account %(login)s.")


class LoginTaken(Conflict):
    code = "login_taken"
    message = _("The login %(login)s belongs to someone else already.")


class SignInLinkInvalid(Invalid):
    code = "sign_in_link_invalid"
    message = _("This sign-in link has been used or has expired. Please ask for a new one.")


class PhoneInvalid(Invalid):
    code = "phone_invalid"
    message = _("This is not a mobile number. Please write its ten digits.")


class TooManyCodes(Unavailable):
    code = "too_many_codes"
    message = _("Too many codes were asked for this number. Please try again in an hour.")


class CodeWrong(Invalid):
    code = "code_wrong"
    message = _("This code is not right. Tries left: %(tries_left)d.")


class CodeExpired(Invalid):
    code = "code_expired"
    message = _("This code is no longer valid. Please ask for a new one.")


class SessionNotFound(NotFound):
    code = "session_not_found"
    message = _("This sign-in has ended already.")
