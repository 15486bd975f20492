"""Batches follow their territory, messages their batch. Pages see senders; only who keeps all of them writes them."""

from toli.core.wall import ALL, Rule, either, leave_open, parent, protect, territory

leave_open(
    messaging_turn="instants under ids of senders",
    messaging_spent="counts of the whole installation",
    messaging_portfolio="names and limits",
    messaging_control="whether anything is sent",
)
protect("messaging_sender", Rule("TRUE", check=ALL, verbs="SELECT, INSERT, UPDATE"))
protect("messaging_batch", Rule(territory("messaging_batch.territory_id")))
protect("messaging_message", Rule(parent("messaging_batch", "messaging_message.batch_id")))
protect("messaging_attempt", Rule(parent("messaging_message", "messaging_attempt.message_id")))
protect(
    "messaging_respite",
    Rule(
        either(
            parent("members_member", "messaging_respite.member_id"),
            parent("members_citizen", "messaging_respite.citizen_id"),
        )
    ),
)
protect("messaging_receivedcallback", Rule("", verbs="INSERT"))
protect("messaging_inbound", Rule(parent("members_member", "messaging_inbound.member_id")))
protect("messaging_pushdevice", Rule(parent("members_member", "messaging_pushdevice.member_id")))
protect("messaging_mailaddress", Rule(parent("members_member", "messaging_mailaddress.member_id")))
