"""Every route, as everybody sees it: nothing inline, nothing from elsewhere, nothing kept, nothing without a token."""

import re
from pathlib import Path

import pytest
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.test import Client

from tests.matrix import cells
from tests.web.html import read
from toli.accounts.models import Session

pytestmark = pytest.mark.django_db
WHO = ("anonymous", "member", "coordinator", "headquarters")
TEMPLATES = Path(__file__).resolve().parents[2] / "src" / "toli" / "web" / "templates"


def answers(furnished, pattern, methods=("GET", "POST")):
    """What the route says to everybody, with the thing that it is about and without; at the door to each once."""
    ask = cells.asking(furnished)
    for cell in cells.cells(pattern, WHO):
        places = {"", "own"} if cells.turned_away(furnished.roles[cell.role], cell) else {"", "own", "other"}
        if cell.method in methods and cell.place in places:
            yield cell, ask(cell)


every_route = pytest.mark.parametrize("pattern", cells.routes(), ids=lambda pattern: "/" + str(pattern.pattern))


def policy(answer):
    """The directives of the answer's Content-Security-Policy."""
    parts = (part.split() for part in answer.headers["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in parts}


@every_route
def test_every_answer_is_kept_to_itself(pattern, furnished):
    for cell, answer in answers(furnished, pattern):
        _headers_keep_others_out(cell, answer)
        _nothing_is_inline_or_from_elsewhere(cell, answer)
        kept = "no-store" not in answer.headers["Cache-Control"]
        assert not kept or _is_for_everybody(cell, answer) or _is_asked_for_anew(cell, answer), cell


# What caches may keep: a picture that is named after its content, and files for checking cards.
FOR_EVERYBODY = {
    "m/<slug:digest>.jpg", "m/<slug:digest>.mp4", "v/revoked",
    ".well-known/toli-card-keys.json", ".well-known/did.json", "card-worker.js",
    "enrol-worker.js", "me-worker.js", "work-worker.js", "push-worker.js", "manifest.webmanifest",
}  # fmt: skip


# A member's own poster is large: the phone keeps it, and shows it only after it has asked whoever is signed in.
ASKED_ANEW = {"me/poster/<slug:code>/small.webp", "me/poster/<slug:code>.webp", "me/poster/<slug:code>.jpg"}


def _is_asked_for_anew(cell, answer):
    return cell.route in ASKED_ANEW and answer.headers["Cache-Control"] == "private, no-cache"


def _is_for_everybody(cell, answer):
    """It is public and the same for everybody, and nobody's session clings to it."""
    return cell.route in FOR_EVERYBODY and answer.status_code == 200 and "Set-Cookie" not in answer.headers


def _headers_keep_others_out(cell, answer):
    headers, rules = answer.headers, policy(answer)
    assert headers["X-Content-Type-Options"] == "nosniff", cell
    assert headers["X-Frame-Options"] == "DENY", cell
    assert headers["Referrer-Policy"] == "same-origin", cell
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin", cell
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin", cell
    assert "camera=()" in headers["Permissions-Policy"], cell
    assert rules["frame-ancestors"] == rules["object-src"] == rules["base-uri"] == ["'none'"], cell
    for name, values in rules.items():
        assert not [value for value in values if "unsafe" in value or value in {"*", "https:", "http:"}], (cell, name)
        if name not in {"form-action", "img-src"}:
            assert set(values) <= {"'self'", "'none'", "'script'"}, (cell, name)


def _nothing_is_inline_or_from_elsewhere(cell, answer):
    if "html" not in answer.headers["Content-Type"]:
        return
    found = read(answer.content.decode())
    assert not found.inline, (cell, found.inline)
    assert not [address for address in found.loaded if not re.match(r"/(?!/)|#|data:image/", address)], cell
    assert not [address for address in found.sent if not re.match(r"/(?!/)|\?|$", address)], cell
    assert not [address for address in found.followed if not re.match(r"/(?!/)|#|\?|https://|mailto:|tel:", address)], (
        cell
    )


# Other servers and mail programs post here, and what they may get for an answer: what they say is proved by a secret of
# their own (tests/botgroups), or by the token in the address, which only the receiver has (tests/web/test_mailbox.py).
PROVED_OTHERWISE = {"hooks/groups/<slug:provider>": {403, 404, 409}, "c/<str:token>/now": {200, 404}}


@every_route
def test_a_form_without_its_token_changes_nothing(pattern, furnished):
    for cell in cells.cells(pattern, WHO):
        if cell.method == "POST" and cell.place in {"", "own"}:
            person = furnished.roles[cell.role]
            strict = Client(enforce_csrf_checks=True)
            strict.cookies = person.client.cookies
            answer = cells.ask(with_client(furnished, cell.role, strict), cell)
            if cell.route == "join":  # a step that was sent twice leads back to where one is
                assert (answer.status_code, answer["Location"]) in {(303, "/join"), (303, "/me")}, cell
                continue
            if cell.route in PROVED_OTHERWISE:
                assert answer.status_code in PROVED_OTHERWISE[cell.route], cell
                continue
            assert answer.status_code == 403, (cell, answer.status_code)
            assert "open for too long" in answer.content.decode(), cell


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "pattern",
    [pattern for pattern in cells.routes() if getattr(pattern.callback, "step_up", False)],
    ids=lambda pattern: str(pattern.pattern),
)
def test_every_guarded_route_asks_for_a_proof(pattern, method, furnished):
    Session.objects.update(proved_at=None)
    who, way = (
        ("member", "/me/confirm") if pattern.callback.access == "member" else ("headquarters", "/sign-in/confirm")
    )
    cell = next(
        cell
        for cell in cells.cells(pattern, (who,))
        if (cell.method, cell.number) == (method, 0) and cell.place in {"", "own"}
    )
    answer = cells.ask(furnished, cell)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{way}?next=/")


def with_client(furnished, role, client):
    """The stage, on which somebody uses another browser."""
    person = furnished.roles[role]
    other = type(person)(person.name, client, person.permissions, person.places)
    return type(furnished)({**furnished.roles, role: other}, furnished.things)


def test_the_control_with_its_token_the_form_is_taken():
    strict = Client(enforce_csrf_checks=True)
    request = HttpRequest()
    token = get_token(request)
    strict.cookies["csrf"] = request.META["CSRF_COOKIE"]
    assert strict.post("/verify", {"code": "x", "csrfmiddlewaretoken": token}).status_code != 403


def test_a_token_from_another_site_does_not_count(settings):
    settings.BASE_URL = "https://toli.example"
    strict = Client(enforce_csrf_checks=True)
    request = HttpRequest()
    token = get_token(request)
    strict.cookies["csrf"] = request.META["CSRF_COOKIE"]
    fields = {"code": "x", "csrfmiddlewaretoken": token}
    assert strict.post("/verify", fields, headers={"origin": "https://evil.example"}).status_code == 403


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "PROPFIND", "CONNECT"])
def test_methods_that_no_page_has(method, client):
    for pattern in cells.routes():
        answer = client.generic(method, "/" + re.sub(r"<\w+:(\w+)>", "1", str(pattern.pattern)))
        assert answer.status_code == 405, pattern
        assert answer.content == b""


