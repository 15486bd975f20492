"""Own pages and channels at the desk, and what became of programs' posts, on phones and on a desk."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests import factories as make
from tests.e2e.test_content_desk import look
from tests.e2e.test_journeys import _signed_in
from toli.accounts.domain.actor import SYSTEM
from toli.distribution import services
from toli.posting.models import Post

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def recalled():
    """A kit that stands in one place, was held back in another, and stays in a third against our will."""
    make.make_organisation()
    make.make_territories("IN/UP/07", "IN/UP/070")
    make.make_campaign()
    kit, now = make.make_kit("IN", code="water"), timezone.now()
    fields = {"kit": kit, "language": "hi", "created_at": now, "ready_at": now, "expires_at": now + timedelta(days=1)}
    for code, name, more in (
        ("IN", "जन सेतु चैनल", {"state": "posted", "posted_at": now}),
        ("07", "News of district 07, for everybody who lives there", {"state": "refused", "rule": "silence_window"}),
        ("070", "Jan Setu on Instagram", {"state": "stays", "reason": "platform_lets_no_program_delete"}),
    ):
        Post.objects.create(place=make.make_place(code, name=name), **fields, **more)
    make.make_place("IN", name="Old page", state="paused", reason="190", config={"chat_id": "@old"})
    services.recall_kit(actor=SYSTEM, kit_id=kit.pk, reason="A wrong figure")
    return kit


@pytest.mark.parametrize(("language", "width"), [("hi", 360), ("en", 1280), ("hi", 320)])
def test_accounts_and_posts_can_be_read_everywhere(open_page, recalled, language, width):
    chief = make.make_headquarters()
    page = _signed_in(open_page, chief, "/console/places", language=language, width=width)
    assert page.locator(".chip.bad").count() == 1
    look(page, "places")
    page.locator("details.card > summary").click()
    page.fill("input[name=name]", "X")
    page.locator("details.card form button").click()
    assert page.locator("[aria-invalid=true]").count() >= 2
    look(page, "places-form")
    for name in ("cascade", "recall"):
        page.goto(f"/console/kits/{recalled.pk}/{name}")
        assert page.locator("#own").count() == 1
        look(page, f"own-{name}")
