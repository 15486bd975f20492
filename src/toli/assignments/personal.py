"""Work is given to staff; what they note may name somebody."""

from toli.core.personal_data import free, free_text

free(assignments_assignment="work of staff")
free_text("assignments_assignment.details", "assignments_assignment.answer")
