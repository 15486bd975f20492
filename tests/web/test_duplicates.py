"""Who is here twice, at the desk; and several members on one phone at the door."""

import re

import pytest

from tests import factories as make
from toli.members.models import LikelyPair, MemberState, Merge
from toli.members.services import find_pairs

PHONE = "+910123454321"


def text(answer):
    return answer.content.decode()


@pytest.fixture
def twins(world):
    two = make.make_member("A1", name="Geeta Rani", phone=PHONE), make.make_member("A1", name="गीता रानी")
    find_pairs()
    return two


class TestDesk:
    def test_a_pair_stands_side_by_side_and_is_joined_and_taken_back(self, twins, coordinator):
        shown = text(coordinator.get("/console/duplicates"))
        assert all(word in shown for word in ("Geeta Rani", "गीता रानी", "same name in two scripts", "+91 01••• ••321"))
        assert "0123454321" not in shown
        (pair,) = LikelyPair.objects.all()
        answer = coordinator.post(f"/console/duplicates/{pair.pk}", {"answer": "same"})
        page = text(coordinator.get(answer["Location"]))
        assert "Entries joined to this one" in page
        assert "The other entry's card and seat end" in page
        assert "Nobody seems to be here twice" in text(coordinator.get("/console/duplicates"))
        (merge,) = Merge.objects.all()
        answer = coordinator.post(f"/console/merges/{merge.pk}/undo")
        assert "Card and seat come back within a minute" in text(coordinator.get(answer["Location"]))
        merge.merged.refresh_from_db()
        assert merge.merged.state == MemberState.ACTIVE

    def test_two_people_are_not_proposed_again(self, twins, coordinator):
        (pair,) = LikelyPair.objects.all()
        answer = coordinator.post(f"/console/duplicates/{pair.pk}", {"answer": "two"})
        assert "We will not ask about these two again" in text(coordinator.get(answer["Location"]))

    def test_the_neighbour_sees_and_joins_nothing(self, twins, neighbour):
        (pair,) = LikelyPair.objects.all()
        assert "Geeta" not in text(neighbour.get("/console/duplicates"))
        assert neighbour.post(f"/console/duplicates/{pair.pk}", {"answer": "same"}).status_code == 404
        assert not Merge.objects.exists()


class TestFamilyOnOnePhone:
    @pytest.fixture
    def family(self, world):
        mother = make.make_member("A1", name="Geeta Rani", phone=PHONE, language="en")
        son = make.make_member("A1", name="Rohan Rani", language="en")
        point = son.contact_points.get()
        point.value_index, point.ordinal = mother.contact_points.get().value_index, 1
        point.save()
        return mother, son

    def sign_in(self, client, sent):
        client.post("/sign-in", {"step": "phone", "phone": PHONE})
        code = re.search(r"\b(\d{6})\b", sent[-1].text)[1]
        return client.post("/sign-in", {"step": "code", "code": code})

    def test_names_are_shown_after_the_code_only_and_the_chosen_one_enters(self, family, browser, sent):
        client = browser()
        client.post("/sign-in", {"step": "phone", "phone": PHONE})
        assert "Geeta" not in text(client.get("/sign-in"))
        shown = text(self.sign_in(client, sent))
        assert "Geeta Rani" in shown and "Rohan Rani" in shown
        assert client.post("/sign-in", {"step": "who", "member": family[1].pk})["Location"] == "/me"
        page = text(client.get("/me/data"))
        assert "Rohan Rani" in page and "Another member of this phone" in page

    def test_nobody_else_can_be_chosen_and_nobody_twice(self, family, world, browser, sent):
        client = browser()
        self.sign_in(client, sent)
        assert client.post("/sign-in", {"step": "who", "member": world.member.pk})["Location"] == "/sign-in?step=phone"
        assert client.post("/sign-in", {"step": "who", "member": family[0].pk})["Location"] == "/sign-in?step=phone"
        assert client.get("/me").status_code != 200
