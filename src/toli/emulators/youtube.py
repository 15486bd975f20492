"""The YouTube Data API on this machine, as far as publishing needs it: tokens, uploads that are gone on with, videos,
channels; strict where YouTube is. ``GET /control/standing`` shows what stands where; ``POST /control/<name>`` with JSON
sets a channel's state.
"""

import contextlib
import itertools
import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from toli.emulators.faults import Fault, Faults, readable

KIB = 1024
STEP = 256 * KIB
MOST_VIDEO = 64 * KIB * KIB
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_ASKS = re.compile(r"bytes \*/(\d+|\*)")


class Refused(Exception):
    """An error as the API writes it."""

    def __init__(self, status: int, reason: str, message: str = "emulated") -> None:
        super().__init__(message)
        self.status, self.reason = status, reason


@dataclass
class Channel:
    """``reason``: with which everything is refused. ``left``: uploads that may still begin today."""

    id: str
    name: str
    client_id: str
    client_secret: str
    refresh_token: str
    left: int = 100
    reason: str = ""
    videos: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Session:
    """An upload. ``gone``: the platform has forgotten it."""

    channel: Channel
    resource: dict[str, Any]
    size: int
    data: bytearray = field(default_factory=bytearray)
    video: str = ""
    gone: bool = False


@dataclass
class YouTube:
    """``only``: faults strike calls of paths that end like this, such as ``sessions``: parts of an upload."""

    faults: Faults = field(default_factory=Faults)
    only: str = ""
    channels: dict[str, Channel] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    calls: int = 0
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def add(self, name: str, client_id: str, client_secret: str, refresh_token: str) -> Channel:
        """A channel that there is, whose owner has agreed to the app."""
        number = next(self._numbers)
        made = Channel(f"UC{number:022d}", name, client_id, client_secret, refresh_token)
        self.channels[made.id] = made
        return made

    def app(self) -> web.Application:
        """The service, to be run by emulators/running.py."""
        app = web.Application(client_max_size=MOST_VIDEO)
        app.router.add_get("/control/standing", self._standing)
        app.router.add_post("/control/{name}", self._control)
        app.router.add_post("/token", self._token)
        app.router.add_post("/upload/youtube/v3/videos", self._call(self._begin, "videos"))
        app.router.add_put("/upload/youtube/v3/videos", self._call(self._part, "sessions"))
        app.router.add_get("/youtube/v3/videos", self._call(self._list, "videos"))
        app.router.add_delete("/youtube/v3/videos", self._call(self._delete, "videos"))
        app.router.add_get("/youtube/v3/channels", self._call(self._mine, "channels"))
        app.router.add_get("/youtube/v3/playlistItems", self._call(self._uploads, "playlistItems"))
        return app

    # -- HTTP ----------------------------------------------------------------------------------------------

    def _call(self, answer: Any, name: str) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            self.calls += 1
            fault = self.faults.draw() if not self.only or name == self.only else Fault.NONE
            if (refused := await self.faults.before(request, fault)) is not None:
                return refused
            body = await request.read()
            if fault is Fault.LATE:
                self.faults.take(request, fault, lambda: self._late(answer, request, body))
                return web.Response(status=500)
            try:
                channel = self._channel_of(request)
                if channel.reason:
                    raise Refused(403, channel.reason)
                found: web.StreamResponse = answer(request, channel, body)
            except Refused as error:
                return _error(error)
            own = await self.faults.after(request, fault)
            return own if own is not None else found

        return handle

    def _late(self, answer: Any, request: web.Request, body: bytes) -> None:
        with contextlib.suppress(Refused):
            answer(request, self._channel_of(request), body)

    async def _token(self, request: web.Request) -> web.Response:
        given = await request.post()
        if given.get("grant_type") != "refresh_token":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        for channel in self.channels.values():
            if channel.refresh_token == given.get("refresh_token") and channel.client_id == given.get("client_id"):
                if channel.client_secret != given.get("client_secret"):
                    return web.json_response({"error": "invalid_client"}, status=401)
                token = secrets.token_urlsafe(24)
                self.tokens[token] = channel.id
                return web.json_response({"access_token": token, "expires_in": 3599, "token_type": "Bearer"})
        told = {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
        return web.json_response(told, status=400)

    def _channel_of(self, request: web.Request) -> Channel:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            raise Refused(401, "authError", "Invalid Credentials")
        return self.channels[self.tokens[token]]

    # -- uploads -------------------------------------------------------------------------------------------

    def _begin(self, request: web.Request, channel: Channel, body: bytes) -> web.Response:
        if request.query.get("uploadType") != "resumable":
            raise Refused(400, "uploadTypeUnsupported", "only resumable uploads are emulated")
        if channel.left <= 0:
            raise Refused(403, "quotaExceeded", "The request cannot be completed: you have exceeded your quota.")
        try:
            resource = json.loads(body)
            size = int(request.headers.get("X-Upload-Content-Length", "0"))
        except ValueError:
            raise Refused(400, "parseError") from None
        _require_resource(resource)
        channel.left -= 1
        number = secrets.token_urlsafe(40)
        self.sessions[number] = Session(channel, resource, size)
        where = f"{request.url.origin()}/upload/youtube/v3/videos?uploadType=resumable&upload_id={number}"
        return web.Response(headers={"Location": where, "X-GUploader-UploadID": number})

    def _part(self, request: web.Request, channel: Channel, body: bytes) -> web.Response:
        session = self.sessions.get(request.query.get("upload_id", ""))
        if session is None or session.channel is not channel or session.gone:
            raise Refused(404, "notFound", "The session is not there.")
        said = request.headers.get("Content-Range", f"bytes 0-{len(body) - 1}/{len(body)}")
        if not session.video and not _ASKS.fullmatch(said):
            self._take(session, said, body)
        if session.video:
            return web.json_response(_shown(channel, session.video), status=201)
        has = {"Range": f"bytes=0-{len(session.data) - 1}"} if session.data else {}
        return web.Response(status=308, headers=has)

    def _take(self, session: Session, said: str, body: bytes) -> None:
        found = _RANGE.fullmatch(said)
        if found is None:
            raise Refused(400, "badContentRange")
        first, last, total = (int(number) for number in found.groups())
        if first != len(session.data) or last - first + 1 != len(body) or (session.size and total != session.size):
            raise Refused(400, "badContentRange", f"the session has {len(session.data)}")
        if last + 1 < total and len(body) % STEP:
            raise Refused(400, "badChunkSize", "parts are multiples of 256 KiB")
        session.data += body
        if len(session.data) == total:
            number = f"v{next(self._numbers):010d}"
            session.channel.videos[number] = {**session.resource, "bytes": bytes(session.data)}
            session.video = number

    # -- videos and channels -------------------------------------------------------------------------------

    def _list(self, request: web.Request, channel: Channel, _body: bytes) -> web.Response:
        wanted = request.query.get("id", "").split(",")
        return _items([_shown(channel, number) for number in wanted if number in channel.videos])

    def _delete(self, request: web.Request, channel: Channel, _body: bytes) -> web.Response:
        if channel.videos.pop(request.query.get("id", ""), None) is None:
            raise Refused(404, "videoNotFound")
        return web.Response(status=204)

    def _mine(self, request: web.Request, channel: Channel, _body: bytes) -> web.Response:
        if request.query.get("mine") != "true":
            raise Refused(400, "missingRequiredParameter")
        details = {"relatedPlaylists": {"uploads": channel.id.replace("UC", "UU", 1)}}
        return _items([{"id": channel.id, "snippet": {"title": channel.name}, "contentDetails": details}])

    def _uploads(self, request: web.Request, channel: Channel, _body: bytes) -> web.Response:
        if request.query.get("playlistId") != channel.id.replace("UC", "UU", 1):
            raise Refused(404, "playlistNotFound")
        most = int(request.query.get("maxResults", "5"))
        latest = list(reversed(channel.videos))[:most]
        return _items(
            [{"snippet": {**channel.videos[number]["snippet"], "resourceId": {"videoId": number}}} for number in latest]
        )

    # -- for whoever tries -----------------------------------------------------------------------------------

    async def _standing(self, _request: web.Request) -> web.Response:
        found = {
            channel.id: [
                {**{name: made[name] for name in ("snippet", "status")}, "bytes": len(made["bytes"])}
                for made in channel.videos.values()
            ]
            for channel in self.channels.values()
        }
        return web.json_response(found, dumps=readable)

    async def _control(self, request: web.Request) -> web.Response:
        """``channel``: add one (name, client_id, client_secret, refresh_token); ``set``: reason or left of one (id)."""
        given = await request.json()
        try:
            if request.match_info["name"] == "channel":
                return web.json_response({"result": self.add(**given).id})
            channel = self.channels[given.pop("id")]
            channel.reason, channel.left = given.get("reason", channel.reason), given.get("left", channel.left)
        except (TypeError, KeyError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)
        return web.json_response({"result": channel.id})


def _error(error: Refused) -> web.Response:
    told = {"code": error.status, "message": str(error), "errors": [{"reason": error.reason, "domain": "youtube"}]}
    return web.json_response({"error": told}, status=error.status)


def _items(items: list[dict[str, Any]]) -> web.Response:
    return web.json_response({"pageInfo": {"totalResults": len(items)}, "items": items})


def _shown(channel: Channel, number: str) -> dict[str, Any]:
    made = channel.videos[number]
    return {
        "kind": "youtube#video", "id": number, "snippet": made["snippet"],
        "status": {**made["status"], "uploadStatus": "uploaded"},
    }  # fmt: skip


def _require_resource(resource: Any) -> None:
    snippet = resource.get("snippet") if isinstance(resource, dict) else None
    status = resource.get("status") if isinstance(resource, dict) else None
    if not isinstance(snippet, dict) or not isinstance(status, dict):
        raise Refused(400, "invalidVideoMetadata")
    title, description = snippet.get("title", ""), snippet.get("description", "")
    if not title or len(title) > 100 or set("<>") & set(title):
        raise Refused(400, "invalidTitle")
    if len(description.encode()) > 5000 or set("<>") & set(description):
        raise Refused(400, "invalidDescription")
    if status.get("privacyStatus") not in ("public", "unlisted", "private"):
        raise Refused(400, "invalidVideoMetadata")
