"""The video of a kit: taken by its content, made for each platform, never shown by halves."""

import io
import json
import subprocess

import pytest
from PIL import Image

from tests import factories as make
from tests.videos import CANARY, PLACE, needs_ffmpeg, video
from toli.access.domain.scope import EVERYWHERE
from toli.content import selectors, services
from toli.content.domain import video as rules
from toli.content.domain.video import PROFILES, Look
from toli.content.errors import (
    CaptionsRefused,
    KitIncomplete,
    KitStateWrong,
    VideoBroken,
    VideoKindUnknown,
    VideoNotFound,
    VideoTooHeavy,
    VideoTooLong,
    VideoToolsMissing,
)
from toli.content.models import Kit, KitVideo, KitVideoFile
from toli.content.services import videos as making
from toli.core import videos

CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:01.000\nLook at the list\n"


class TestRules:
    @pytest.mark.parametrize("sides", [(160, 120), (1920, 1080), (1080, 1920), (333, 777), (4096, 17)])
    @pytest.mark.parametrize("profile", PROFILES, ids=lambda item: item.code)
    def test_the_label_is_a_tenth_of_the_area_and_hides_nothing(self, sides, profile):
        drawing = rules.draw(Look(*sides, 10), profile, with_ai=True)
        assert drawing.label_share >= 0.1
        assert drawing.top + drawing.inner[1] <= drawing.height - drawing.band
        assert drawing.left + drawing.inner[0] <= drawing.width
        assert not any(side % 2 for side in (drawing.width, drawing.height, *drawing.inner, drawing.band))

    def test_a_reel_is_nine_by_sixteen_and_not_made_of_what_is_too_long(self):
        reel = next(item for item in PROFILES if item.code == "reel")
        drawing = rules.draw(Look(1920, 1080, 60), reel, with_ai=False)
        assert drawing.width * 16 == drawing.height * 9
        assert reel.takes(Look(1, 1, 90)) and not reel.takes(Look(1, 1, 90.1))

    @pytest.mark.parametrize("profile", PROFILES, ids=lambda item: item.code)
    @pytest.mark.parametrize("seconds", [1, 60, rules.MOST_SECONDS])
    def test_the_rate_keeps_below_the_limit(self, profile, seconds):
        rate = rules.rate_of(Look(1920, 1080, seconds), profile)
        assert (rate + rules.SOUND) * 1000 / 8 * seconds < profile.most_bytes

    @pytest.mark.parametrize("text", ["", "WEBVTT", "1\n00:00.000 --> 00:01.000\nx", "WEBVTT\n\n0:0 --> 1:0\nx"])
    def test_what_is_no_captions(self, text):
        assert not rules.is_captions(text)


@pytest.fixture
def kit(db):
    make.make_organisation()
    make.make_territories("IN/UP")
    return make.make_kit("IN", state="draft")


@pytest.fixture
def quick(monkeypatch):
    """Only the first platform, so that it takes no longer than it has to."""
    monkeypatch.setattr(making, "PROFILES", PROFILES[:1])


def put(kit: Kit, data: bytes) -> None:
    services.set_video(actor=make.make_actor({"kits.edit": "IN"}), kit_id=kit.pk, data=data)


def told(data: bytes, tmp_path) -> dict:
    (tmp_path / "x").write_bytes(data)
    asked = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", str(tmp_path / "x")]
    return json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)


