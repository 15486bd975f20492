"""Members' posters: theirs alone, with what they chose, within their bounds; label and imprint always visible."""

import io
from functools import partial
from pathlib import Path

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from tests import factories as make
from tests import pictures
from toli.bench.poster import LOOK, TEMPLATES, is_whole, longest_names
from toli.cards.domain.picture import fonts
from toli.cards.domain.picture.fitting import characters
from toli.content.domain.media import LABEL_SHARE
from toli.content.domain.poster import Area, PosterTemplate, as_stored, faults_of, from_stored
from toli.content.errors import PictureNotFound
from toli.content.models import KitPicture, PlatformText
from toli.core import clock
from toli.sharing import posters, selectors, services
from toli.sharing.domain import poster as drawing
from toli.sharing.domain.poster import Look, Person
from toli.sharing.errors import KitNotShareable
from toli.sharing.models import ShareLink

LINK = "https://toli.example.org/s/ab3d5fgh2k"
PICTURE = pictures.picture(size=(1200, 900))
SHARED = Path("../shared/data/names/person_names.csv")
BELOW = PosterTemplate()
AREA = PosterTemplate(Area(4, 66, 60, 26), "#fff1d0")
NAMES = (
    "क्ष्मीत्रय्यम्बकेश्वर्यनन्दस्वामीगळशास्त्रीकुलकर्णी " * 2,
    "Venkatanarasimharajuvaripeta Satyanarayana Balasubramaniam Gangopadhyaya",
    "डॉ. लक्ष्मीनारायण सूर्यप्रकाश विश्वम्भरनाथ त्रैलोक्यमोहन चट्टोपाध्याय त्रिपाठी",
    "र्क्य र्त्स्न्य ज्ञ्य श्रृं ङ्क्ष्व ट्ठ्य्",
    "J",
    "x" * 120,
)

read_codes = partial(zxingcpp.read_barcodes, formats=zxingcpp.BarcodeFormat.QRCode)  # no bars of shops


def person(name="सुनीता देवी", place="बूथ 142 · रामपुर", photo=b""):
    return Person(name, place, photo, LINK, LINK[8:])


def template(plan=BELOW, look=LOOK, picture=PICTURE, shown=True):
    return drawing.make_template(look, picture, plan, shown=shown)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("plan", TEMPLATES)
def test_no_long_name_is_clipped_or_shortened(plan, name):
    ground = template(TEMPLATES[plan])
    assert is_whole(person(name.strip()), ground)
    assert is_whole(person(name.strip(), photo=PICTURE), ground)


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.exists(), reason="the shared data are not here")
def test_a_thousand_of_the_longest_real_names_are_whole():
    grounds = [template(plan) for plan in TEMPLATES.values()]
    names = longest_names(1000)
    assert len(names) == 1000
    assert [name for name in names for ground in grounds if not is_whole(person(name), ground)] == []


def test_a_name_that_does_not_fit_would_be_found():
    narrow = drawing.Template(Image.new("RGB", (9, 9)), drawing.Rect(0, 0, 30, 12), (0, 0, 0), None, None)
    assert not is_whole(person("Venkatanarasimha Balasubramaniam"), narrow)
    assert not is_whole(person("中"), template())


def test_nothing_is_drawn_outside_the_members_part_but_the_address():
    ground = template(AREA)
    with_name, without = drawing.draw(ground, person(NAMES[2])), drawing.draw(ground, person("", ""))
    changed = ImageChops.difference(with_name, without).getbbox()
    member = ground.member
    assert member.left <= changed[0] < changed[2] <= member.left + member.width
    assert member.top <= changed[1] < changed[3] <= member.top + member.height


def test_the_code_leads_to_the_members_link_also_from_the_file_that_apps_get():
    ground = template()
    file = drawing.as_file(ground, drawing.draw(ground, person()), "JPEG")
    assert [code.text for code in read_codes(Image.open(io.BytesIO(file)))] == [LINK]
    plain = template(PosterTemplate(qr=False))
    assert read_codes(drawing.draw(plain, person())) == []


