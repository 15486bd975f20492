"""Requests are seen where the member lived when asking, and by the member; runs of the schedule name nobody."""

from toli.core.wall import Rule, either, leave_open, parent, protect, territory

protect(
    "rights_rightsrequest",
    Rule(
        either(
            territory("rights_rightsrequest.territory_id"), parent("members_member", "rights_rightsrequest.member_id")
        ),
        verbs="SELECT, INSERT, UPDATE",
    ),
)
leave_open(rights_retentionrun="how many things of each kind were deleted, of the whole installation")
