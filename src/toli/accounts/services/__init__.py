"""Accounts, sign-in links and one-time codes."""

from toli.accounts.services.codes import phone_from, request_code, verify_code
from toli.accounts.services.links import create_sign_in_link, redeem_sign_in_link
from toli.accounts.services.opening import create_account
from toli.accounts.services.sending import text_sender

__all__ = [
    "create_account",
    "create_sign_in_link",
    "phone_from",
    "redeem_sign_in_link",
    "request_code",
    "text_sender",
    "verify_code",
]
