"""Reasons to refuse a distribution, a relay or a recall."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Invalid, NotFound
from toli.distribution.domain.beyond import Instead
from toli.distribution.domain.forecast import Obstacle, Pictured

OBSTACLES: Mapping[str, str | Promise] = {
    Obstacle.NO_SENDER: _("No sender of this channel sends at present."),
    Obstacle.NO_TEMPLATE: _("This channel needs a template, and its sender names none for kits."),
    Obstacle.TOO_LONG: _("The text of the kit is too long for this channel: give it shorter words for it."),
    Obstacle.UNLABELLED: _("The template of this channel has no place for the label of AI and the certificate."),
    Obstacle.NO_PICTURE: _("The template of this channel has a picture for a heading, and the kit has no picture."),
    Obstacle.BARRED: _("Your organisation may not use this channel."),
}
PICTURES: Mapping[str, str | Promise] = {
    Pictured.GOES: _("The picture goes along."),
    Pictured.SHORT_TEXTS: _("The picture goes along with short texts; longer ones go without it, with the link."),
    Pictured.NO_PLACE: _("Text and link only: the template has no place for a picture."),
    Pictured.NO_PICTURES: _("Text and link only: this channel carries no pictures."),
}
INSTEAD: Mapping[str, str | Promise] = {
    Instead.PAGE_REPLACED: _("Its link leads to a page that says that this was withdrawn."),
    Instead.LEFT_TODAY: _("A tap on it leads to today's page, where this does not stand any more."),
}


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


class CitizensNotReached(Invalid):
    code = "citizens_not_reached"
    message = _("Citizens agreed to SMS and WhatsApp alone: name one of these channels, or leave the citizens out.")


class ChannelNotReady(Conflict):
    code = "channel_not_ready"
    message = _("Kits cannot go out by %(channel)s now. %(reason)s")


class PlanStateWrong(Conflict):
    code = "plan_state_wrong"
    message = _("The plan is %(state)s; this step is not possible now.")


class RecallNotFound(NotFound):
    code = "recall_not_found"
    message = _("There is no such recall in your area.")
