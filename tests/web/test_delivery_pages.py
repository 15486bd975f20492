"""The delivery monitor: the right role sees its area's messages, the neighbour is told that there is nothing."""

import pytest

from tests.factories import make_account, make_actor, make_batch, make_member
from toli.messaging.models import Batch, Message


@pytest.fixture
def batch(world):
    found = make_batch("07", text="Meeting at six.", members=[make_member("07"), make_member("07")])
    Message.objects.filter(pk=Message.objects.first().pk).update(state="unknown", reason="holder_lost")
    return found


@pytest.fixture
def staff(browser):
    def signed_in(place, *permissions):
        account = make_account()
        make_actor(dict.fromkeys(permissions or ("delivery.view", "delivery.stop"), place), account=account)
        return browser(account)

    return signed_in


def test_who_may_sees_what_became_of_the_messages(batch, staff):
    desk = staff("07")
    assert "Meeting at six." in desk.get("/console/delivery").content.decode()
    page = desk.get(f"/console/delivery/{batch.pk}").content.decode()
    assert "our process died while sending" in page
    assert "Not known" in page


def test_the_neighbour_finds_nothing(batch, staff):
    desk = staff("070")
    assert "Meeting at six." not in desk.get("/console/delivery").content.decode()
    assert desk.get(f"/console/delivery/{batch.pk}").status_code == 404
    assert desk.post(f"/console/delivery/{batch.pk}/cancel").status_code == 404
    assert Batch.objects.get().state == "active"


def test_stopping_going_on_and_calling_off(batch, staff):
    desk = staff("07")
    Message.objects.filter(state="sent").update(state="queued")
    for verb, state in (("stop", "stopped"), ("resume", "active"), ("cancel", "cancelled")):
        assert desk.post(f"/console/delivery/{batch.pk}/{verb}").status_code == 303
        assert Batch.objects.get().state == state
    assert sorted(Message.objects.values_list("state", flat=True)) == ["cancelled", "unknown"]
    assert desk.post(f"/console/delivery/{batch.pk}/sing").status_code == 404


def test_who_may_only_look_cannot_stop(batch, staff):
    desk = staff("07", "delivery.view")
    assert "Call off" not in desk.get(f"/console/delivery/{batch.pk}").content.decode()
    assert desk.post(f"/console/delivery/{batch.pk}/stop").status_code == 403