def test_no_template_has_code_or_style_in_it():
    for template in TEMPLATES.rglob("*.html"):
        text = re.sub(r"{[%{].*?[%}]}", "x", template.read_text())
        found = read(text)
        assert not found.inline, (template.name, found.inline)
        assert not [address for address in found.loaded if "//" in address], template.name


def test_only_what_is_drawn_by_us_goes_into_a_page_unescaped():
    """``qr`` is an SVG made by segno from an address of ours."""
    unescaped = re.compile(r"\|\s*safe\b|autoescape off|\|\s*safeseq")
    found = [
        line for file in TEMPLATES.rglob("*.html") for line in file.read_text().splitlines() if unescaped.search(line)
    ]
    assert [re.findall(r"{{[^}]*safe[^}]*}}", line) for line in found] == [["{{ qr|safe }}"]]


class TestTheReaderOfPages:
    """The tests above are worth as much as it sees."""

    @pytest.mark.parametrize(
        "page",
        [
            "<script>alert(1)</script>", "<p onclick='x'>", "<p style='color:red'>", "<style>p{}</style>",
            "<svg onload=alert(1)>", "<iframe srcdoc='x'>",
        ],
    )  # fmt: skip
    def test_finds_what_is_inline(self, page):
        assert read(page).inline

    def test_finds_what_is_loaded_and_followed(self):
        found = read(
            "<img src=//cdn.example/x.png><link href=https://fonts.example/y><a href=javascript:alert(1)>z</a>"
        )
        assert found.loaded == ["//cdn.example/x.png", "https://fonts.example/y"]
        assert found.followed == ["javascript:alert(1)"]


