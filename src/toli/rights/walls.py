"""Requests are seen where the member lived when asking, and by the member; complaints and cases where they belong."""

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
protect("rights_complaint", Rule(territory("rights_complaint.territory_id"), verbs="SELECT, INSERT, UPDATE"))
leave_open(rights_retentionrun="how many things of each kind were deleted, of the whole installation")
protect(
    "rights_breachcase",
    Rule(territory("rights_breachcase.territory_id"), verbs="SELECT, INSERT, UPDATE"),
)
protect(
    "rights_breachaffected",
    Rule(
        either(
            parent("rights_breachcase", "rights_breachaffected.case_id"),
            parent("members_member", "rights_breachaffected.member_id"),
        ),
        check=parent("rights_breachcase", "rights_breachaffected.case_id"),
        verbs="SELECT",
    ),
)