@pytest.mark.parametrize("size", [(1280, 300), (1200, 900), (600, 1280)])
@pytest.mark.parametrize("plan", [PosterTemplate(), AREA, PosterTemplate(qr=False)])
def test_the_label_of_ai_is_a_tenth_of_the_poster_and_nothing_covers_it(plan, size):
    look = Look(LOOK.call, LOOK.imprint, LOOK.colour, with_ai=True)
    ground = template(plan, look, pictures.picture(size=size))
    empty, full = drawing.draw(ground, person("", "")), drawing.draw(ground, person(NAMES[2], photo=PICTURE))
    label = (0, empty.height - round(empty.height * LABEL_SHARE) + 1, empty.width, empty.height)
    assert ImageChops.difference(empty.crop(label), full.crop(label)).getbbox() is None
    dark = sum(empty.crop(label).convert("L").histogram()[:60])
    assert dark > 0.7 * empty.width * (label[3] - label[1])  # its ground, all across
    assert drawing.small_size(size, plan, shown=True, with_ai=True)[1] == pytest.approx(
        empty.height * drawing.SMALL / drawing.WIDTH, abs=1
    )


def test_the_imprint_stands_whole_on_every_poster_however_long():
    imprint = ("प्रकाशक: अखिल भारतीय जन सेतु कर्मचारी संघ, 1 उदाहरण मार्ग, नई दिल्ली 110001 · " * 5)[:300].strip()
    ground = template(look=Look(LOOK.call, imprint, LOOK.colour))
    placed = drawing._foot(Look("", imprint, LOOK.colour), ground.foot)
    assert "".join(word.word for word in placed) == "".join(imprint.split())
    assert min(word.extent[1] for word in placed) > drawing._address(LINK[8:], ground.foot).extent[3]
    for word in placed:
        left, top, right, bottom = word.extent
        assert ground.foot.left - 3 <= left
        assert right <= ground.foot.left + ground.foot.width + 1
        assert ground.foot.top <= top
        assert bottom <= ground.foot.top + ground.foot.height


def test_files_keep_within_their_bytes_even_of_pure_noise():
    noise = io.BytesIO()
    Image.effect_noise((1000, 1250), 120).convert("RGB").save(noise, "JPEG", quality=95)
    ground = template(picture=noise.getvalue())
    poster = drawing.draw(ground, person())
    assert len(drawing.as_file(ground, poster, "WEBP")) <= drawing.MOST_BYTES
    assert len(drawing.as_file(ground, poster, "JPEG")) <= drawing.MOST_BYTES
    assert len(drawing.as_small_file(poster)) <= drawing.MOST_BYTES_SMALL


@settings(max_examples=60, deadline=None)
@given(st.integers(-5, 105), st.integers(-5, 105), st.integers(-5, 105), st.integers(-5, 105))
def test_a_place_that_is_taken_lies_on_the_picture(left, top, width, height):
    plan = PosterTemplate(Area(left, top, width, height))
    if not faults_of(plan):
        assert 0 <= left <= left + width <= 100
        assert 0 <= top <= top + height <= 100
    assert from_stored(as_stored(plan)) == plan


def test_what_people_see_as_characters_is_known_in_other_scripts_too():
    assert characters("क्षत्रि") == ["क्ष", "त्रि"]
    assert characters("বাংলা") == ["বাং", "লা"]
    assert characters("ଓଡ଼ିଆ") == ["ଓ", "ଡ଼ି", "ଆ"]
    assert characters("Rao") == ["R", "a", "o"]


def test_whether_a_font_can_draw_a_name_is_known():
    assert fonts.can_draw("सुनीता Devi")
    assert not fonts.can_draw("सुनीता 中")


