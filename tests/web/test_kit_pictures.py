"""The picture of a kit, from the form at the desk to the preview on a telephone."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from tests import factories as make
from tests.pictures import SECRET, jpeg_with_everything, moving, opened, picture, png_that_says
from toli.content.models import Kit, KitPicture
from toli.core import fetching
from toli.core.domain.limits import LIMITS
from toli.core.errors import NotFetched
from toli.sharing.services import share_link

pytestmark = pytest.mark.django_db
MEGABYTE = 1024 * 1024
FIELDS = {
    "code": "with-a-picture", "act_url": "https://example.org/act", "valid_days": "3", "territory": "IN",
    "title_hi": "शीर्षक", "text_hi": "संदेश", "act_label_hi": "देखें", "title_en": "Title", "text_en": "Text",
    "act_label_en": "Look", "alt_hi": "सूची पर निशान", "alt_en": "A mark on a list",
}  # fmt: skip


def file(data, name="IMG_2041.jpg", kind="image/jpeg"):
    return SimpleUploadedFile(name, data, content_type=kind)


def write(client, **changes):
    return client.post("/console/kits/new", {**FIELDS, **changes})


@pytest.fixture
def web(monkeypatch):
    """A server of the web that has one picture and one page; ``web.address`` is its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = jpeg_with_everything() if self.path == "/a.jpg" else b"<html>no picture"
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    port = server.server_address[1]
    outside = fetching.Network(
        reachable=lambda address: str(address) == "127.0.0.1",
        resolve=lambda host, _port: ["127.0.0.1" if host == "pictures.example" else "10.0.0.1"],
        ports=frozenset({port, 80, 443}),
    )
    monkeypatch.setattr(fetching, "INTERNET", outside)
    yield f"http://pictures.example:{port}"
    server.shutdown()
    server.server_close()


class TestTheForm:
    def test_a_kit_with_a_file(self, headquarters):
        answer = write(headquarters, picture=file(jpeg_with_everything()))
        kit = Kit.objects.get(code="with-a-picture")
        assert answer.headers["Location"] == f"/console/kits/{kit.pk}"
        kept = KitPicture.objects.get(kit=kit)
        assert SECRET not in bytes(kept.data)
        page = headquarters.get(answer.headers["Location"]).content.decode()
        assert f'src="/console/kits/{kit.pk}/picture.jpg" alt="A mark on a list" width="320" height="200"' in page

    def test_a_kit_with_an_address(self, headquarters, web):
        write(headquarters, picture_address=f"{web}/a.jpg")
        kept = KitPicture.objects.get(kit__code="with-a-picture")
        assert SECRET not in bytes(kept.data)

    def test_a_kit_without(self, headquarters):
        assert write(headquarters, alt_hi="", alt_en="").status_code == 303
        assert not KitPicture.objects.exists()

    @pytest.mark.parametrize("missing", ["alt_hi", "alt_en"])
    def test_what_it_shows_has_to_be_said(self, headquarters, missing):
        page = write(headquarters, picture=file(picture()), **{missing: ""}).content.decode()
        assert "Please say what the picture shows." in page
        assert "please choose it again" in page, "browsers do not keep files"
        assert not Kit.objects.filter(code="with-a-picture").exists()

    @pytest.mark.parametrize(
        ("data", "words"),
        [(b"<svg onload=alert(1)>", "not a JPEG"), (b"", "not a JPEG"), (moving("GIF"), "not a JPEG"),
         (moving("PNG"), "Moving pictures"), (png_that_says(30_000, 30_000), "million pixels"),
         (picture()[:300], "cannot be opened"), (picture() + b"\0" * (10 * MEGABYTE), "more than 10 MB")],
    )  # fmt: skip
    def test_a_refused_file_is_said_at_its_field_and_nothing_is_kept(self, headquarters, data, words):
        answer = write(headquarters, picture=file(data, "a.jpg"))
        page = answer.content.decode()
        assert answer.status_code == 200
        assert re.search(rf'id="picture-error" role="alert">[^<]*{words}', page)
        assert 'value="Title"' in page, "what was written stays"
        assert not Kit.objects.filter(code="with-a-picture").exists()

    @pytest.mark.parametrize("path", ["/page.html"])
    def test_a_page_is_no_picture(self, headquarters, web, path):
        assert "not a JPEG" in write(headquarters, picture_address=web + path).content.decode()

    @pytest.mark.parametrize(
        "address",
        ["http://10.0.0.1/", "http://inside.example/", "http://169.254.169.254/latest/", "https://localhost/"],
    )
    def test_the_inside_is_refused_in_the_same_words(self, headquarters, web, address):
        answer = write(headquarters, picture_address=address)
        found = re.search(r'id="picture_address-error" role="alert">([^<]*)<', answer.content.decode())
        assert found[1] == str(NotFetched())

    def test_file_and_address_at_once(self, headquarters):
        page = write(headquarters, picture=file(picture()), picture_address="https://pictures.example/a.jpg")
        assert "not both" in page.content.decode()

    def test_refusals_in_hindi(self, headquarters):
        headquarters.cookies["lang"] = "hi"
        with translation.override("hi"):
            page = write(headquarters, picture=file(b"GIF89a")).content.decode()
        assert "JPEG, PNG या WebP तस्वीर नहीं है" in page

    def test_without_the_token_of_the_form_nothing_is_read(self, world, monkeypatch):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(make.make_headquarters(), backend="django.contrib.auth.backends.ModelBackend")
        assert write(strict, picture=file(picture())).status_code == 403
        assert not KitPicture.objects.exists()

    def test_too_often(self, headquarters):
        for _try in range(LIMITS["pictures.person"].times):
            write(headquarters, picture=file(b"GIF89a"))
        answer = write(headquarters, picture=file(b"GIF89a"))
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0


