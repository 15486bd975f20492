"""Reasons why a channel or a setting of the organisation is refused."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Forbidden, Invalid


class OrganisationKindUnknown(Invalid):
    code = "organisation_kind_unknown"
    message = _("%(kind)s is not a kind of organisation. Choose one of: %(kinds)s.")


class ChannelBarred(Forbidden):
    code = "channel_barred"
    message = _(
        "Meta's Business Messaging Policy bars political organisations from the WhatsApp Business Platform. "
        "WhatsApp groups that people run remain possible."
    )
