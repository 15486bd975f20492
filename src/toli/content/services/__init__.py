"""Everything that changes kits."""

from toli.content.services.files import set_file
from toli.content.services.kits import KitEdits, PlatformDraft, create_kit, edit_kit, submit_kit
from toli.content.services.media import make_media
from toli.content.services.pictures import (
    describe_picture,
    fetch_picture,
    read_picture,
    remove_picture,
    set_picture,
    set_poster,
)
from toli.content.services.releasing import mark_live, mark_scheduled, mark_unscheduled, withdraw_kit
from toli.content.services.reviewing import approve_kit, reject_kit
from toli.content.services.videos import make_video, remove_video, set_captions, set_video

__all__ = [
    "KitEdits",
    "PlatformDraft",
    "approve_kit",
    "create_kit",
    "describe_picture",
    "edit_kit",
    "fetch_picture",
    "make_media",
    "make_video",
    "mark_live",
    "mark_scheduled",
    "mark_unscheduled",
    "read_picture",
    "reject_kit",
    "remove_picture",
    "remove_video",
    "set_captions",
    "set_file",
    "set_picture",
    "set_poster",
    "set_video",
    "submit_kit",
    "withdraw_kit",
]