class TestChanging:
    @pytest.fixture
    def draft(self, world):
        kit = make.make_kit("IN", state="draft")
        make.make_picture(kit)
        return kit

    def test_another_picture_other_words_none(self, headquarters, draft):
        address = f"/console/kits/{draft.pk}/picture"
        words = {"alt_hi": "नीला", "alt_en": "A blue one"}
        before = KitPicture.objects.get().digest
        assert headquarters.post(address, {"picture": file(picture(colour="navy")), **words}).status_code == 303
        assert KitPicture.objects.get().digest != before
        assert headquarters.post(address, {**words, "alt_en": "A navy one"}).status_code == 303
        assert KitPicture.objects.get().alt["en"] == "A navy one"
        assert 'value="A navy one"' in headquarters.get(address).content.decode()
        assert headquarters.post(address, {"act": "remove"}).status_code == 303
        assert not KitPicture.objects.exists()

    def test_words_without_a_picture(self, headquarters, world):
        kit = make.make_kit("IN", state="draft")
        page = headquarters.post(f"/console/kits/{kit.pk}/picture", {"alt_hi": "क", "alt_en": "b"}).content.decode()
        assert "Please choose a picture" in page

    @pytest.mark.parametrize("state", ["in_review", "approved", "live"])
    def test_not_any_more(self, headquarters, world, state):
        kit = make.make_kit("IN", state=state)
        make.make_picture(kit)
        address = f"/console/kits/{kit.pk}/picture"
        assert headquarters.get(address).headers["Location"] == f"/console/kits/{kit.pk}"
        headquarters.post(address, {"act": "remove"})
        assert KitPicture.objects.exists()
        assert "/picture" not in headquarters.get(f"/console/kits/{kit.pk}").content.decode().replace(
            "/picture.jpg", ""
        )

    def test_somebody_elses(self, coordinator, neighbour, draft):
        assert coordinator.get(f"/console/kits/{draft.pk}/picture").status_code in {403, 404}
        assert neighbour.get(f"/console/kits/{draft.pk}/picture.jpg").status_code == 404


