"""YouTube on this machine: Google's own client works against it as it is."""

import io

import pytest

from toli.emulators.running import running
from toli.emulators.youtube import YouTube

google = pytest.importorskip(
    "googleapiclient", reason="Google's client is only in the group of packages for measuring: uv sync --group bench"
)
FILM = b"film" * 300_000


@pytest.fixture
def channel():
    """A channel on the emulator, and the client's view of it: the library's own description, at another address."""
    import json

    from google.oauth2.credentials import Credentials
    from googleapiclient.discovery import build_from_document
    from googleapiclient.discovery_cache import get_static_doc

    emulator = YouTube()
    made = emulator.add("News", "client", "QcanarySecret1", "QcanaryConsent1")
    with running(emulator) as url:
        described = json.loads(get_static_doc("youtube", "v3"))
        described["rootUrl"] = described["baseUrl"] = f"{url}/"
        consent = Credentials(
            token=None, refresh_token=made.refresh_token, token_uri=f"{url}/token",
            client_id=made.client_id, client_secret=made.client_secret,
        )  # fmt: skip
        yield made, build_from_document(described, credentials=consent)


def test_google_api_python_client_uploads_in_parts_lists_and_deletes(channel):
    from googleapiclient.http import MediaIoBaseUpload

    made, client = channel
    (mine,) = client.channels().list(part="snippet,contentDetails", mine=True).execute()["items"]
    assert (mine["id"], mine["snippet"]["title"]) == (made.id, "News")
    body = {
        "snippet": {"title": "A film", "description": "Words"},
        "status": {"privacyStatus": "unlisted", "selfDeclaredMadeForKids": False},
    }
    film = MediaIoBaseUpload(io.BytesIO(FILM), "video/mp4", chunksize=256 * 1024, resumable=True)
    request, answer, parts = client.videos().insert(part="snippet,status", body=body, media_body=film), None, 0
    while answer is None:
        _progress, answer = request.next_chunk()
        parts += 1
    assert parts == -(-len(FILM) // (256 * 1024))
    assert made.videos[answer["id"]]["bytes"] == FILM
    (found,) = client.videos().list(part="snippet,status", id=answer["id"]).execute()["items"]
    assert (found["snippet"]["title"], found["status"]["privacyStatus"]) == ("A film", "unlisted")
    uploads = mine["contentDetails"]["relatedPlaylists"]["uploads"]
    (listed,) = client.playlistItems().list(part="snippet", playlistId=uploads, maxResults=50).execute()["items"]
    assert listed["snippet"]["resourceId"]["videoId"] == answer["id"]
    client.videos().delete(id=answer["id"]).execute()
    assert made.videos == {}


def test_its_errors_are_read_by_the_client(channel):
    from googleapiclient.errors import HttpError

    made, client = channel
    made.reason = "quotaExceeded"
    with pytest.raises(HttpError) as refused:
        client.channels().list(part="snippet", mine=True).execute()
    assert (refused.value.status_code, refused.value.error_details[0]["reason"]) == (403, "quotaExceeded")
