"""Cards follow their members."""

from toli.core.wall import Rule, leave_open, parent, protect

protect("cards_card", Rule(parent("members_member", "cards_card.member_id")))
protect("cards_photo", Rule(parent("members_member", "cards_photo.member_id")))
leave_open(
    cards_endedcard="tags of numbers that belong to nobody any more; published in the list of revoked cards",
    cards_withdrawnkey="which signing keys no longer count: published with the public keys",
    cards_revokedlist="published for everybody",
)
