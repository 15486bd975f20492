"""Dues follow their member, receipts the place where they were paid; whoever took cash sees their own receipts."""

from toli.core.wall import ALL, Rule, either, leave_open, own_account, parent, protect, territory

leave_open(
    dues_offer="public facts: what a membership costs",
    dues_receiptseries="the last number of each drive; written by the trigger alone",
)
protect("dues_receiptseries", Rule("", verbs="SELECT"))
protect(
    "dues_due",
    Rule(either(parent("members_member", "dues_due.member_id"), territory("dues_due.territory_id"))),
)
protect(
    "dues_receipt",
    Rule(
        either(
            territory("dues_receipt.territory_id"),
            own_account("dues_receipt.taken_by_id"),
            parent("dues_due", "dues_receipt.due_id"),
        ),
        verbs="SELECT, INSERT",
    ),
)
protect("dues_cancellation", Rule(parent("dues_receipt", "dues_cancellation.receipt_id"), verbs="SELECT, INSERT"))
protect("dues_dispute", Rule(parent("dues_receipt", "dues_dispute.receipt_id"), verbs="SELECT, INSERT, UPDATE"))
protect("dues_reminder", Rule(parent("members_member", "dues_reminder.member_id")))
protect(
    "dues_handover",
    Rule(either(ALL, own_account("dues_handover.giver_id"), own_account("dues_handover.receiver_id"))),
)
protect(
    "dues_cashholding",
    Rule(either(parent("dues_receipt", "dues_cashholding.receipt_id"), own_account("dues_cashholding.holder_id"))),
)