@needs_ffmpeg
class TestMaking:
    @pytest.mark.parametrize(("kind", "sound"), [("mp4", True), ("webm", False)])
    def test_each_platform_gets_its_own_without_place_and_device(self, kit, tmp_path, kind, sound):
        given = video(kind=kind, sound=sound)
        assert CANARY.encode() in given
        put(kit, given)
        assert services.make_video(kit_id=kit.pk) == 3
        for file in KitVideoFile.objects.filter(kit=kit):
            found = told(bytes(file.data), tmp_path)
            streams = [item["codec_name"] for item in found["streams"]]
            assert streams == (["h264", "aac"] if sound else ["h264"])
            assert (found["streams"][0]["width"], found["streams"][0]["height"]) == (file.width, file.height)
            assert CANARY not in str(found) and PLACE not in str(found)
            assert CANARY.encode() not in bytes(file.data) and PLACE.encode() not in bytes(file.data)
            assert file.size == len(file.data) <= 16 * 1024 * 1024
        kept = KitVideo.objects.get(kit=kit)
        assert (kept.state, kept.progress) == ("ready", 100)
        assert CANARY.encode() not in bytes(kept.source)
        assert Image.open(io.BytesIO(bytes(kept.poster))).width == 160

    def test_what_ai_made_says_so_in_every_frame(self, kit, quick):
        Kit.objects.update(made_with_ai=True)
        put(kit, video())
        services.make_video(kit_id=kit.pk)
        assert all(file.label_share >= 0.1 for file in selectors.video_files(kit))
        kept = KitVideo.objects.get(kit=kit)
        picture = Image.open(io.BytesIO(bytes(kept.poster))).convert("RGB")
        red, green, blue = picture.getpixel((2, picture.height - 3))
        assert max(red, green, blue) < 70  # the band: #16252c

    def test_a_telephone_held_upright_gives_an_upright_video(self, kit, quick):
        put(kit, video(turned=True))
        services.make_video(kit_id=kit.pk)
        file = selectors.video_file(kit, "whatsapp")
        assert file is not None and (file.width, file.height) == (120, 160)

    def test_nothing_is_shown_before_all_is_there_and_a_job_that_died_is_repeated(self, kit, quick, monkeypatch):
        put(kit, video())
        with monkeypatch.context() as patch, pytest.raises(SystemExit):
            patch.setattr(videos, "frame", lambda *_args, **_more: (_ for _ in ()).throw(SystemExit))
            services.make_video(kit_id=kit.pk)
        assert selectors.video_files(kit) == []
        with pytest.raises(KitIncomplete):
            services.submit_kit(actor=make.make_actor({"kits.edit": "IN"}), kit_id=kit.pk)
        assert services.make_video(kit_id=kit.pk) == 1
        assert services.make_video(kit_id=kit.pk) == 0
        services.submit_kit(actor=make.make_actor({"kits.edit": "IN"}), kit_id=kit.pk)

    def test_a_program_that_somebody_ended_condemns_no_video(self, kit, monkeypatch):
        put(kit, video())
        found = videos.Found(160, 120, 1.0, sound=True)
        monkeypatch.setattr(videos, "probe", lambda *_args: found)
        monkeypatch.setattr(videos, "_LIMITED", ("sh", "-c", "kill -TERM $$", "limited"))
        with pytest.raises(videos.Interrupted):
            services.make_video(kit_id=kit.pk)
        assert KitVideo.objects.get(kit=kit).state == "waiting"

    def test_another_word_about_ai_makes_it_anew(self, kit, quick):
        put(kit, video())
        services.make_video(kit_id=kit.pk)
        edits = services.KitEdits(made_with_ai=True)
        services.edit_kit(actor=make.make_actor({"kits.edit": "IN"}), kit_id=kit.pk, edits=edits)
        assert selectors.video_files(kit) == []
        services.make_video(kit_id=kit.pk)
        assert all(file.label_share >= 0.1 for file in selectors.video_files(kit))

    def test_a_video_that_was_replaced_meanwhile_is_not_stored(self, kit, quick, monkeypatch):
        put(kit, video())
        frame = videos.frame

        def replaced(*args, **more):
            put(kit, video(size="120x160"))
            frame(*args, **more)

        with monkeypatch.context() as patch:
            patch.setattr(videos, "frame", replaced)
            assert services.make_video(kit_id=kit.pk) == 0
        assert services.make_video(kit_id=kit.pk) == 1


