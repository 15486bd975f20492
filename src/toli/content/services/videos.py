"""The video of a kit: taken, made into each platform's own by a job, described by captions, removed.

Nothing of it is shown before all of it is there: the job writes into a folder of its own and stores everything in one
transaction. A job that died is repeated from the beginning.
"""

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from PIL import Image

from toli.access.domain.permissions import KITS_EDIT
from toli.accounts.domain.actor import Actor
from toli.content.domain import video as rules
from toli.content.domain.media import put_label
from toli.content.domain.video import PROFILES, Drawing, Look, Profile
from toli.content.errors import (
    CaptionsRefused,
    KitStateWrong,
    VideoBroken,
    VideoKindUnknown,
    VideoNotFound,
    VideoTooHeavy,
    VideoTooLong,
    VideoToolsMissing,
)
from toli.content.models import Kit, KitState, KitVideo, KitVideoFile, VideoState
from toli.content.services.acting import locked, trace
from toli.content.services.pictures import draft_of
from toli.core import clock, jobs, limits, videos
from toli.core.videos import VideoUnreadable

COUNTER = "pictures.person"
POSTER_WIDTH = 640
LEFT_OVER = 3600  # seconds after which a folder belongs to nobody any more


def set_video(*, actor: Actor, kit_id: int, data: bytes) -> KitVideo:
    """Give a draft its video, in place of the one it has; a job makes it ready.

    Raises:
        VideoTooHeavy. VideoKindUnknown: no MP4, QuickTime, 3GP or WebM, whatever it is called. VideoBroken.
        VideoTooLong. VideoToolsMissing. TooManyRequests. KitNotFound. KitStateWrong.
    """
    if actor.id is not None:
        limits.hit(COUNTER, str(actor.id))
    look = _checked(data)
    return _keep(actor, kit_id, data, look)


@transaction.atomic
def _keep(actor: Actor, kit_id: int, data: bytes, look: Look) -> KitVideo:
    kit = draft_of(actor, kit_id)
    _drop(kit)
    kept = KitVideo.objects.create(
        kit=kit,
        source=data,
        source_digest=hashlib.sha256(data).hexdigest(),
        seconds=look.seconds,
        added_at=clock.now(),
    )
    jobs.enqueue("content.make_video", kit_id=kit.pk)
    trace(actor, "content.set_video", kit, digest=kept.source_digest)
    return kept


@transaction.atomic
def remove_video(*, actor: Actor, kit_id: int) -> None:
    """Take the video from a draft or a withdrawn kit. Raises KitNotFound, KitStateWrong, VideoNotFound."""
    kit = locked(actor, KITS_EDIT, kit_id)
    if kit.state not in {KitState.DRAFT, KitState.WITHDRAWN}:
        raise KitStateWrong(state=KitState(kit.state).label)
    if not _drop(kit):
        raise VideoNotFound
    trace(actor, "content.remove_video", kit)


@transaction.atomic
def set_captions(*, actor: Actor, kit_id: int, captions: Mapping[str, bytes]) -> None:
    """What is said, to be read, by language: WebVTT files. An empty one takes the old one away.

    Raises CaptionsRefused, KitNotFound, KitStateWrong, VideoNotFound.
    """
    kit = draft_of(actor, kit_id)
    kept = KitVideo.objects.select_for_update().filter(kit=kit).defer("source", "poster").first()
    if kept is None:
        raise VideoNotFound
    texts = kept.captions | {language: _captions(data) for language, data in captions.items()}
    kept.captions = {language: text for language, text in texts.items() if text}
    kept.save(update_fields=["captions"])
    trace(actor, "content.set_captions", kit, languages=sorted(captions))


def _drop(kit: Kit) -> bool:
    KitVideoFile.objects.filter(kit=kit).delete()
    return bool(KitVideo.objects.filter(kit=kit).delete()[0])


def remake(kit: Kit) -> None:
    """Make the video of a kit that the caller has locked once more; until then nothing of it is shown."""
    found = KitVideo.objects.filter(kit=kit).exclude(state=VideoState.REFUSED)
    if found.update(state=VideoState.WAITING, progress=0):
        KitVideoFile.objects.filter(kit=kit).delete()
        jobs.enqueue("content.make_video", kit_id=kit.pk)


def make_video(*, kit_id: int) -> int:
    """Make the video of the kit for each platform. Returns how many files were stored; safe to repeat."""
    video = KitVideo.objects.select_related("kit").filter(kit_id=kit_id, state=VideoState.WAITING).first()
    if video is None:
        return 0
    try:
        with _folder() as folder:
            return _store(video, *_made(video, folder))
    except VideoUnreadable:
        _current(video).update(state=VideoState.REFUSED, source=b"")
        return 0