class TestShowing:
    @pytest.fixture
    def kept(self, world):
        return make.make_picture(world.kit)

    def test_the_file(self, kept, client):
        answer = client.get(f"/m/{kept.digest}.jpg")
        assert answer.status_code == 200
        assert answer.content == bytes(kept.data)
        assert opened(answer.content).format == "JPEG"
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"] == 'inline; filename="picture.jpg"'
        found = re.fullmatch(r"public, max-age=(\d+), immutable", answer.headers["Cache-Control"])
        assert 0 < int(found[1]) <= 7 * 86400, "not longer than the kit is valid"
        assert "Set-Cookie" not in answer.headers

    def test_caches_that_many_share_get_no_cookie(self, kept, client):
        answer = client.get(f"/m/{kept.digest}.jpg?lang=en")
        assert answer.status_code == 200
        assert not answer.cookies
        assert client.get("/?lang=en").cookies["lang"].value == "en", "the control"

    @pytest.mark.parametrize("digest", ["0" * 64, "x", "a" * 5000])
    def test_what_is_not_there(self, client, digest):
        answer = client.get(f"/m/{digest}.jpg")
        assert answer.status_code == 404
        assert "no-store" in answer.headers["Cache-Control"]

    def test_from_the_moment_it_is_withdrawn_it_is_gone(self, kept, client, headquarters):
        headquarters.post(f"/console/kits/{kept.kit_id}/withdraw", {"reason": "an error"})
        assert client.get(f"/m/{kept.digest}.jpg").status_code == 404
        private = headquarters.get(f"/console/kits/{kept.kit_id}/picture.jpg")
        assert private.status_code == 200
        assert private.headers["Cache-Control"] == "private, no-store"

    def test_the_page_that_is_shared(self, kept, world, client, settings):
        settings.BASE_URL = "https://toli.example"
        code = share_link(member_id=world.member.pk, kit_id=world.kit.pk, channel="whatsapp").code
        page = client.get(f"/s/{code}?lang=en").content.decode()
        assert f'<meta property="og:image" content="https://toli.example/m/{kept.digest}.jpg">' in page
        assert '<meta property="og:image:width" content="320">' in page
        assert '<meta property="og:image:alt" content="A mark on a list">' in page
        assert f'<img class="shown" src="/m/{kept.digest}.jpg" alt="A mark on a list" width="320" height="200">' in page
        assert 'class="poster"' not in page
        assert 'alt="सूची पर एक निशान"' in client.get(f"/s/{code}?lang=hi").content.decode()

    def test_the_members_page(self, kept, sunita):
        page = sunita.get("/me").content.decode()
        assert f'src="/me/poster/{kept.kit.code}/small.webp" alt="A mark on a list"' in page

    def test_without_a_picture_the_words_are_the_poster(self, world, client):
        code = share_link(member_id=world.member.pk, kit_id=world.kit.pk, channel="whatsapp").code
        page = client.get(f"/s/{code}").content.decode()
        assert 'class="poster"' in page
        assert "og:image" not in page

    def test_a_large_width_is_not_grouped(self, world, client):
        make.make_picture(world.kit, width=1280, height=1280)
        code = share_link(member_id=world.member.pk, kit_id=world.kit.pk, channel="whatsapp").code
        assert 'width="1280" height="1280"' in client.get(f"/s/{code}").content.decode()


class TestTheBody:
    def test_more_than_a_page_takes_is_refused_before_it_is_read(self, headquarters, monkeypatch):
        monkeypatch.setattr("django.http.request.HttpRequest._load_post_and_files", _never)
        answer = headquarters.post("/console/kits/new", {"picture": file(b"x" * 13 * MEGABYTE)})
        assert answer.status_code == 413
        assert "more than 12 MB" in answer.content.decode()

    def test_only_pages_that_say_so_take_files(self, client):
        assert client.post("/verify", {"code": "x", "file": file(b"x" * 3 * MEGABYTE)}).status_code == 413
        assert client.post("/verify", {"code": "x", "file": file(b"x" * MEGABYTE)}).status_code != 413

    @pytest.mark.parametrize("length", ["-1", "1e9", "0x10", "999999999999999999999999", "²"])
    def test_a_length_that_is_none(self, client, length):
        answer = client.generic(
            "POST", "/verify", b"code=x", "application/x-www-form-urlencoded", CONTENT_LENGTH=length
        )
        assert answer.status_code == 413

    def test_a_very_large_body_on_a_real_server(self, live_server):
        import http.client
        from urllib.parse import urlsplit

        at = urlsplit(live_server.url)
        connection = http.client.HTTPConnection(at.hostname, at.port, timeout=10)
        connection.putrequest("POST", "/console/kits/new")
        connection.putheader("Content-Type", "multipart/form-data; boundary=x")
        connection.putheader("Content-Length", str(10**12))
        connection.endheaders()
        assert connection.getresponse().status == 413


def _never(*_arguments):
    raise AssertionError("the body was read")
