"""`toli kit illustrate`: a picture by hand, by the same rules as at the desk."""

import pytest

from tests import factories as make
from tests.distribution.test_direct import gone_out
from tests.pictures import SECRET, jpeg_with_everything
from toli.accounts.domain.actor import SYSTEM
from toli.content.errors import KitIncomplete, KitNotFound
from toli.content.models import KitPicture
from toli.core.errors import NotFetched, PictureKindUnknown
from toli.distribution import services as distribution
from toli.distribution.errors import CitizensNotReached

pytestmark = pytest.mark.django_db
WORDS = ("--alt-hi", "सूची", "--alt-en", "A list")


@pytest.fixture
def writer():
    make.make_territories("IN/UP/07")
    return make.make_headquarters("UP").login


@pytest.fixture
def photograph(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg_with_everything())
    return path


def test_a_file_becomes_the_picture_of_a_draft(toli, writer, photograph):
    kit = make.make_kit("UP", state="draft")
    answer = toli("kit", "illustrate", kit.code, photograph, "--as", writer, *WORDS, "--json")
    kept = KitPicture.objects.get(kit=kit)
    assert answer.json == {"kit": kit.code, "digest": kept.digest, "width": 320, "height": 200}
    assert SECRET not in bytes(kept.data)
    assert "320 × 200" in toli("kit", "illustrate", kit.code, photograph, "--as", writer, *WORDS).err


def test_the_rules_of_the_desk_hold(toli, writer, photograph, tmp_path):
    kit, elsewhere = make.make_kit("UP", state="draft"), make.make_kit("IN", state="draft")
    fake = tmp_path / "b.jpg"
    fake.write_bytes(b"<svg/>")
    for words, refusal in (
        ((kit.code, photograph, "--as", writer), KitIncomplete),
        ((kit.code, fake, "--as", writer, *WORDS), PictureKindUnknown),
        ((kit.code, "http://127.0.0.1/a.jpg", "--as", writer, *WORDS), NotFetched),
        ((elsewhere.code, photograph, "--as", writer, *WORDS), KitNotFound),
    ):
        assert isinstance(toli("kit", "illustrate", *words).error, refusal)
    assert "no file" in toli("kit", "illustrate", kit.code, "nowhere.jpg", "--as", writer, *WORDS).err
    assert not KitPicture.objects.exists()


def test_a_recall_tells_what_nobody_can_take_back(toli):
    make.make_organisation()
    make.make_territories("IN/UP/07/B1")
    kit = make.make_kit("IN", state="approved")
    gone_out(kit, "email_smtp", "sent", "sent", "unknown")
    gone_out(kit, "web_push", "sent")
    distribution.recall_kit(actor=SYSTEM, kit_id=kit.pk, reason="A wrong figure")
    told = toli("kit", "recall", kit.code, "--json").json
    assert (told["messages_out"], told["messages_uncertain"]) == (3, 1)
    assert told["cannot_be_taken_back"] == [
        {"channel": "email", "delivered": 0, "accepted": 2, "uncertain": 1, "instead": "page_replaced"},
        {"channel": "push", "delivered": 0, "accepted": 1, "uncertain": 0, "instead": "left_today"},
    ]
    table = " ".join(toli("kit", "recall", kit.code).out.replace("│", " ").split())
    assert {"email", "push", "Instead"} <= set(table.split())


def test_a_plan_names_citizens_who_agreed_apart_and_only_when_it_is_told_to(toli, writer):
    make.make_organisation()
    make.make_campaign(code="connect")
    kit = make.make_kit("UP", state="approved")
    make.make_citizen("07")
    words = ("kit", "plan", kit.code, "--campaign", "connect", "--territory", "UP", "--at", "2099-01-01T09:00")
    asked = (*words, "--as", writer, "--channel", "sms", "--json")
    assert [line["audience"] for line in toli(*asked).json] == [""]
    found = {line["audience"]: line["places"] for line in toli(*asked, "--audience", "citizens").json}
    assert found == {"citizens": 1}
    refused = toli(*words, "--as", writer, "--channel", "assisted", "--audience", "citizens").error
    assert isinstance(refused, CitizensNotReached)