@needs_ffmpeg
class TestTaking:
    HOSTILE = {
        "a list of other files": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        "a joint of other files": b"ffconcat version 1.0\nfile /etc/passwd\n",
        "a picture": b"\xff\xd8\xff\xe0" + b"x" * 100,
        "nothing": b"",
    }

    @pytest.mark.parametrize("name", HOSTILE)
    def test_what_is_no_video_by_its_content_is_refused(self, kit, name):
        with pytest.raises(VideoKindUnknown):
            put(kit, self.HOSTILE[name])

    def test_what_only_begins_like_a_video_is_refused(self, kit):
        for data in (
            b"\0\0\0\x18ftypmp42" + b"x" * 500,
            video()[:200],
            b"\x1a\x45\xdf\xa3" + b"#EXTM3U\nfile:///etc/passwd",
        ):
            with pytest.raises(VideoBroken):
                put(kit, data)

    def test_what_breaks_off_later_is_said_so_and_thrown_away(self, kit):
        data = video(kind="webm", seconds=2)
        KitVideo.objects.create(kit=kit, source=data[:60], source_digest="x", seconds=2, added_at=kit.created_at)
        assert services.make_video(kit_id=kit.pk) == 0
        kept = KitVideo.objects.get(kit=kit)
        assert (kept.state, bytes(kept.source)) == ("refused", b"")

    def test_too_heavy_and_too_long(self, kit, monkeypatch):
        with monkeypatch.context() as patch, pytest.raises(VideoTooHeavy):
            patch.setattr(rules, "MOST_BYTES", 100)
            put(kit, video())
        monkeypatch.setattr(rules, "MOST_SECONDS", 0.2)
        with pytest.raises(VideoTooLong):
            put(kit, video())


def test_without_the_programs_it_is_said_what_to_install(kit, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(VideoToolsMissing, match="ffmpeg, ffprobe"):
        put(kit, b"\0\0\0\x18ftypmp42")
    services.submit_kit(actor=make.make_actor({"kits.edit": "IN"}), kit_id=kit.pk)  # others go on


def test_captions_are_webvtt_and_one_language_leaves_the_other(kit):
    actor = make.make_actor({"kits.edit": "IN"})
    with pytest.raises(VideoNotFound):
        services.set_captions(actor=actor, kit_id=kit.pk, captions={"en": CAPTIONS})
    make.make_video(kit)
    services.set_captions(actor=actor, kit_id=kit.pk, captions={"en": CAPTIONS})
    services.set_captions(actor=actor, kit_id=kit.pk, captions={"hi": CAPTIONS})
    services.set_captions(actor=actor, kit_id=kit.pk, captions={"en": b""})
    assert list(KitVideo.objects.get(kit=kit).captions) == ["hi"]
    for wrong in (b"\xff", b"WEBVTT", CAPTIONS + b"x" * rules.MOST_CAPTIONS):
        with pytest.raises(CaptionsRefused):
            services.set_captions(actor=actor, kit_id=kit.pk, captions={"en": wrong})


def test_a_video_goes_with_a_draft_or_a_withdrawn_kit(kit):
    make.make_video(kit)
    actor = make.make_actor({"kits.edit": "IN"})
    Kit.objects.update(state="live")
    with pytest.raises(KitStateWrong):
        services.remove_video(actor=actor, kit_id=kit.pk)
    Kit.objects.update(state="withdrawn")
    services.remove_video(actor=actor, kit_id=kit.pk)
    assert not KitVideoFile.objects.exists()


def test_it_is_public_while_its_kit_is_live_and_read_in_parts(kit):
    file = make.make_video(kit, b"0123456789")
    with pytest.raises(VideoNotFound):
        selectors.public_video(file.digest, 0, 5)
    Kit.objects.update(state="live")
    part = selectors.public_video(file.digest, 3, 4)
    assert (part.data, part.size) == (b"3456", 10) and part.fresh_for is not None
    assert selectors.video_for_staff(EVERYWHERE, kit.pk, "whatsapp", 8, 100).data == b"89"
