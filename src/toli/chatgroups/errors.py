"""Reasons to refuse something about chat groups."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


class CampaignNotFound(NotFound):
    code = "campaign_not_found"
    message = _("There is no campaign %(campaign)s.")


class CampaignExists(Conflict):
    code = "campaign_exists"
    message = _("There is a campaign %(campaign)s already.")


class CampaignInvalid(Invalid):
    code = "campaign_invalid"
    message = _("The campaign cannot be set up like this: %(reason)s.")


class GroupNotFound(NotFound):
    code = "group_not_found"
    message = _("There is no such group in your area.")


class NoCoordinator(Conflict):
    code = "no_coordinator"
    message = _("Nobody is a coordinator for %(territory)s. Name one first, so that someone can create the groups.")


class InviteLinkInvalid(Invalid):
    code = "invite_link_invalid"
    message = _("This is not an invite link. In the group, open “Invite via link”, copy the link and paste it here.")


class InviteLinkTaken(Conflict):
    code = "invite_link_taken"
    message = _("This invite link belongs to another group already. Please copy the link of the new group.")


class JoinLinkUnknown(NotFound):
    code = "join_link_unknown"
    message = _("This join link does not exist. Perhaps a character of it was lost.")


class NoCard(Forbidden):
    code = "no_card"
    message = _("Seats in the groups are for members with a valid card.")


class NoSeat(Conflict):
    code = "no_seat"
    message = _("You have no place in a group yet. Please press “Join the group” first.")


class NoSeatFree(Unavailable):
    code = "no_seat_free"
    message = _("Your group is being set up. Please try again tomorrow; your coordinator has been told.")


class RosterUnreadable(Invalid):
    code = "roster_unreadable"
    message = _(
        "No participant could be read from this. Please copy the list of participants, the lines of an exported chat, "
        "or contact cards, and paste them here."
    )


class DepthInvalid(Invalid):
    code = "depth_invalid"
    message = _("Groups of %(territory)s cannot be divided to the level %(depth)s.")


class NothingToDivide(Invalid):
    code = "nothing_to_divide"
    message = _("There is no open group to divide in %(territory)s.")
