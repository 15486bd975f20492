"""Job entry points of kits."""

from toli.content import services
from toli.core import jobs


@jobs.task("content.make_media")
def make_media(kit_id: int) -> None:
    """Make the picture of a kit in the size of each platform."""
    services.make_media(kit_id=kit_id)


@jobs.task("content.make_video")
def make_video(kit_id: int) -> None:
    """Make the video of a kit ready for each platform."""
    services.make_video(kit_id=kit_id)
