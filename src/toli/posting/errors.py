"""Reasons to refuse something about the organisation's own places and posts."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import Conflict, Invalid, NotFound


class PlaceNotFound(NotFound):
    code = "place_not_found"
    message = _("There is no such account here.")


class PostNotFound(NotFound):
    code = "post_not_found"
    message = _("There is no such post here.")


class PostProviderUnknown(Invalid):
    code = "post_provider_unknown"
    message = _("%(provider)s is no platform to post on. Known: %(providers)s.")


class PlaceInvalid(Invalid):
    code = "place_invalid"
    message = _("These settings do not make an account: %(reason)s")


class PlaceExists(Conflict):
    code = "place_exists"
    message = _("This account is kept already.")


class PostStateWrong(Conflict):
    code = "post_state_wrong"
    message = _("This cannot be done with a post in this state: %(state)s.")


class TryFailed(Conflict):
    code = "try_failed"
    message = _("The platform did not take the test: %(reason)s.")
