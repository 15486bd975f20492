"""What YouTube's answers mean, and where a token is sent."""

import dataclasses
import json
from datetime import UTC, datetime

import pytest

from toli.core.posting import Reply
from toli.emulators.running import running
from toli.emulators.youtube import YouTube
from toli.integrations.youtube import uploading
from toli.integrations.youtube.asking import Channel, of_reply, read
from toli.integrations.youtube.provider import YouTubeChannels
from toli.posting.domain.states import Verdict
from toli.posting.ports import Outgoing, Video

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
FILM = Video("https://toli.example.org/m/abc.mp4", "A <film>", b"film")


def _error(reason):
    return json.dumps({"error": {"code": 403, "message": "no", "errors": [{"reason": reason}]}}).encode()


@pytest.mark.parametrize(
    ("reason", "verdict", "wait"),
    [
        ("quotaExceeded", Verdict.LATER, 19 * 3600), ("uploadLimitExceeded", Verdict.LATER, 3600),
        ("rateLimitExceeded", Verdict.LATER, 60), ("channelSuspended", Verdict.PAUSE, None),
        ("insufficientPermissions", Verdict.PAUSE, None), ("invalidTitle", Verdict.REFUSED, None),
    ],
)  # fmt: skip
def test_each_reason_has_its_verdict(reason, verdict, wait):
    """Noon in London in summer is five in the morning in California: the day has 19 hours left."""
    answer = read(403, _error(reason), {}, NOON)
    assert (answer.verdict, answer.code, answer.retry_after) == (verdict, reason, wait)


@pytest.mark.parametrize(
    ("status", "body", "verdict", "code"),
    [
        (400, b'{"error": "invalid_grant"}', Verdict.PAUSE, "invalid_grant"),
        (401, b"", Verdict.PAUSE, "http_401"),
        (429, b"", Verdict.LATER, "http_429"),
        (503, b"<html>", Verdict.LATER, "http_503"),
        (200, b"<html>", Verdict.LATER, "http_200"),
        (200, b"[]", Verdict.LATER, "http_200"),
        (400, b'{"error": []}', Verdict.REFUSED, "http_400"),
        (400, b'{"error": {"errors": [7]}}', Verdict.REFUSED, "http_400"),
        (308, b"", Verdict.DONE, ""),
    ],
)
def test_what_cannot_be_read_is_never_told_as_done(status, body, verdict, code):
    answer = read(status, body, {}, NOON)
    assert (answer.verdict, answer.code, dict(answer.data)) == (verdict, code, {})


def test_no_answer_and_no_connection_are_told_apart():
    assert of_reply(Reply(reached=False)).code == "not_reached"
    assert of_reply(Reply(reached=True)).code == "no_answer"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("channel_id", "news"), ("privacy", "secret"), ("category", "news"), ("base_url", "http://example.org"),
        ("token_url", "http://example.org/token"),
    ],
)  # fmt: skip
def test_settings_that_make_no_channel_are_refused(name, value):
    good = {"channel_id": "UC" + "a" * 22, "client_id": "1", "client_secret": "s", "refresh_token": "r"}
    assert Channel(**good).privacy == "public"
    with pytest.raises(ValueError, match=name.partition("_url")[0]):
        Channel(**{**good, name: value})


@pytest.mark.parametrize(
    ("session", "theirs"),
    [
        ("https://www.googleapis.com/upload?upload_id=1", True),
        ("https://youtube.googleapis.com/upload?upload_id=1", True),
        ("http://www.googleapis.com/upload", False),
        ("https://googleapis.com.example.org/upload", False),
        ("https://evilgoogleapis.com/upload", False),
        ("", False),
    ],
)
def test_the_token_is_sent_to_nobody_else(session, theirs):
    channel = Channel("UC" + "a" * 22, "1", "s", "r")
    assert uploading._is_theirs(session, channel) is theirs


def test_angle_brackets_do_not_keep_a_film_from_standing_there():
    emulator = YouTube()
    kept = emulator.add("News", "client", "QcanarySecret1", "QcanaryConsent1")
    with running(emulator) as url:
        settings = Channel(kept.id, kept.client_id, kept.client_secret, kept.refresh_token,
                           base_url=url, token_url=f"{url}/token")  # fmt: skip
        post = Outgoing(settings, "a < b", video=FILM)
        (begun,) = YouTubeChannels().publish([post])
        YouTubeChannels().publish([dataclasses.replace(post, progress=begun.progress)])
    (film,) = kept.videos.values()
    assert (film["snippet"]["title"], film["snippet"]["description"]) == ("A ‹film›", "a ‹ b")
