"""The audit trail can be added to, by anybody; nobody changes it."""

from toli.core.wall import Rule, protect

protect("audit_auditentry", Rule("", verbs="SELECT, INSERT"))
