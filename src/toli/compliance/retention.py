"""Refusals are counts; they are kept as long as anybody may ask why something did not go out."""

from django.utils.translation import gettext_lazy as _

from toli.core.keeping import After, Rows, Term, register

register(
    Term(
        key="compliance.refusals",
        label=_("How many messages a rule held back"),
        tables=("compliance_sendingrefusal",),
        days=730,
        least=365,
        most=3650,
        since=_("since the refusal"),
        why=_("To show that the rules were kept."),
        after=After.DELETED,
        store=Rows("compliance_sendingrefusal", "refused_at"),
    )
)