class TestHost:
    @pytest.mark.parametrize(
        "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "", "a b", "[::1"]
    )
    def test_another_host_is_refused(self, host, client, settings):
        settings.ALLOWED_HOSTS = ["toli.example", "127.0.0.1", "localhost"]
        answer = client.get("/", HTTP_HOST=host)
        assert answer.status_code == 400
        assert host == "" or host not in answer.content.decode()

    @pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-Url", "X-Rewrite-Url"])
    def test_a_host_by_the_back_door_is_not_believed(self, header, client):
        answer = client.get("/console/", headers={header: "host=evil.example"})
        assert "evil" not in answer.headers.get("Location", "") + answer.content.decode()

    def test_links_in_messages_do_not_follow_the_host_of_a_request(self, client, settings):
        """They are made from TOLI_BASE_URL; nothing in the package asks a request for its host."""
        package = TEMPLATES.parents[1]
        asking = re.compile(r"get_host\(|build_absolute_uri|HTTP_HOST|get_current_site")
        assert [file.name for file in package.rglob("*.py") if asking.search(file.read_text())] == []


class TestSize:
    def test_a_body_of_three_megabytes_is_refused(self, client):
        answer = client.post("/verify", "code=" + "x" * 3_000_000, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 413
        assert "more than 2 MB" in answer.content.decode()

    def test_ten_thousand_fields_are_refused(self, client):
        body = "&".join(f"f{n}=1" for n in range(10_000))
        assert client.post("/verify", body, content_type="application/x-www-form-urlencoded").status_code == 400

    @pytest.mark.parametrize("kind", ["application/json", "text/xml", "multipart/form-data", "x"])
    def test_bodies_of_another_kind_are_no_forms(self, kind, client):
        assert client.post("/verify", b"\0\xff<!DOCTYPE x>", content_type=kind).status_code in {200, 400}


class TestFilesThatAreNoPages:
    @pytest.mark.parametrize(
        "path",
        [
            ".git/config", ".env", "secrets.json", "backup.sql", "dump.sql.gz", "var/secrets.json", "settings.py",
            "static/../secrets.json", "static/%2e%2e/%2e%2e/secrets.json", "static/..%2f..%2fpyproject.toml",
            "static/css/app.css.map", "admin", "admin/", "wp-login.php", "server-status", "debug", "__debug__/",
            "media/", "outbox/", "static/", "static/css/",
        ],
    )  # fmt: skip
    def test_are_not_there(self, path, client):
        assert client.get("/" + path).status_code == 404

    def test_what_is_served_names_no_secret_and_no_page_of_the_desk(self):
        assets = TEMPLATES.parent / "static"
        text = "\n".join(file.read_text() for file in assets.rglob("*.*"))
        # But for the one page that opens without a network.
        assert not re.search(r"/console/(?!work\")|secret|password\s*[:=]|api[_-]?key", text, re.IGNORECASE)
