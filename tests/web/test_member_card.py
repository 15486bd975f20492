"""A member's card as a page and as files."""

import io
import json

import pytest
from PIL import Image

from toli.cards import selectors
from toli.cards.models import Card
from toli.core import clock
from toli.members.models import Member
from toli.members.services import open_account


@pytest.fixture
def visitor(world, browser):
    return browser(open_account(member_id=world.member.pk))


def test_the_card_can_be_saved_as_a_picture(world, visitor):
    page = visitor.get("/me/card").content.decode()
    assert 'href="/me/card.png"' in page
    answer = visitor.get("/me/card.png")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(answer.content)).size == (1000, 630)
    assert Card.objects.get().number[:4] in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]


def test_a_name_that_the_picture_cannot_show_is_told_of(world, visitor):
    assert "the picture leaves it out" not in visitor.get("/me/card").content.decode()
    Member.objects.filter(pk=world.member.pk).update(name="中 Rao")
    assert "the picture leaves it out" in visitor.get("/me/card").content.decode()


def test_without_a_valid_card_there_is_no_picture(world, visitor):
    Card.objects.update(revoked_at=clock.now())
    assert visitor.get("/me/card.png").status_code == 404
    assert 'href="/me/card.png"' not in visitor.get("/me/card").content.decode()


def test_the_card_can_be_printed(world, visitor):
    assert 'href="/me/card.pdf"' in visitor.get("/me/card").content.decode()
    answer = visitor.get("/me/card.pdf")
    assert (answer.status_code, answer["Content-Type"], answer.content[:5]) == (200, "application/pdf", b"%PDF-")


def test_signing_out_and_leaving_tell_the_browser_to_drop_what_it_keeps(world, visitor):
    assert visitor.post("/sign-out")["Clear-Site-Data"] == '"storage"'


def test_the_worker_is_a_script_at_the_root_that_is_asked_for_each_time(world, browser):
    answer = browser().get("/card-worker.js")
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (200, "text/javascript", "no-cache")


def test_the_card_is_a_credential_for_wallets(world, visitor, browser):
    answer = visitor.get("/me/card.vc.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/vc")
    method = json.loads(answer.content)["proof"]["verificationMethod"]
    document = browser().get("/.well-known/did.json")
    assert (document["Content-Type"], document["Cache-Control"]) == ("application/did+json", "public, max-age=300")
    assert method in json.loads(document.content)["assertionMethod"]


def _photo():
    out = io.BytesIO()
    Image.new("RGB", (300, 400), "#a1643c").save(out, "PNG")
    out.seek(0)
    out.name = "me.png"
    return out


def test_a_photo_is_put_on_the_card_shown_to_checkers_by_choice_and_removed(world, visitor, browser):
    address = selectors.card_path(selectors.card_of(world.member.pk))
    assert "required" in visitor.get("/me/card").content.decode()
    visitor.post("/me/card/photo", {"picture": _photo()})
    assert "data:image/jpeg;base64," in visitor.get("/me/card").content.decode()
    assert "data:image/jpeg" not in browser().get(address).content.decode()
    visitor.post("/me/card/photo", {"shown": "on"})
    assert "data:image/jpeg" in browser().get(address).content.decode()
    visitor.post("/me/card/photo", {"act": "remove"})
    assert "data:image/jpeg" not in visitor.get("/me/card").content.decode()
    assert "data:image/jpeg" not in browser().get(address).content.decode()


def test_a_file_that_is_no_picture_is_told_at_the_field(world, visitor):
    wrong = io.BytesIO(b"not a picture")
    wrong.name = "me.jpg"
    answer = visitor.post("/me/card/photo", {"picture": wrong})
    assert answer.status_code == 400
    assert "JPEG" in answer.content.decode()
    assert visitor.get("/me/card/photo").status_code == 200
