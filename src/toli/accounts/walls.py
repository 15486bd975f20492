"""Signing in comes before any area is known: accounts are found by login, hashed token or keyed index."""

from toli.core.wall import leave_open

leave_open(
    accounts_account="names and logins of staff; found by login to sign in",
    accounts_signinlink="hashed tokens",
    accounts_onetimecode="keyed hashes of numbers and codes",
)
