"""The video of a kit, from the form at the desk to the member's page of today."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import factories as make
from tests.videos import needs_ffmpeg, video
from toli.content import services
from toli.content.models import Kit, KitVideo
from toli.core import videos

pytestmark = pytest.mark.django_db
CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:01.000\nसूची देखें\n".encode()


@pytest.fixture
def kit(world):
    Kit.objects.update(state="draft")
    return world.kit


def send(headquarters, kit, **files):
    given = {name: SimpleUploadedFile(f"{name}.bin", data) for name, data in files.items()}
    return headquarters.post(f"/console/kits/{kit.pk}/video", given)


@needs_ffmpeg
def test_from_the_form_to_the_platforms(headquarters, kit):
    assert send(headquarters, kit, video=video(), captions_hi=CAPTIONS).status_code == 303
    page = headquarters.get(f"/console/kits/{kit.pk}").content.decode()
    assert "0 %" in page and "<video" not in page
    KitVideo.objects.update(progress=40)
    assert "40 %" in headquarters.get(f"/console/kits/{kit.pk}").content.decode()
    services.make_video(kit_id=kit.pk)
    page = headquarters.get(f"/console/kits/{kit.pk}").content.decode()
    assert page.count("<video") == 1 and 'preload="none"' in page and "autoplay" not in page
    for platform in ("whatsapp", "reel", "full"):
        address = f"/console/kits/{kit.pk}/video/{platform}.mp4"
        assert address in page
        assert headquarters.get(address).content[4:8] == b"ftyp"


@needs_ffmpeg
def test_what_is_wrong_is_said_at_its_field(headquarters, kit):
    answer = send(headquarters, kit, video=b"#EXTM3U\nfile:///etc/passwd")
    assert answer.status_code == 400 and "MP4, MOV, 3GP" in answer.content.decode()
    make.make_video(kit)
    answer = send(headquarters, kit, captions_en=b"no captions")
    assert answer.status_code == 400 and "WebVTT" in answer.content.decode()
    answer = headquarters.post(f"/console/kits/{kit.pk}/video", {"act": ""})
    assert answer.status_code == 400 and "choose a video" in answer.content.decode()


def test_without_the_programs_the_form_says_so_before_anybody_tries(headquarters, kit, monkeypatch):
    monkeypatch.setattr(videos, "PROGRAMS", ("ffmpeg-that-nobody-has",))
    assert "ffmpeg-that-nobody-has" in headquarters.get(f"/console/kits/{kit.pk}/video").content.decode()
    assert send(headquarters, kit, video=b"\0\0\0\x18ftypmp42").status_code == 400


def test_without_captions_the_desk_is_nudged(headquarters, kit):
    make.make_video(kit)
    said = "no captions"
    assert said in headquarters.get(f"/console/kits/{kit.pk}").content.decode()
    send(headquarters, kit, captions_hi=CAPTIONS)
    assert said not in headquarters.get(f"/console/kits/{kit.pk}").content.decode()


def test_members_see_it_on_todays_page_with_captions_and_nothing_is_fetched_before_they_press(kit, client, sunita):
    make.make_video(kit, captions={"hi": CAPTIONS.decode()})
    Kit.objects.update(state="live")
    page = sunita.get("/me").content.decode()
    assert page.count("<video") == 1 and 'preload="none"' in page and "autoplay" not in page and " controls" in page
    (captions,) = [part.split('"')[0] for part in page.split('src="') if ".vtt" in part]
    answer = client.get(captions)
    assert answer["Content-Type"].startswith("text/vtt") and answer.content == CAPTIONS


@pytest.mark.parametrize(
    ("asked", "status", "part", "told"),
    [
        (None, 200, b"0123456789", None),
        ("bytes=0-1", 206, b"01", "bytes 0-1/10"),
        ("bytes=4-", 206, b"456789", "bytes 4-9/10"),
        ("bytes=8-99", 206, b"89", "bytes 8-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=5-2", 206, b"5", "bytes 5-5/10"),
        ("bytes=-3", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
def test_players_get_the_part_that_they_ask_for(kit, client, asked, status, part, told):
    file = make.make_video(kit, b"0123456789")
    Kit.objects.update(state="live")
    answer = client.get(f"/m/{file.digest}.mp4", headers={"Range": asked} if asked else {})
    assert (answer.status_code, answer.content, answer.headers.get("Content-Range")) == (status, part, told)


def test_no_answer_is_larger_than_a_part(kit, client):
    size = 3 * 1024 * 1024
    file = make.make_video(kit, b"x" * size)
    Kit.objects.update(state="live")
    answer = client.get(f"/m/{file.digest}.mp4", headers={"Range": "bytes=0-"})
    assert answer["Content-Range"] == f"bytes 0-{1024 * 1024 - 1}/{size}"
