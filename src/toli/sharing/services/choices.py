"""What a member wants on their posters."""

from toli.sharing.models import PosterChoice


def choose_poster(*, member_id: int, name: bool, place: bool, photo: bool) -> PosterChoice:
    """Keep the member's own choice; it holds for all their posters from now on."""
    wanted = {"shows_name": name, "shows_place": place, "shows_photo": photo}
    return PosterChoice.objects.update_or_create(member_id=member_id, defaults=wanted)[0]
