"""Bugs to plant where the pictures and videos of kits are shown and changed."""

from tests.matrix.planting import Patch, with_everything
from toli.access.domain.scope import EVERYWHERE
from toli.content import selectors as content
from toli.content.models import KitPicture
from toli.content.services import acting

FILE, DESK, PUBLIC = "console/kits/<int:kit_id>/picture.jpg", "console/kits/<int:kit_id>/picture", "m/"
VIDEO = "console/kits/<int:kit_id>/video/<slug:platform>.mp4"


def _drafts_are_public(patch: Patch) -> None:
    """Whoever knows the name gets the picture, whatever its kit's state."""

    def shown(digest):
        found = KitPicture.objects.filter(digest=digest).first()
        if found is None:
            raise content.PictureNotFound
        return content.PictureFile(bytes(found.data))

    patch.setattr(content, "public_picture", shown)


def _draft_videos_are_public(patch: Patch) -> None:
    """Whoever knows the name gets the video, whatever its kit's state."""
    patch.setattr(content, "_live", lambda _now: {})


def _pictures_of_elsewhere_are_changed(patch: Patch) -> None:
    with_everything(content, "get_kit")(patch)
    patch.setattr(acting, "scope_for", lambda _actor, _permission: EVERYWHERE)


BUGS = {
    "object: the picture of any draft": (with_everything(content, "picture_for_staff"), FILE),
    "object: drafts are public by the name of their picture": (_drafts_are_public, PUBLIC),
    "object: the video of any draft": (with_everything(content, "video_for_staff"), VIDEO),
    "object: drafts are public by the name of their video": (_draft_videos_are_public, "m/"),
    "action: a picture of elsewhere is changed": (_pictures_of_elsewhere_are_changed, DESK),
}
FORGOTTEN = {
    "picture": (with_everything(content, "picture_for_staff"), FILE),
}
