"""The way by which short texts leave."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from toli.accounts.ports import TextSender


@cache
def text_sender() -> TextSender:
    """The sender that this installation is set up with."""
    sender: TextSender = import_string(settings.TEXT_SENDER)()
    return sender
