"""Accounts and how people sign in: sessions, passkeys, passwords, apps, recovery codes, links, one-time codes."""

from toli.accounts.services.code_index import code_index_versions, forget_codes_under, open_codes_under
from toli.accounts.services.codes import code_text, phone_from, request_code, verify_code
from toli.accounts.services.factors import (
    begin_totp,
    confirm_totp,
    make_recovery_codes,
    pending_totp,
    remove_totp,
    reset_factors,
)
from toli.accounts.services.links import create_sign_in_link, link_text, redeem_sign_in_link, text_sign_in_link
from toli.accounts.services.opening import create_account, rename_account
from toli.accounts.services.passkeys import (
    authenticate,
    begin_authentication,
    begin_registration,
    finish_registration,
    remove_passkey,
    rename_passkey,
)
from toli.accounts.services.passwords import confirm_with_password, set_password, sign_in_with_password
from toli.accounts.services.sending import is_skipped, keepers, sender_named, text_sender
from toli.accounts.services.sessions import (
    clear_sessions,
    open_session,
    prove_session,
    revoke_all_sessions,
    revoke_other_sessions,
    revoke_session,
    revoke_sessions,
    set_active,
)
from toli.accounts.services.standing import may_change_factors

__all__ = [
    "authenticate",
    "begin_authentication",
    "begin_registration",
    "begin_totp",
    "clear_sessions",
    "code_index_versions",
    "code_text",
    "confirm_totp",
    "confirm_with_password",
    "create_account",
    "create_sign_in_link",
    "finish_registration",
    "forget_codes_under",
    "is_skipped",
    "keepers",
    "link_text",
    "make_recovery_codes",
    "may_change_factors",
    "open_codes_under",
    "open_session",
    "pending_totp",
    "phone_from",
    "prove_session",
    "redeem_sign_in_link",
    "remove_passkey",
    "remove_totp",
    "rename_account",
    "rename_passkey",
    "request_code",
    "reset_factors",
    "revoke_all_sessions",
    "revoke_other_sessions",
    "revoke_session",
    "revoke_sessions",
    "sender_named",
    "set_active",
    "set_password",
    "sign_in_with_password",
    "text_sender",
    "text_sign_in_link",
    "verify_code",
]
