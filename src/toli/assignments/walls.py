"""Work is seen by the one who was asked, and by those who act where it is to be done."""

from toli.core.wall import Rule, either, own_account, protect, territory

protect(
    "assignments_assignment",
    Rule(either(own_account("assignments_assignment.assignee_id"), territory("assignments_assignment.territory_id"))),
)
