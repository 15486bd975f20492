"""Writes: issuing, ending and replacing cards, their keys and lists, welcoming those who received one."""

from toli.cards.services.ending import (
    MERGED,
    end_card,
    give_back_card,
    renew_card,
    renew_place,
    replace_card,
    revoke_card,
)
from toli.cards.services.issuing import issue_cards
from toli.cards.services.looking import find_holder
from toli.cards.services.photos import read_photo, remove_photo, set_photo, show_photo
from toli.cards.services.pressing import card_press, sign_cards
from toli.cards.services.publishing import publish_revoked, revoked_file
from toli.cards.services.rotating import (
    add_key,
    counting,
    reissue_cards,
    retire_key,
    to_reissue,
    withdraw_key,
)
from toli.cards.services.welcoming import redeem_welcome, refuse_welcome, send_welcomes, welcome_path, welcome_text

__all__ = [
    "MERGED",
    "add_key",
    "card_press",
    "counting",
    "end_card",
    "find_holder",
    "give_back_card",
    "issue_cards",
    "publish_revoked",
    "read_photo",
    "redeem_welcome",
    "refuse_welcome",
    "reissue_cards",
    "remove_photo",
    "renew_card",
    "renew_place",
    "replace_card",
    "retire_key",
    "revoke_card",
    "revoked_file",
    "send_welcomes",
    "set_photo",
    "show_photo",
    "sign_cards",
    "to_reissue",
    "welcome_path",
    "welcome_text",
    "withdraw_key",
]
