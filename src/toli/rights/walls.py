"""Requests are seen where the member lived when asking, and by the member."""

from toli.core.wall import Rule, either, parent, protect, territory

protect(
    "rights_rightsrequest",
    Rule(
        either(
            territory("rights_rightsrequest.territory_id"), parent("members_member", "rights_rightsrequest.member_id")
        ),
        verbs="SELECT, INSERT, UPDATE",
    ),
)
