"""The Graph API on this machine: Meta's own client works against it as it is."""

import pytest

from toli.emulators.graph import Graph
from toli.emulators.running import running

business = pytest.importorskip(
    "facebook_business", reason="Meta's client is only in the group of packages for measuring: uv sync --group bench"
)
TOKEN = "QcanaryToken123"


@pytest.fixture
def page():
    """A Page on the emulator, and the client's view of it."""
    from facebook_business.adobjects.page import Page
    from facebook_business.api import FacebookAdsApi
    from facebook_business.session import FacebookSession

    emulator = Graph()
    account = emulator.add("facebook", "News", TOKEN)
    with running(emulator) as url:
        session = FacebookSession(access_token=TOKEN)
        session.GRAPH = url
        yield account, Page(account.id, api=FacebookAdsApi(session))


def _delete(page, made):
    from facebook_business.adobjects.pagepost import PagePost

    PagePost(made["id"], api=page.get_api()).api_delete()


def test_facebook_business_publishes_reads_page_by_page_and_deletes(page):
    """Five posts are read two at a time, by the addresses that each answer names for the next."""
    account, found = page
    assert found.api_get(fields=["name"])["name"] == "News"
    made = [
        found.create_feed(params={"message": f"words {number}", "link": "https://example.org"}) for number in range(5)
    ]
    calls = account.calls
    posts = list(found.get_published_posts(fields=["message", "created_time"], params={"limit": 2}))
    assert [post["message"] for post in posts] == [f"words {number}" for number in (4, 3, 2, 1, 0)]
    assert account.calls == calls + 3
    assert {post["id"] for post in posts} == {post["id"] for post in made}
    _delete(found, made[0])
    assert [post["message"] for post in found.get_posts(fields=["message"])] == [f"words {n}" for n in (4, 3, 2, 1)]


def test_facebook_business_understands_what_is_refused(page):
    from facebook_business.exceptions import FacebookRequestError

    account, found = page
    made = found.create_feed(params={"message": "words"})
    _delete(found, made)
    with pytest.raises(FacebookRequestError) as gone:
        _delete(found, made)
    assert (gone.value.api_error_code(), gone.value.api_error_subcode()) == (100, 33)
    account.error = 190
    with pytest.raises(FacebookRequestError) as refused:
        found.create_feed(params={"message": "words"})
    assert refused.value.api_error_code() == 190
