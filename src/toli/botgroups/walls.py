"""Pages see the groups that a bot keeps where they see the groups; what is about people goes with the member."""

from toli.core.wall import ALL, Rule, leave_open, parent, protect

leave_open(botgroups_bot="the name of the bot; its secret is not in the database")
protect("botgroups_update", Rule(ALL, verbs="SELECT, INSERT, UPDATE"))
protect("botgroups_chat", Rule(parent("chatgroups_chatgroup", "botgroups_chat.group_id")))
protect("botgroups_presence", Rule(parent("botgroups_chat", "botgroups_presence.chat_id")))
protect("botgroups_platformaccount", Rule(parent("members_member", "botgroups_platformaccount.member_id")))
protect(
    "botgroups_code",
    Rule(
        f"({parent('members_member', 'botgroups_code.member_id')})"
        f" OR ({parent('chatgroups_chatgroup', 'botgroups_code.group_id')})"
    ),
)
protect("botgroups_order", Rule(ALL))
