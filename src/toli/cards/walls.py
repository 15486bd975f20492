"""Cards follow their members."""

from toli.core.wall import Rule, parent, protect

protect("cards_card", Rule(parent("members_member", "cards_card.member_id")))
