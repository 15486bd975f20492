"""Real server processes on one database: limits hold for all together; what https changes; whom they believe."""

import contextlib
import re
import shutil
import socket
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.cookies import SimpleCookie

import psycopg
import pytest

from tests.migrated import migrated_into
from tests.security.installation import Installation, end, free_port
from toli.core.domain.limits import LIMITS
from toli.core.embedded_postgres import EmbeddedPostgres

HOST = "toli.example.org"
FORM = "application/x-www-form-urlencoded"
# Two that speak http, one that people reach by https through a proxy on this machine, one whose proxy is elsewhere.
SERVERS = {
    "first": {},
    "second": {},
    "https": {"TOLI_BASE_URL": f"https://{HOST}", "TOLI_TRUSTED_PROXIES": "127.0.0.1"},
    "elsewhere": {"TOLI_BASE_URL": f"https://{HOST}", "TOLI_TRUSTED_PROXIES": "192.0.2.1"},
}


@dataclass(frozen=True)
class Server:
    here: Installation
    port: int

    def ask(self, method, path, body="", **headers):
        return self.here.ask(method, path, body, port=self.port, **headers)

    def form(self, path, fields, **headers):
        """A form, sent as a browser does that has opened its page."""
        page = self.ask("GET", path, **headers)
        jar = "; ".join(value.split(";")[0] for name, value in page.getheaders() if name.lower() == "set-cookie")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": token, **fields})
        return self.ask("POST", path, body, Cookie=jar, Content_Type=FORM, **headers)


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    here = Installation(tmp_path_factory.mktemp("servers"))
    migrated_into(here.folder / "var")
    here.run("account", "create", "asha", "--name", "Asha Rao")
    ports, processes = {name: free_port() for name in SERVERS}, []
    try:
        for name, settings in SERVERS.items():
            processes.append(here.start("serve", "--port", str(ports[name]), "--workers", "1", **settings))
        for port in ports.values():
            here.wait_for_pages(port)
        yield {name: Server(here, port) for name, port in ports.items()}
    finally:
        for process in processes:
            end(process)
        server = EmbeddedPostgres(here.folder / "var" / "postgres")
        server.stop()
        shutil.rmtree(server.home, ignore_errors=True)


@pytest.fixture
def uncounted(servers):
    """Nothing has been tried yet."""
    database = EmbeddedPostgres(servers["first"].here.folder / "var" / "postgres").url()
    with psycopg.connect(database, autocommit=True) as owner:
        owner.execute("DELETE FROM core_limitcounter")
    return servers


