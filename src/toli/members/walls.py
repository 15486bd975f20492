"""Members are seen by those who act where they live, and by themselves. Addresses and consents follow them."""

from toli.core.wall import ALL, Rule, either, leave_open, own_account, parent, protect, territory

leave_open(members_drive="public facts")
protect(
    "members_member",
    Rule(either(territory("members_member.territory_id"), own_account("members_member.account_id"))),
)
protect("members_contactpoint", Rule(parent("members_member", "members_contactpoint.member_id")))
protect(
    "members_consentrecord",
    Rule(parent("members_member", "members_consentrecord.member_id"), verbs="SELECT, INSERT"),
)
protect("members_importrun", Rule(ALL))
protect("members_importproblem", Rule(ALL))
