"""Work is seen by those who were asked, also before somebody took it over, and by those who act where it is done."""

from toli.core.wall import Rule, either, own_account, protect, territory

protect(
    "assignments_assignment",
    Rule(
        either(
            own_account("assignments_assignment.assignee_id"),
            own_account("assignments_assignment.taken_from_id"),
            territory("assignments_assignment.territory_id"),
        )
    ),
)
