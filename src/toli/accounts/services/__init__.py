"""Accounts, sessions, sign-in links and one-time codes."""

from toli.accounts.services.codes import phone_from, request_code, verify_code
from toli.accounts.services.links import create_sign_in_link, redeem_sign_in_link
from toli.accounts.services.opening import create_account
from toli.accounts.services.sending import text_sender
from toli.accounts.services.sessions import (
    clear_sessions,
    open_session,
    prove_session,
    revoke_other_sessions,
    revoke_session,
    revoke_sessions,
    set_active,
)

__all__ = [
    "clear_sessions",
    "create_account",
    "create_sign_in_link",
    "open_session",
    "phone_from",
    "prove_session",
    "redeem_sign_in_link",
    "request_code",
    "revoke_other_sessions",
    "revoke_session",
    "revoke_sessions",
    "set_active",
    "text_sender",
    "verify_code",
]
