"""A group is seen by those who act in a place it serves, by its admins, and by members with a seat in it."""

from toli.core.wall import Rule, either, leave_open, own_account, parent, protect, territory

SERVES = (
    "EXISTS (SELECT 1 FROM chatgroups_groupterritory place WHERE place.group_id = chatgroups_chatgroup.id"
    f" AND ({territory('place.territory_id')}))"
)
SEATED = (
    "EXISTS (SELECT 1 FROM chatgroups_seat held JOIN members_member own ON own.id = held.member_id"
    f" WHERE held.group_id = chatgroups_chatgroup.id AND {own_account('own.account_id')})"
)

leave_open(
    chatgroups_campaign="names of themes",
    chatgroups_divisionpolicy="how deep groups are divided",
    chatgroups_groupterritory="which places a group serves, without its name or address",
    chatgroups_joinlink="printed codes of places",
)
protect(
    "chatgroups_chatgroup",
    Rule(
        either(
            territory("chatgroups_chatgroup.territory_id"),
            SERVES,
            SEATED,
            own_account("chatgroups_chatgroup.admin_id"),
            own_account("chatgroups_chatgroup.deputy_id"),
        )
    ),
)
protect("chatgroups_roster", Rule(parent("chatgroups_chatgroup", "chatgroups_roster.group_id"), verbs="SELECT, INSERT"))
protect("chatgroups_outsider", Rule(parent("chatgroups_chatgroup", "chatgroups_outsider.group_id")))
protect("chatgroups_retiredlink", Rule(parent("chatgroups_chatgroup", "chatgroups_retiredlink.group_id")))
protect("chatgroups_waitingplace", Rule(parent("members_member", "chatgroups_waitingplace.member_id")))
protect("chatgroups_seat", Rule(parent("members_member", "chatgroups_seat.member_id")))

protect("chatgroups_migration", Rule(territory("chatgroups_migration.territory_id")))
for child in ("wave", "migrationgroup", "migrationmove", "oldgroup"):
    table = f"chatgroups_{child}"
    protect(table, Rule(parent("chatgroups_migration", f"{table}.migration_id")))
protect("chatgroups_announcement", Rule(parent("chatgroups_chatgroup", "chatgroups_announcement.group_id")))