def _made(video: KitVideo, folder: Path) -> tuple[list[KitVideoFile], bytes, bytes]:
    """All files, the picture that stands for the video, and the video without anything but pixels and sound."""
    source, plain, poster = folder / "source", folder / "plain", folder / "poster.jpg"
    source.write_bytes(bytes(video.source))
    kind = _kind(bytes(video.source[:16]))
    look = _look(source, kind)
    videos.convert(source, kind, plain, rules.STRIPPING)
    wanted = [profile for profile in PROFILES if profile.takes(look)]
    files = []
    for number, profile in enumerate(wanted):
        files.append(_file(video, plain, look, profile, _teller(video, look, number, len(wanted))))
    first = folder / wanted[0].code
    videos.frame(first, poster, at=min(1.0, look.seconds / 3), width=min(POSTER_WIDTH, files[0].width))
    return files, poster.read_bytes(), plain.read_bytes()


def _file(video: KitVideo, plain: Path, look: Look, profile: Profile, told: videos.Progress) -> KitVideoFile:
    drawing = rules.draw(look, profile, with_ai=video.kit.made_with_ai)
    target = plain.with_name(profile.code)
    label = [_label(drawing, plain.with_name(f"{profile.code}.png"))] if drawing.band else []
    for share in (0.92, 0.6, 0.35):  # an encoder keeps to its rate only nearly
        wanted = rules.encoding(drawing, rules.rate_of(look, profile, share=share))
        videos.convert(plain, "matroska", target, wanted, more=label, told=told)
        if target.stat().st_size <= profile.most_bytes:
            break
    else:
        raise VideoUnreadable
    data = target.read_bytes()
    return KitVideoFile(
        kit_id=video.kit_id,
        platform=profile.code,
        digest=hashlib.sha256(data).hexdigest(),
        width=drawing.width,
        height=drawing.height,
        size=len(data),
        label_share=drawing.label_share,
        data=data,
    )


@transaction.atomic
def _store(video: KitVideo, files: list[KitVideoFile], poster: bytes, plain: bytes) -> int:
    """Everything at once, unless video or kit changed meanwhile: then another job is on its way."""
    kit = Kit.objects.select_for_update(of=("self",), no_key=True).get(pk=video.kit_id)
    kept = _current(video).select_for_update().defer("source", "poster").first()
    if kept is None or kit.made_with_ai != video.kit.made_with_ai:
        return 0
    KitVideoFile.objects.filter(kit=kit).delete()
    KitVideoFile.objects.bulk_create(files)
    _current(video).update(
        state=VideoState.READY,
        progress=100,
        source=plain,
        source_digest=hashlib.sha256(plain).hexdigest(),
        poster=poster,
        poster_digest=hashlib.sha256(poster).hexdigest(),
    )
    return len(files)


def _current(video: KitVideo) -> QuerySet[KitVideo]:
    return KitVideo.objects.filter(pk=video.pk, source_digest=video.source_digest, state=VideoState.WAITING)


def _teller(video: KitVideo, look: Look, number: int, of: int) -> Callable[[float], None]:
    """Writes down how far it is, in steps of five percent, for those who watch at the desk."""
    last = -1

    def tell(seconds: float) -> None:
        nonlocal last
        percent = int(100 * (number + min(1.0, seconds / max(look.seconds, 0.1))) / of)
        if percent // 5 != last // 5:
            last = percent
            _current(video).update(progress=min(percent, 99))

    return tell


def _label(drawing: Drawing, path: Path) -> Path:
    """The band of the label, cut from a canvas on which it was drawn as on pictures."""
    canvas = Image.new("RGB", (drawing.width, drawing.band * 10))
    put_label(canvas)
    canvas.crop((0, drawing.band * 9, drawing.width, drawing.band * 10)).save(path)
    return path


def _checked(data: bytes) -> Look:
    if len(data) > rules.MOST_BYTES:
        raise VideoTooHeavy(most=rules.MOST_BYTES // rules.MEGABYTE)
    try:
        kind = _kind(data[:16])
    except VideoUnreadable:
        raise VideoKindUnknown from None
    if lacking := videos.missing():
        raise VideoToolsMissing(programs=", ".join(lacking))
    with _folder() as folder:
        (folder / "source").write_bytes(data)
        try:
            look = _look(folder / "source", kind)
        except VideoUnreadable:
            raise VideoBroken from None
    if look.seconds > rules.MOST_SECONDS:
        raise VideoTooLong(most=rules.MOST_SECONDS // 60)
    return look


def _look(path: Path, kind: str) -> Look:
    found = videos.probe(path, kind)
    sides = (found.width, found.height)
    if not (0.1 <= found.seconds < float("inf") and min(sides) >= 16 and max(sides) <= rules.MOST_SIDE):
        raise VideoUnreadable
    return Look(found.width, found.height, found.seconds, found.sound)


def _kind(head: bytes) -> str:
    kind = rules.kind_of(head)
    if kind is None:
        raise VideoUnreadable
    return kind


def _captions(data: bytes) -> str:
    if not data:
        return ""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CaptionsRefused from None
    if len(data) > rules.MOST_CAPTIONS or not rules.is_captions(text):
        raise CaptionsRefused
    return text


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder of one's own. What processes that died left behind is cleared away first."""
    home = Path(settings.VAR_DIR) / "videos"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in home.iterdir():
        if old.is_dir() and old.stat().st_mtime < time.time() - LEFT_OVER:
            shutil.rmtree(old, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=home) as made:
        yield Path(made)
