"""Reasons to refuse something about senders and messages."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Invalid, NotFound, Unavailable


class SenderNotFound(NotFound):
    code = "sender_not_found"
    message = _("There is no sender %(sender)s.")


class SenderExists(Conflict):
    code = "sender_exists"
    message = _("There is a sender %(sender)s already.")


class SenderInvalid(Invalid):
    code = "sender_invalid"
    message = _("The sender cannot be set up like this: %(reason)s")


class ProviderUnknown(Invalid):
    code = "provider_unknown"
    message = _("There is no provider %(provider)s. There are: %(providers)s.")


class BatchNotFound(NotFound):
    code = "batch_not_found"
    message = _("There is no such batch of messages in your area.")


class BatchEnded(Conflict):
    code = "batch_ended"
    message = _("This batch has been called off. Nothing more can be added to it.")


class MessageRefused(Invalid):
    code = "message_refused"
    message = _("This channel cannot carry the message: %(reason)s")


class DispatchPaused(Conflict):
    code = "dispatch_paused"
    message = _("Nothing is sent at present: %(reason)s. Look into it, then run `toli delivery resume`.")


class NotificationsOff(Conflict):
    code = "notifications_off"
    message = _("Notifications are not set up here.")


class SubscriptionRefused(Invalid):
    code = "subscription_refused"
    message = _("This browser cannot be sent notifications.")


class MailOff(Conflict):
    code = "mail_off"
    message = _("E-mail is not set up here.")


class MailAddressInvalid(Invalid):
    code = "mail_address_invalid"
    message = _("Please write an e-mail address, such as name@example.org.")


class MailNotSent(Unavailable):
    code = "mail_not_sent"
    message = _("The e-mail could not be sent. Please try again later.")


class MailLinkSpent(NotFound):
    code = "mail_link_spent"
    message = _("This link was used before, or it is too old. Ask for a new one.")


class ReturnUnknown(NotFound):
    code = "return_unknown"
    message = _("This is no report about a message that left from here.")