@pytest.mark.django_db
class TestWhose:
    @pytest.fixture(autouse=True)
    def _places(self):
        make.make_organisation()
        make.make_territories("IN/UP/A1", "IN/UP/A2")

    @pytest.fixture
    def kit(self):
        kit = make.make_kit("A1")
        make.make_picture(kit, PICTURE, width=1200, height=900)
        return kit

    def _drawn_as(self, monkeypatch, member, kit, form=posters.FILE):
        """The facts that a poster of the member is drawn from."""
        seen = []
        monkeypatch.setattr(posters, "_file", lambda base, who, form: seen.append(who) or b"")
        posters.poster_of(member, kit.code, "en", form)
        return seen[0]

    def test_name_and_place_are_on_it_and_no_photo_without_own_choice(self, kit, monkeypatch):
        member = make.make_member("A1")
        _with_photo(member)
        who = self._drawn_as(monkeypatch, member, kit)
        assert (who.name, who.photo) == ("Sunita Devi", b"")
        assert "A1" in who.place
        services.choose_poster(member_id=member.pk, name=False, place=False, photo=True)
        who = self._drawn_as(monkeypatch, member, kit)
        assert (who.name, who.place) == ("", "")
        assert who.photo.startswith(b"\xff\xd8")

    def test_every_member_has_their_own_link_on_it(self, kit, monkeypatch):
        one, other = make.make_member("A1"), make.make_member("A1", name="Ramesh Kumar")
        links = {self._drawn_as(monkeypatch, member, kit).link for member in (one, other)}
        assert {link.rsplit("/", 1)[1] for link in links} == set(
            ShareLink.objects.filter(channel="other").values_list("code", flat=True)
        )
        assert len(links) == 2

    def test_looking_at_a_small_one_makes_no_link(self, kit, monkeypatch):
        self._drawn_as(monkeypatch, make.make_member("A1"), kit, posters.SMALL)
        assert not ShareLink.objects.exists()

    def test_the_tag_changes_with_what_stands_on_it(self, kit):
        member = make.make_member("A1")
        first = posters.poster_of(member, kit.code, "en", posters.FILE)
        assert posters.poster_of(member, kit.code, "en", posters.FILE) == first
        services.choose_poster(member_id=member.pk, name=True, place=False, photo=False)
        assert posters.poster_of(member, kit.code, "en", posters.FILE).tag != first.tag
        KitPicture.objects.update(poster=as_stored(AREA))
        assert posters.poster_of(member, kit.code, "en", posters.FILE).data != first.data

    def test_only_where_the_kit_may_be_shared_and_only_with_a_picture(self, kit):
        with pytest.raises(KitNotShareable):
            posters.poster_of(make.make_member("A2"), kit.code, "en", posters.FILE)
        kit.valid_until = clock.now()
        kit.save()
        with pytest.raises(KitNotShareable):
            posters.poster_of(make.make_member("A1"), kit.code, "en", posters.FILE)
        bare = make.make_kit("A1")
        with pytest.raises(PictureNotFound):
            posters.poster_of(make.make_member("A1"), bare.code, "en", posters.FILE)

    def test_imprint_certificate_and_label_follow_the_passport(self, kit):
        kit.certificate_number, kit.made_with_ai = "MCMC/7", True
        look = posters._look(kit, "hi", make.make_organisation())
        assert "प्रकाशक" in look.imprint
        assert "MCMC/7" in look.imprint
        assert look.with_ai

    def test_a_picture_with_the_label_in_it_is_drawn_without(self, kit):
        KitPicture.objects.update(plain=pictures.picture(colour="navy"))
        assert posters.content.unlabelled_picture(kit.pk) == pictures.picture(colour="navy")

    def test_each_app_gets_its_own_words_with_the_link_below(self, kit):
        PlatformText.objects.create(kit=kit, language="en", platform="instagram", texts=["For Instagram"])
        member = make.make_member("A1")
        links = {
            channel: services.share_link(member_id=member.pk, kit_id=kit.pk, channel=channel)
            for channel in ("instagram", "other", "x")
        }
        assert selectors.caption(kit, "en", links["instagram"]) == (
            f"For Instagram\n{selectors.link_url(links['instagram'])}"
        )
        assert selectors.caption(kit, "en", links["other"]).startswith("Checking your name")
        assert selectors.intent_url(kit, "en", links["instagram"]) is None
        assert "Checking" in selectors.intent_url(kit, "en", links["x"])


def _with_photo(member):
    from toli.accounts.selectors import actor_for
    from toli.cards import services as cards
    from toli.core.images import clean
    from toli.members.services import open_account

    actor = actor_for(open_account(member_id=member.pk))
    cards.set_photo(actor=actor, member=member, picture=clean(pictures.picture(size=(400, 500))).data, shown=False)
