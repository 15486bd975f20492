"""Pages of posters: each session gets its own, nobody another's, and the desk chooses where members stand."""

import io

import pytest
from PIL import Image

from tests import factories as make
from tests import pictures
from toli.content.domain.poster import Area, PosterTemplate, from_stored
from toli.content.models import KitPicture
from toli.members.services import open_account
from toli.sharing.models import PosterChoice, ShareLink
from toli.web.kit_forms import PosterTemplateForm

PICTURE = pictures.picture(size=(600, 400))


@pytest.fixture
def kit(world):
    make.make_picture(world.kit, PICTURE, width=600, height=400)
    return world.kit


class TestMember:
    def test_the_same_address_gives_everybody_their_own(self, world, kit, browser, sunita):
        ramesh = browser(open_account(member_id=make.make_member("A1", name="Ramesh Kumar").pk))
        files = [visitor.get(f"/me/poster/{kit.code}.jpg") for visitor in (sunita, ramesh)]
        assert [file.status_code for file in files] == [200, 200]
        assert files[0].content != files[1].content
        assert ShareLink.objects.filter(channel="other").values("member_id").distinct().count() == 2

    @pytest.mark.parametrize("file", ["", ".jpg", ".webp", "/small.webp"])
    def test_strangers_and_staff_get_none(self, kit, browser, headquarters, file):
        assert browser().get(f"/me/poster/{kit.code}{file}").headers["Location"].startswith("/sign-in")
        assert headquarters.get(f"/me/poster/{kit.code}{file}").headers["Location"] == "/console/"

    @pytest.mark.parametrize(
        ("file", "kind", "width"), [(".jpg", "JPEG", 1000), (".webp", "WEBP", 1000), ("/small.webp", "WEBP", 480)]
    )
    def test_files_are_what_they_say_and_only_for_this_browser(self, kit, sunita, file, kind, width):
        answer = sunita.get(f"/me/poster/{kit.code}{file}")
        drawn = Image.open(io.BytesIO(answer.content))
        assert (drawn.format, drawn.width) == (kind, width)
        assert answer.headers["Content-Type"] == f"image/{kind.lower()}"
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert len(answer.content) <= 100_000

    def test_what_the_browser_has_is_not_sent_again_until_it_changes(self, kit, sunita):
        address = f"/me/poster/{kit.code}/small.webp"
        tag = sunita.get(address).headers["ETag"]
        again = sunita.get(address, headers={"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        sunita.post(f"/me/poster/{kit.code}", {"name": "on"})
        assert sunita.get(address, headers={"If-None-Match": tag}).status_code == 200

    def test_it_ends_with_the_kit(self, kit, sunita):
        kit.state = "withdrawn"
        kit.save()
        for file in ("", ".jpg", "/small.webp"):
            assert sunita.get(f"/me/poster/{kit.code}{file}").status_code == 400

    def test_the_page_shows_it_with_words_link_and_choice(self, kit, sunita):
        page = sunita.get(f"/me/poster/{kit.code}").content.decode()
        code = ShareLink.objects.get(channel="other").code
        assert f'src="/me/poster/{kit.code}/small.webp" alt="A mark on a list" width="480"' in page
        assert f"/s/{code}</textarea>" in page
        assert 'name="photo"' not in page  # there is none on the card
        assert f'href="/me/poster/{kit.code}.jpg" download' in page

    def test_the_choice_is_kept(self, world, kit, sunita):
        sunita.post(f"/me/poster/{kit.code}", {"place": "on"})
        kept = PosterChoice.objects.get(member=world.member)
        assert (kept.shows_name, kept.shows_place, kept.shows_photo) == (False, True, False)

    def test_today_has_the_poster_and_a_way_to_instagram(self, kit, sunita):
        page = sunita.get("/me").content.decode()
        assert f"/me/poster/{kit.code}/small.webp" in page
        assert f'action="/me/share/{kit.code}/instagram"' in page
        assert not ShareLink.objects.exists()  # looking at the page makes none

    def test_a_kit_without_a_picture_has_neither(self, world, sunita):
        page = sunita.get("/me").content.decode()
        assert "/me/poster/" not in page
        assert "instagram" not in page
        assert sunita.get(f"/me/poster/{world.kit.code}").status_code == 404

    def test_an_app_that_takes_only_files_gets_words_for_the_menu_or_the_page(self, kit, sunita):
        address = f"/me/share/{kit.code}/instagram"
        words = sunita.post(address, {"sheet": "yes"}).json()["text"]
        link = ShareLink.objects.get(channel="instagram")
        assert words.endswith(f"/s/{link.code}")
        assert link.shared_at is not None
        assert sunita.post(address).headers["Location"] == f"/me/poster/{kit.code}?for=instagram"


class TestDesk:
    @pytest.fixture
    def draft(self, world):
        draft = make.make_kit("07", state="draft")
        make.make_picture(draft, PICTURE, width=600, height=400)
        return draft

    def test_the_place_is_chosen_for_a_draft_and_seen_at_once(self, draft, headquarters):
        address = f"/console/kits/{draft.pk}/poster"
        before = headquarters.get(f"{address}.webp").content
        fields = {"where": "on", "left": 5, "top": 60, "width": 60, "height": 30, "own_colour": "on"}
        answer = headquarters.post(address, {**fields, "colour": "#FFF1D0"})
        assert answer.headers["Location"] == address
        chosen = from_stored(KitPicture.objects.get(kit=draft).poster)
        assert chosen == PosterTemplate(Area(5, 60, 60, 30), "#fff1d0", qr=False)
        assert headquarters.get(f"{address}.webp").content != before
        assert 'value="60"' in headquarters.get(address).content.decode()

    @pytest.mark.parametrize("place", [(80, 60, 60, 30), (5, 5, 20, 30), (5, 95, 60, 30)])
    def test_a_place_outside_or_too_small_is_refused(self, draft, headquarters, place):
        fields = dict(zip(("left", "top", "width", "height"), place, strict=True))
        answer = headquarters.post(f"/console/kits/{draft.pk}/poster", {"where": "on", **fields})
        assert answer.status_code == 400
        assert "must lie on the picture" in answer.content.decode()
        assert KitPicture.objects.get(kit=draft).poster == {}

    def test_another_picture_starts_from_the_standard(self, draft, headquarters):
        address = f"/console/kits/{draft.pk}"
        headquarters.post(f"{address}/poster", {"where": "below", "qr": "on"})
        assert KitPicture.objects.get(kit=draft).poster
        new = io.BytesIO(pictures.picture("PNG"))
        new.name = "new.png"
        headquarters.post(f"{address}/picture", {"picture": new, "alt_hi": "क", "alt_en": "b"})
        assert KitPicture.objects.get(kit=draft).poster == {}

    def test_the_next_territory_sees_neither(self, draft, neighbour):
        assert neighbour.get(f"/console/kits/{draft.pk}/poster.webp").status_code == 404
        assert neighbour.get(f"/console/kits/{draft.pk}/poster").status_code in {403, 404}

    def test_a_kit_that_is_out_keeps_its_posters(self, kit, headquarters):
        address = f"/console/kits/{kit.pk}"
        assert headquarters.get(f"{address}/poster").headers["Location"] == address
        assert headquarters.get(f"{address}/poster.webp").status_code == 200

    def test_the_form_begins_with_what_is_there(self):
        begun = PosterTemplateForm.begun_with(PosterTemplate(Area(1, 2, 40, 20), "#112233"))
        assert (begun["where"], begun["left"], begun["colour"]) == ("on", 1, "#112233")
        assert PosterTemplateForm.begun_with(PosterTemplate())["where"] == "below"
