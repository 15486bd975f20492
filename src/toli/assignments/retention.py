"""What staff noted while doing a piece of work is forgotten; that it was done stays."""

from django.utils.translation import gettext_lazy as _

from toli.core.keeping import After, Rows, Term, register

register(
    Term(
        key="assignments.notes",
        label=_("Notes on work that is done"),
        tables=("assignments_assignment",),
        days=365,
        least=30,
        most=1095,
        since=_("since it was done"),
        why=_("To answer questions about it. That the work was done, and by whom, stays."),
        after=After.PSEUDONYMISED,
        store=Rows(
            "assignments_assignment",
            "done_at",
            "state <> 'open' AND (details <> '{}' OR answer <> '{}')",
            blank="details = '{}', answer = '{}'",
        ),
    )
)
