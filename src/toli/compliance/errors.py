"""Reasons why a channel, a setting of the organisation or an entry of the election calendar is refused."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Forbidden, Invalid, NotFound


class OrganisationKindUnknown(Invalid):
    code = "organisation_kind_unknown"
    message = _("%(kind)s is not a kind of organisation. Choose one of: %(kinds)s.")


class ChannelBarred(Forbidden):
    code = "channel_barred"
    message = _(
        "Meta's Business Messaging Policy bars political organisations from the WhatsApp Business Platform. "
        "WhatsApp groups that people run remain possible."
    )


class ElectionNotFound(NotFound):
    code = "election_not_found"
    message = _("There is no election %(election)s.")


class ElectionExists(Conflict):
    code = "election_exists"
    message = _("There is an election %(election)s already.")


class ElectionIncomplete(Invalid):
    code = "election_incomplete"
    message = _(
        "An election needs a short name, names in both languages, "
        "and polls with areas that close after it was announced."
    )


class AreaPollsTwice(Conflict):
    code = "area_polls_twice"
    message = _("%(territory)s votes in this election already. Remove that poll first.")


class PollNotFound(NotFound):
    code = "poll_not_found"
    message = _("There is no such poll in your area.")


class TemplateNotFound(NotFound):
    code = "template_not_found"
    message = _("There is no SMS text %(template)s.")
