"""Reasons to refuse a distribution or a relay."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, NotFound


class KitNotApproved(Conflict):
    code = "kit_not_approved"
    message = _("Only an approved kit can be sent out.")


class RelayNotFound(NotFound):
    code = "relay_not_found"
    message = _("There is no such post to confirm in your area.")
