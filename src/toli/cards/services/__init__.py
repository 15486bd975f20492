"""Writes: issuing and revoking cards, welcoming those who received one, finding who holds one."""

from toli.cards.services.issuing import issue_cards, revoke_card
from toli.cards.services.looking import find_holder
from toli.cards.services.pressing import card_press
from toli.cards.services.welcoming import redeem_welcome, refuse_welcome, send_welcomes, welcome_path, welcome_text

__all__ = [
    "card_press",
    "find_holder",
    "issue_cards",
    "redeem_welcome",
    "refuse_welcome",
    "revoke_card",
    "send_welcomes",
    "welcome_path",
    "welcome_text",
]
