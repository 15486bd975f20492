"""A picture's way: from the desk's telephone to the page that a citizen opens."""

import re

import pytest

from tests import factories as make
from tests.e2e.rules import broken_rules
from tests.e2e.test_journeys import _signed_in
from tests.pictures import SECRET, exif, picture
from toli.content.models import Kit, KitPicture, KitState
from toli.demo.poster import poster
from toli.members.services import open_account
from toli.sharing.services import share_link

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FIELDS = {
    "code": "suchi", "act_url": "https://example.org/act", "title_hi": "सूची में नाम जाँचें", "text_hi": "आज ही जाँचें।",
    "act_label_hi": "जाँचें", "title_en": "Check the list", "text_en": "Do it today.", "act_label_en": "Check",
}  # fmt: skip


@pytest.fixture
def desk():
    """Somebody who writes kits, and a member who will pass one on."""
    make.make_organisation()
    make.make_territories("IN/UP/Z1")
    make.make_drive()
    return {"writer": make.make_headquarters(), "member": make.make_member("Z1", name="Sunita Devi")}


def test_a_photograph_from_a_telephone_reaches_a_citizen(open_page, desk, tmp_path):
    photograph = tmp_path / "IMG_2041.jpg"
    photograph.write_bytes(picture(size=(1600, 1200), exif=exif(6)))
    assert SECRET in photograph.read_bytes()
    page = _signed_in(open_page, desk["writer"], "/console/kits/new")
    for name, words in FIELDS.items():
        page.fill(f"[name={name}]", words)
    page.set_input_files("[name=picture]", photograph)
    page.click("text=मसौदा सहेजें")
    assert page.inner_text("#alt_hi-error") == "कृपया लिखें कि तस्वीर में क्या है।"
    assert "फिर चुनें" in page.inner_text("main")
    page.set_input_files("[name=picture]", photograph)
    page.fill("[name=alt_hi]", "बूथ पर लगी सूची")
    page.fill("[name=alt_en]", "The list at the booth")
    page.click("text=मसौदा सहेजें")
    assert re.search(r"/console/kits/\d+$", page.url)
    assert _seen(page, "बूथ पर लगी सूची") == [960, 1280], "upright, and smaller"
    Kit.objects.update(state=KitState.LIVE)
    link = share_link(member_id=desk["member"].pk, kit_id=Kit.objects.get().pk, channel="whatsapp")
    citizen = open_page(f"/s/{link.code}")
    assert _seen(citizen, "बूथ पर लगी सूची") == [960, 1280]
    address = citizen.get_attribute("meta[property='og:image']", "content")
    assert address.endswith(f"/m/{KitPicture.objects.get().digest}.jpg")
    assert SECRET not in citizen.request.get(citizen.get_attribute("img.shown", "src")).body()
    assert citizen.elsewhere == []


def test_a_file_that_is_too_large_is_not_even_sent(open_page, desk, tmp_path):
    heavy = tmp_path / "heavy.png"
    heavy.write_bytes(b"\x89PNG" + b"\0" * 11_000_000)
    page = _signed_in(open_page, desk["writer"], "/console/kits/new")
    page.set_input_files("[name=picture]", heavy)
    assert page.inner_text("p.err[role=alert]") == "तस्वीर 10 एमबी से बड़ी है। कृपया छोटी तस्वीर चुनें।"
    assert page.eval_on_selector("[name=picture]", "input => input.files.length") == 0


def _seen(page, alt):
    """The size that the browser drew the picture from; zero when it did not load."""
    page.wait_for_load_state("load")
    return page.eval_on_selector(f'img[alt="{alt}"]', "image => [image.naturalWidth, image.naturalHeight]")


@pytest.mark.parametrize("language", ["hi", "en"])
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_pages_with_a_picture_are_whole_and_accessible(open_page, desk, language, width):
    draft, live = make.make_kit(state="draft"), make.make_kit()
    for kit in (draft, live):
        make.make_picture(kit, poster_as_kept(), width=1200, height=630)
        make.make_video(kit, f"video {kit.pk}".encode())
    link = share_link(member_id=desk["member"].pk, kit_id=live.pk, channel="whatsapp")
    staff = _signed_in(open_page, desk["writer"], "/console/", language=language, width=width)
    citizen = open_page("/", language=language, width=width)
    phone = _signed_in(open_page, open_account(member_id=desk["member"].pk), "/me", language=language, width=width)
    found = []
    for page, path in (
        (staff, f"/console/kits/{draft.pk}"), (staff, f"/console/kits/{draft.pk}/picture"),
        (staff, f"/console/kits/{draft.pk}/video"),
        (staff, "/console/kits/new"), (citizen, f"/s/{link.code}"), (staff, f"/console/kits/{draft.pk}/poster"),
        (phone, "/me"), (phone, f"/me/poster/{live.code}"),
    ):  # fmt: skip
        page.goto(path)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{path} is wider than {width} px")
        found += [f"{path}: {item['id']} {item['nodes'][0]['html'][:120]}" for item in broken_rules(page)]
    assert found == []


def poster_as_kept():
    from toli.core.images import clean

    return clean(poster()).data
