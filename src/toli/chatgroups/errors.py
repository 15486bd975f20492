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


class SpaceInvalid(Invalid):
    code = "space_invalid"
    message = _("The group cannot be entered like this: %(reason)s.")


class CommunityFull(Conflict):
    code = "community_full"
    message = _("The community holds %(most)s groups already. Enter another community first.")


class CommunityNotEmpty(Conflict):
    code = "community_not_empty"
    message = _("Groups stand in this community: %(groups)s. Take them out of it first.")


class CommunityWrong(Invalid):
    code = "community_wrong"
    message = _("This group cannot stand in that community: it is of another platform, a community itself, or closed.")


class TextsInvalid(Invalid):
    code = "texts_invalid"
    message = _("In curly brackets only {territory} can stand, and only in a description: %(found)s.")


class GroupStateWrong(Conflict):
    code = "group_state_wrong"
    message = _("This is not possible for a group that is “%(state)s”.")


class GroupNotEmpty(Conflict):
    code = "group_not_empty"
    message = _("%(people)s people have their place in this group. It can be closed when they have another one.")


class NothingToTakeOver(Conflict):
    code = "nothing_to_take_over"
    message = _("This is done, or somebody else does it by now. There is nothing to take over.")


class InviteLinkRetired(Invalid):
    code = "invite_link_retired"
    message = _("This is an old link of a group. In the group, reset the link first, then copy the new one.")


class AdminUnknown(Invalid):
    code = "admin_unknown"
    message = _("Nobody who works on groups there has the login %(login)s.")


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


class LinkChanging(NoSeatFree):
    code = "link_changing"
    message = _("The link of your group is being changed. Your place is kept; please look again in an hour.")


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


class NothingChanges(Invalid):
    code = "nothing_changes"
    message = _("The groups of %(territory)s are as they should be: nobody would move.")


class MigrationNotFound(NotFound):
    code = "migration_not_found"
    message = _("There is no such division in your area.")


class MigrationRunning(Conflict):
    code = "migration_running"
    message = _("The groups of %(territory)s are being divided already. Finish that first, or roll it back.")


class MigrationStateWrong(Conflict):
    code = "migration_state_wrong"
    message = _("This cannot be done now. The division stands at: %(state)s.")


class PlanChanged(Conflict):
    code = "plan_changed"
    message = _("The plan is not the one that you looked at. Please look at the new one, and approve it then.")


class PlanOutdated(Conflict):
    code = "plan_outdated"
    message = _("Members or groups have changed since this was planned. It was planned anew; please look at it again.")


class ApproverIsPlanner(Forbidden):
    code = "approver_is_planner"
    message = _("So many people move that somebody else has to approve it. Whoever planned it cannot.")
