"""Reasons to refuse something with the audit trail."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Invalid, NotFound


class EntryNotFound(NotFound):
    code = "entry_not_found"
    message = _("There is no such entry in your area.")


class AuditKept(Invalid):
    code = "audit_kept"
    message = _("The audit trail is kept for %(days)d days; entries of %(day)s are younger.")


class AuditBroken(Conflict):
    code = "audit_broken"
    message = _("The audit trail is damaged at position %(position)d. Look into it with `toli audit verify` first.")


class AuditReasonMissing(Invalid):
    code = "audit_reason_missing"
    message = _("Say in 5 to 200 characters why the chain goes on from here.")
