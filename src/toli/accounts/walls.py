"""Signing in comes before any area is known: accounts are found by login, hashed token or keyed index.

What belongs to one account, its sessions and factors, is seen by that account alone; to find a session by the
hash of its key, and while somebody signs in, the wall is lifted.
"""

from toli.core.wall import ALL, Rule, either, leave_open, own_account, protect

leave_open(
    accounts_account="names and logins of staff; found by login to sign in",
    accounts_signinlink="hashed tokens",
    accounts_onetimecode="keyed hashes of numbers and codes",
    accounts_passkeychallenge="hashes of random numbers, gone after five minutes",
)
for _table in ("session", "passkey", "totp", "recoverycode"):
    protect(f"accounts_{_table}", Rule(either(ALL, own_account(f"accounts_{_table}.account_id"))))
