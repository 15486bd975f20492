"""How long books are kept."""

from django.utils.translation import gettext_lazy as _

from toli.core.keeping import After, Rows, Term, register, stays

register(
    Term(
        key="dues.dues",
        label=_("Fees that members owed"),
        tables=("dues_due",),
        days=2922,
        least=2192,
        most=3650,
        since=_("since it was paid or dropped"),
        why=_("Books of money are kept for eight years, as the Companies Act 2013 has it in section 128."),
        after=After.PSEUDONYMISED,
        store=Rows(
            "dues_due",
            "COALESCE(settled_at, created_at)",
            "member_id IS NOT NULL AND state IN ('paid', 'dropped')",
            blank="member_id = NULL",
            about="member_id",
        ),
    )
)
stays(
    "dues_receipt",
    "dues_cancellation",
    "dues_dispute",
    what=_("Receipts: number, amount, day and who received it"),
    until=_("as long as the installation"),
    why=_("A book in which numbers are missing proves nothing. Who paid is forgotten with the fee."),
)
stays(
    "dues_reminder",
    what=_("How often members were reminded of the end of their term"),
    until=_("as long as the membership"),
    why=_("Nobody gets more than three."),
)
