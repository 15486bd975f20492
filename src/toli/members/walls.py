"""Members are seen by those who act where they live, and by themselves. Addresses and consents follow them."""

from toli.core.wall import ALL, Rule, either, leave_open, own_account, parent, protect, territory

leave_open(
    members_importmapping="which column of a list holds what; nothing of its rows",
    members_drive="public facts",
    members_erasednumber="keyed hashes without a name; asked before anybody is known",
)
protect(
    "members_member",
    Rule(either(territory("members_member.territory_id"), own_account("members_member.account_id"))),
)
_OWN_LINK = (
    "EXISTS (SELECT 1 FROM members_member inviter WHERE inviter.id = members_joincode.inviter_id"
    f" AND {own_account('inviter.account_id')})"
)
protect("members_joincode", Rule(either(territory("members_joincode.territory_id"), _OWN_LINK)))
protect("members_citizen", Rule(territory("members_citizen.territory_id"), verbs="SELECT, INSERT, UPDATE"))
protect("members_drivecount", Rule(territory("members_drivecount.territory_id")))
protect("members_contactpoint", Rule(parent("members_member", "members_contactpoint.member_id")))
protect(
    "members_consentrecord",
    Rule(
        either(
            parent("members_member", "members_consentrecord.member_id"),
            parent("members_citizen", "members_consentrecord.citizen_id"),
        ),
        verbs="SELECT, INSERT",
    ),
)
protect(  # where somebody was a member before they moved away is seen there as well
    "members_pastmembership",
    Rule(
        either(
            parent("members_member", "members_pastmembership.member_id"),
            territory("members_pastmembership.territory_id"),
        ),
        parent("members_member", "members_pastmembership.member_id"),
        verbs="SELECT, INSERT",
    ),
)
protect(
    "members_reveal",
    Rule(
        either(parent("members_member", "members_reveal.member_id"), own_account("members_reveal.account_id")),
        verbs="SELECT, INSERT",
    ),
)
_LISTED_MEMBER = (
    "EXISTS (SELECT 1 FROM members_exportrow listed JOIN members_member own ON own.id = listed.member_id"
    f" WHERE listed.export_id = members_export.id AND {own_account('own.account_id')})"
)
protect(
    "members_export",
    Rule(
        either(territory("members_export.territory_id"), own_account("members_export.asked_by_id"), _LISTED_MEMBER),
        verbs="SELECT, INSERT, UPDATE",
    ),
)
protect("members_exportrow", Rule(parent("members_member", "members_exportrow.member_id"), verbs="SELECT"))
protect("members_importrun", Rule(either(ALL, own_account("members_importrun.asked_by_id"))))
for _table in ("members_importchunk", "members_importchange", "members_importproblem"):  # written by workers alone
    protect(_table, Rule(parent("members_importrun", f"{_table}.run_id"), verbs="SELECT, DELETE"))
protect(
    "members_likelypair",
    Rule(
        f"({parent('members_member', 'members_likelypair.first_id')})"
        f" AND ({parent('members_member', 'members_likelypair.second_id')})"
    ),
)
protect("members_merge", Rule(parent("members_member", "members_merge.survivor_id"), verbs="SELECT, INSERT, UPDATE"))
