"""Toli as an app: its manifest, and what other apps hand to it."""

from toli.sharing.models import ShareLink

INVITE = "https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv"


def test_the_manifest_speaks_of_the_organisation_in_the_readers_language(world, browser):
    names = [browser().get(f"/manifest.webmanifest?lang={language}").json()["name"] for language in ("en", "hi")]
    assert names == ["Jan Setu Union", "जन सेतु संघ"]


def test_an_invite_link_shared_into_toli_stands_in_the_task_that_waits_for_it(coordinator):
    answer = coordinator.get("/received", {"title": "New group", "text": f"Join us: {INVITE}?mode=x"})
    assert answer.headers["Location"] == "/console/work?invite=https%3A%2F%2Fchat.whatsapp.com%2FAbCdEfGhIjKlMnOpQrStUv"


def test_nobody_is_led_elsewhere_by_what_is_shared(world, browser, settings):
    for word in ("https://evil.example/", f"{settings.BASE_URL}//evil.example", f"{settings.BASE_URL}.evil.example/x"):
        assert browser().get("/received", {"url": word}).headers["Location"] in {"/me", "/evil.example"}


def test_the_buttons_of_today_are_known_before_the_network_goes(sunita, world):
    leads = sunita.post("/me/offline").json()
    assert set(leads) == {f"/me/share/{world.kit.code}/{name}" for name in ("whatsapp", "telegram", "facebook", "x")}
    assert not ShareLink.objects.exclude(shared_at=None).exists()  # knowing where it leads is not sharing
    path = f"/me/share/{world.kit.code}/whatsapp"
    assert [sunita.post(path, {"queued": "yes"}).status_code for _twice in range(2)] == [204, 204]
    assert ShareLink.objects.exclude(shared_at=None).count() == 1
