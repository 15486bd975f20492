"""The trail of a place is seen by those who act there, what is of no place by those who act everywhere.

Everybody sees their own acts and may add to the trail; nobody changes it.
"""

from toli.core.wall import ALL, Rule, country, either, own_account, protect, territory

protect(
    "audit_auditentry",
    Rule(
        either(
            territory("audit_auditentry.territory_id"),
            f"audit_auditentry.territory_id IS NULL AND ({country()})",
            own_account("audit_auditentry.actor_id"),
        ),
        check="audit_auditentry.position IS NULL",
        verbs="SELECT, INSERT",
    ),
)
protect("audit_auditanchor", Rule(ALL, verbs="SELECT"))
