"""What was posted where stays as long as the material; what people wrote about it goes."""

from django.utils.translation import gettext_lazy as _

from toli.core.keeping import After, Rows, Term, register

register(
    Term(
        key="distribution.reasons",
        label=_("Why a post could not be deleted"),
        tables=("distribution_recallplace",),
        days=730,
        least=180,
        most=3650,
        since=_("since the answer"),
        why=_("To answer for what was published."),
        after=After.DELETED,
        store=Rows("distribution_recallplace", "done_at", only="reason <> ''", blank="reason = ''"),
    )
)
