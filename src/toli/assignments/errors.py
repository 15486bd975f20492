"""Reasons to refuse an answer to a piece of work."""

from django.utils.translation import gettext_lazy as _

from toli.core.errors import NotFound


class WorkNotFound(NotFound):
    code = "work_not_found"
    message = _("This task is not yours, or it has been done already.")