def _raw(port, *headers, path="/s/unknown"):
    """The status that answers a request written by hand; b"" where the connection is closed without one."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {HOST}", "X-Forwarded-Proto: https", "Connection: close", *headers]
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=20) as link:
        link.sendall("\r\n".join([*lines, "", ""]).encode("latin1"))
        return (link.makefile("rb").readline() or b"- ").split(b" ")[1]
    return b""


class TestStrangers:
    def test_headers_without_an_end_are_cut_off(self, servers):
        assert _raw(servers["https"].port, "X-Long: " + "a" * 400_000, path="/help") in {b"400", b""}
        assert _raw(servers["https"].port, "X-Long: " + "a" * 20_000, path="/help") == b"200"

    def test_addresses_that_are_none_are_refused(self, servers):
        assert _raw(servers["https"].port, path="/help?\xff") == b"400"
        assert _raw(servers["https"].port, path="/help?" + "a" * 20_000) == b"414"
        assert _raw(servers["https"].port, path="/%ff%00") == b"404"

    def test_what_answers_is_not_told(self, servers):
        answer = servers["first"].ask("GET", "/help")
        assert answer.getheader("Server") is None


BY_HTTPS = {"Host": HOST, "X_Forwarded_Proto": "https", "Origin": f"https://{HOST}"}


class TestTwoProcesses:
    def test_a_limit_holds_for_the_sum_of_all_processes(self, uncounted):
        most = LIMITS["share.unknown_address"].times
        both = [uncounted["first"], uncounted["second"]] * (most // 2 + 10)
        with ThreadPoolExecutor(8) as pool:  # at the same moment, too
            answers = list(pool.map(lambda server: server.ask("GET", "/s/unknown").status, both))
        assert (answers.count(404), answers.count(429)) == (most, len(both) - most)

    def test_tries_at_one_login_are_counted_together(self, uncounted):
        wrong = {"step": "password", "login": "asha", "password": "guess", "code": "000000"}
        most = LIMITS["staff.login"].times
        turns = [uncounted["first"], uncounted["second"]] * (most // 2 + 1)
        answers = [server.form("/sign-in/staff", wrong).status for server in turns]
        assert answers == [400] * most + [429] * 2


class TestWhomTheyBelieve:
    def test_without_a_proxy_a_made_up_address_counts_for_nothing(self, uncounted):
        most = LIMITS["share.unknown_address"].times
        answers = [
            uncounted["first"]
            .ask("GET", "/s/unknown", X_Forwarded_For=f"198.51.100.{n}", X_Real_Ip=f"10.0.0.{n}")
            .status
            for n in range(most + 2)
        ]
        assert answers.count(429) == 2

    def test_behind_a_proxy_the_address_is_what_the_proxy_saw(self, uncounted):
        def asked(seen, told):
            header = f"{told}, {seen}" if told else seen
            return uncounted["https"].ask("GET", "/s/unknown", **BY_HTTPS, X_Forwarded_For=header).status

        most = LIMITS["share.unknown_address"].times
        answers = [asked("203.0.113.5", f"198.51.100.{n}") for n in range(most + 2)]
        assert answers.count(429) == 2
        assert asked("203.0.113.6", "203.0.113.5") == 404  # whoever pretends to be them is somebody else

    def test_a_header_written_with_underscores_is_not_the_proxys(self, servers):
        most = LIMITS["share.unknown_address"].times
        answers = [_raw(servers["https"].port, f"X-Forwarded-For: 203.0.113.7\r\nX_Forwarded_For: 198.51.100.{n}")
                   for n in range(most + 2)]  # fmt: skip
        assert answers.count(b"429") == 2

    @pytest.mark.parametrize("header", ["X_Forwarded_Proto", "X_Forwarded_Ssl", "X_Url_Scheme", "Forwarded"])
    def test_that_it_was_https_is_believed_from_the_named_proxy_only(self, servers, header):
        value = {"X_Forwarded_Ssl": "on", "Forwarded": "proto=https"}.get(header, "https")
        answer = servers["elsewhere"].ask("GET", "/help", Host=HOST, **{header: value})
        assert (answer.status, answer.getheader("Location")) == (301, f"https://{HOST}/help")


class TestHttps:
    def cookies(self, answer):
        jar = SimpleCookie()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                jar.load(value)
        return jar

    def test_cookies_are_bound_to_this_host_and_to_https(self, servers):
        jar = self.cookies(servers["https"].ask("GET", "/sign-in?next=/me/data&lang=en", **BY_HTTPS))
        assert set(jar) == {"__Host-toli", "__Host-csrf", "lang"}
        for name, morsel in jar.items():
            assert morsel["secure"], name
            assert morsel["httponly"], name
            assert morsel["samesite"] == "Lax", name
            assert (morsel["path"], morsel["domain"]) == ("/", ""), name

    def test_the_control_by_http_they_have_plain_names(self, servers):
        jar = self.cookies(servers["first"].ask("GET", "/sign-in?next=/me/data"))
        assert set(jar) == {"toli", "csrf"}
        assert not any(morsel["secure"] for morsel in jar.values())

    def test_browsers_are_told_to_stay_on_https(self, servers):
        answer = servers["https"].ask("GET", "/", **BY_HTTPS)
        assert answer.getheader("Strict-Transport-Security") == "max-age=31536000; includeSubDomains"
        assert servers["first"].ask("GET", "/").getheader("Strict-Transport-Security") is None

    @pytest.mark.parametrize("path", ["/", "/help?a=1&b=%2F", "/static/css/app.css", "//evil.example/x", "/nowhere"])
    def test_http_leads_over_to_https_on_our_own_host(self, servers, path):
        answer = servers["https"].ask("GET", path, Host=HOST)
        assert answer.status == 301
        parts = urllib.parse.urlsplit(answer.getheader("Location"))
        assert (parts.scheme, parts.netloc) == ("https", HOST)
        assert answer.getheader("Set-Cookie") is None

    def test_a_form_by_http_is_refused_unread(self, servers):
        answer = servers["https"].ask("POST", "/sign-in", "step=phone&phone=1", Host=HOST, Content_Type=FORM)
        assert (answer.status, answer.text) == (403, "https only\n")

    def test_a_form_by_https_is_taken(self, uncounted):
        answer = uncounted["https"].form("/verify", {"code": "x"}, **BY_HTTPS)
        assert answer.status == 404

    def test_machines_that_watch_may_ask_by_http(self, servers):
        assert servers["https"].ask("GET", "/healthz").status == 200

    def test_without_a_named_proxy_the_server_does_not_start(self, servers):
        here = servers["first"].here
        process = here.start("serve", "--port", str(free_port()), TOLI_BASE_URL=f"https://{HOST}")
        assert process.wait(60) == 2
        assert "set TOLI_TRUSTED_PROXIES" in (here.folder / "serve.log").read_text().replace("\n", " ")
