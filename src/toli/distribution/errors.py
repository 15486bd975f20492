"""Reasons to refuse a distribution, a relay or a recall."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Invalid, NotFound


class KitNotApproved(Conflict):
    code = "kit_not_approved"
    message = _("Only an approved kit can be sent out.")


class RelayNotFound(NotFound):
    code = "relay_not_found"
    message = _("There is no such post to confirm in your area.")


class RelayHeldBack(Conflict):
    code = "relay_held_back"
    message = _("This must not be posted now: a rule holds it back.")


class PlanNotFound(NotFound):
    code = "plan_not_found"
    message = _("There is no such plan in your area.")


class PlanIncomplete(Invalid):
    code = "plan_incomplete"
    message = _("A plan needs at least one place, one channel that your organisation may use, and a time to come.")


class ChannelNotReady(Conflict):
    code = "channel_not_ready"
    message = _("Kits do not go out by %(channel)s yet. Such a plan can be tried out, not scheduled.")


class PlanStateWrong(Conflict):
    code = "plan_state_wrong"
    message = _("The plan is %(state)s; this step is not possible now.")


class RecallNotFound(NotFound):
    code = "recall_not_found"
    message = _("There is no such recall in your area.")
