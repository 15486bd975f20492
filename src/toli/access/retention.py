"""Roles that have ended are kept as long as somebody has to answer for what was done by them."""

from django.utils.translation import gettext_lazy as _

from toli.core.keeping import After, Rows, Term, register

register(
    Term(
        key="access.roles",
        label=_("Roles that have ended"),
        tables=("access_roleassignment",),
        days=1095,
        least=365,
        most=3650,
        since=_("since they ended"),
        why=_("Shows who was allowed to do what, as long as claims can be made."),
        after=After.DELETED,
        store=Rows("access_roleassignment", "valid_to"),
        evidence=True,
    )
)
