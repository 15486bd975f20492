"""Nobody makes us fetch from inside (threat T10). Real servers on 127.0.0.1, the real way there."""

import asyncio
import gzip
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import settings as laws
from hypothesis import strategies as st

from toli.core import fetching
from toli.core.domain.networks import is_public, parsed
from toli.core.errors import AddressUnfit, NotFetched
from toli.core.fetching import Network, fetch

HOST = "pictures.example"
MOST = 100_000
INSIDE = ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
          "0.0.0.0/8", "224.0.0.0/4")  # fmt: skip


class Server:
    """Answers each path by a function that gets the handler; remembers what it was asked."""

    def __init__(self, pages, *, certificate=None):
        self.asked, self.names = [], []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.asked.append((self.path, dict(self.headers)))
                self.close_connection = True
                pages[self.path.partition("?")[0]](self)

            def log_message(self, *_arguments):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            context.sni_callback = lambda _socket, name, _context: self.names.append(name)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        self._http.shutdown()
        self._http.server_close()


def says(body, status=200, **headers):
    def page(handler):
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return page


def leads_to(address, status=302):
    return says(b"moved", status, Location=address)


def drips(handler):
    """One byte of the body after another, for ever."""
    handler.send_response(200)
    handler.send_header("Content-Length", "50000")
    handler.end_headers()
    _drip(handler, b"x")


def drips_headers(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    _drip(handler, b"X-A: b\r\n")


def never_ends(handler):
    handler.send_response(200)
    handler.end_headers()
    _drip(handler, b"x" * 65536, pause=0)


def _drip(handler, piece, pause=0.05):
    try:
        while True:
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(pause)
    except OSError:
        pass


@pytest.fixture
def serve():
    """``serve(pages)``: a server on 127.0.0.1."""
    started = []

    def start(pages, **options):
        started.append(Server(pages, **options))
        return started[-1]

    yield start
    for server in started:
        server.stop()


def world(*servers, names=None, inside=False, **options):
    """A network in which names mean what the test says, and 127.0.0.1 is outside unless ``inside``."""
    lookups = []

    def resolve(host, port):
        lookups.append(host)
        return (names or {}).get(host, ["127.0.0.1"])

    network = Network(
        reachable=is_public if inside else lambda address: str(address) == "127.0.0.1",
        resolve=resolve,
        ports=frozenset(server.port for server in servers) | {80, 443},
        **options,
    )
    return network, lookups


class TestWhatIsFetched:
    def test_a_file_of_the_web(self, serve):
        server = serve({"/a.jpg": says(b"picture")})
        network, lookups = world(server)
        address = f"http://{HOST}:{server.port}/a.jpg?size=%2F#top"
        assert fetch(address, most_bytes=MOST, accept="image/png", network=network) == b"picture"
        path, headers = server.asked[0]
        assert path == "/a.jpg?size=%2F"
        assert headers["Host"] == f"{HOST}:{server.port}"
        assert headers["Accept"] == "image/png"
        assert not {"Cookie", "Authorization", "Referer", "X-Forwarded-For"} & set(headers)
        assert lookups == [HOST], "looked up once"

    def test_an_address_without_a_path_and_one_in_hindi(self, serve):
        server = serve({"/": says(b"start"), "/%E0%A4%9A": says(b"hindi")})
        network, lookups = world(server)
        assert fetch(f"http://{HOST}:{server.port}", most_bytes=MOST, network=network) == b"start"
        assert fetch(f"http://उदाहरण.example:{server.port}/च", most_bytes=MOST, network=network) == b"hindi"
        assert lookups[-1] == "xn--p1b6ci4b4b3a.example"

    def test_redirects_are_followed_and_each_is_looked_up(self, serve):
        pages = {"/1": leads_to("/2", 301), "/2": leads_to("https://nowhere.example/"), "/3": says(b"there")}
        server = serve(pages)
        pages["/2"] = leads_to(f"http://other.example:{server.port}/3", 307)
        network, lookups = world(server)
        assert fetch(f"http://{HOST}:{server.port}/1", most_bytes=MOST, network=network) == b"there"
        assert lookups == [HOST, HOST, "other.example"]
        assert server.asked[2][1]["Host"] == f"other.example:{server.port}"

    def test_the_second_address_where_the_first_does_not_answer(self, serve):
        server = serve({"/": says(b"yes")})
        network, _lookups = world(server, names={HOST: ["127.0.0.2", "127.0.0.1"]})
        both = Network(lambda address: address.is_loopback, network.resolve, network.ports)
        assert fetch(f"http://{HOST}:{server.port}/", most_bytes=MOST, network=both) == b"yes"

    def test_encrypted_with_the_name_not_the_number(self, serve, certificate):
        server = serve({"/": says(b"safe")}, certificate=certificate.files)
        network, _lookups = world(server, trust=certificate.trusted)
        assert fetch(f"https://{HOST}:{server.port}/", most_bytes=MOST, network=network) == b"safe"
        assert server.names == [HOST]

    def test_from_within_an_event_loop(self, serve):
        server = serve({"/": says(b"yes")})
        network, _lookups = world(server)

        async def caller():
            return fetch(f"http://{HOST}:{server.port}/", most_bytes=MOST, network=network)

        with ThreadPoolExecutor(1) as pool:  # browser tests leave a loop running in the first thread
            assert pool.submit(lambda: asyncio.run(caller())).result() == b"yes"

    def test_something_too_long_is_cut_off_one_byte_later(self, serve):
        server = serve({"/": says(b"x" * 200)})
        network, _lookups = world(server)
        assert len(fetch(f"http://{HOST}:{server.port}/", most_bytes=200, network=network)) == 200
        assert len(fetch(f"http://{HOST}:{server.port}/", most_bytes=100, network=network)) == 101


class TestWhereWeDoNotGo:
    @pytest.fixture(autouse=True)
    def _nobody_connects(self, request, monkeypatch):
        """These fail before a connection is made: the connection itself would fail the test."""
        if "serve" not in request.fixturenames:

            async def connected(*_arguments):
                raise AssertionError("a connection was made")

            monkeypatch.setattr(fetching, "_open", connected)

    @pytest.mark.parametrize(
        "address",
        ["ftp://example.org/a.jpg", "file:///etc/passwd", "gopher://127.0.0.1:11211/x", "javascript:alert(1)",
         "data:image/png;base64,x", "http://user:pw@example.org/", "http://user@example.org/", "//example.org/a",
         "a.jpg", "http:///a", "http://example.org:22/", "http://example.org:8000/", "https://example.org:5432/", "",
         "http://exa mple.org/", "http://example.org\\@127.0.0.1/", "http://[::1", "http://a%2eb/",
         "unix:///var/run/docker.sock", "http://example.org:80800/"],
    )  # fmt: skip
    def test_what_is_no_address_of_the_web(self, address):
        with pytest.raises(AddressUnfit):
            fetch(address, most_bytes=MOST, network=world()[0])

    @pytest.mark.parametrize(
        "host",
        ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "017700000001", "0", "[::1]", "[::]",
         "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::a00:1]",
         "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fe80::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]",
         "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518", "100.100.100.200",
         "168.63.129.16", "192.0.0.192", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "198.18.0.1",
         "224.0.0.1", "255.255.255.255", "240.0.0.1", "１２７.0.0.1", "①②⑦.0.0.1", "localhost"],
    )  # fmt: skip
    def test_what_leads_inside_in_whatever_writing(self, host):
        """By the rules as shipped; only the port is free, so that it is the number that is refused."""
        with pytest.raises((NotFetched, AddressUnfit)):
            fetch(f"http://{host}/latest/meta-data/", most_bytes=MOST)

    @laws(max_examples=200)
    @given(st.data())
    def test_every_writing_of_every_number_inside(self, data):
        inside = ip_network(data.draw(st.sampled_from(INSIDE)))
        number = int(inside.network_address) + data.draw(st.integers(0, inside.num_addresses - 1))
        host = data.draw(st.sampled_from(writings(number)))
        tries = []

        async def connected(*arguments):
            tries.append(arguments)
            raise fetching._Refused

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(fetching, "_open", connected)
            with pytest.raises((NotFetched, AddressUnfit)):
                fetch(f"http://{host}/", most_bytes=MOST, network=Network(resolve=numbers_only, trust=nobody))
        assert not tries

    def test_the_control_a_number_outside_is_connected_to(self, monkeypatch):
        tries = []

        async def connected(_session, _target, addresses):
            tries.extend(str(address) for address in addresses)
            raise fetching._Refused

        monkeypatch.setattr(fetching, "_open", connected)
        for host in ("93.184.216.34", "0x5db8d822", "[2606:2800:220:1::1]"):
            with pytest.raises(NotFetched):
                fetch(f"http://{host}/", most_bytes=MOST, network=Network(resolve=numbers_only))
        assert tries == ["93.184.216.34", "93.184.216.34", "2606:2800:220:1::1"]

    def test_a_name_of_which_one_address_leads_inside(self):
        network, _lookups = world(names={HOST: ["93.184.216.34", "10.0.0.1"]}, inside=True)
        with pytest.raises(NotFetched):
            fetch(f"http://{HOST}/", most_bytes=MOST, network=network)

    @pytest.mark.parametrize("found", [[], ["nonsense"], ["fe80::1%eth0"], ["0x7f000001"]])
    def test_a_resolver_that_says_something_odd(self, found):
        with pytest.raises(NotFetched):
            fetch(f"http://{HOST}/", most_bytes=MOST, network=world(names={HOST: found}, inside=True)[0])

    def test_a_name_that_means_something_else_a_moment_later(self, serve):
        """DNS rebinding: outside when it is asked first, inside ever after. It is asked once, and its answer used."""
        server = serve({"/": says(b"outside")})
        answers = iter([["127.0.0.1"]])

        def resolve(_host, _port):
            return next(answers, ["127.0.0.9"])

        seen = []

        def reachable(address):
            seen.append(str(address))
            return str(address) == "127.0.0.1"

        network = Network(reachable, resolve, frozenset({server.port}))
        assert fetch(f"http://{HOST}:{server.port}/", most_bytes=MOST, network=network) == b"outside"
        assert seen == ["127.0.0.1"]
        with pytest.raises(NotFetched):  # and now it means the inside
            fetch(f"http://{HOST}:{server.port}/", most_bytes=MOST, network=network)

    def test_the_name_is_not_looked_up_behind_our_back(self, serve, monkeypatch):
        server = serve({"/": says(b"yes")})
        network, _lookups = world(server)
        asked = []
        real = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *rest, **more: asked.append(host) or real(host, *rest, **more)
        )
        fetch(f"http://{HOST}:{server.port}/", most_bytes=MOST, network=network)
        assert HOST not in asked
        assert set(asked) <= {"127.0.0.1"}

    @pytest.mark.parametrize(
        "target",
        ["http://169.254.169.254/latest/meta-data/", "http://metadata.example/", "http://[::ffff:169.254.169.254]/",
         "http://2852039166/", "file:///etc/passwd", "http://user:pw@other.example/", "http://127.0.0.1:22/",
         "//metadata.example/x", "gopher://x", "", "http://127.1/"],
    )  # fmt: skip
    def test_a_redirect_to_the_inside(self, serve, target):
        server = serve({"/": leads_to(target)})
        names = {"metadata.example": ["169.254.169.254"]}
        network, _lookups = world(server, names=names)
        mixed = Network(network.reachable, lambda host, port: names.get(host) or _numbers_or(host), network.ports)
        with pytest.raises(NotFetched):
            fetch(f"http://{HOST}:{server.port}/", most_bytes=MOST, network=mixed)
        assert len(server.asked) == 1

    def test_no_more_than_three_redirects(self, serve):
        server = serve({"/": leads_to("/")})
        with pytest.raises(NotFetched):
            fetch(f"http://{HOST}:{server.port}/", most_bytes=MOST, network=world(server)[0])
        assert len(server.asked) == 4

    def test_what_was_encrypted_is_not_led_into_the_open(self, serve, certificate):
        plain = serve({"/": says(b"changed on the way")})
        safe = serve({"/": leads_to(f"http://{HOST}:{plain.port}/")}, certificate=certificate.files)
        network, _lookups = world(plain, safe, trust=certificate.trusted)
        with pytest.raises(NotFetched):
            fetch(f"https://{HOST}:{safe.port}/", most_bytes=MOST, network=network)
        assert not plain.asked

    def test_a_certificate_of_somebody_else(self, serve, certificate):
        server = serve({"/": says(b"no")}, certificate=certificate.files)
        network, _lookups = world(server, trust=certificate.trusted)
        with pytest.raises(NotFetched):
            fetch(f"https://other.example:{server.port}/", most_bytes=MOST, network=network)
        with pytest.raises(NotFetched):  # nobody vouches for it
            fetch(f"https://{HOST}:{server.port}/", most_bytes=MOST, network=world(server)[0])
        assert not server.asked

    def test_no_proxy_of_the_environment_is_used(self, serve, monkeypatch):
        proxy, server = serve({}), serve({"/": says(b"direct")})
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        assert fetch(f"http://{HOST}:{server.port}/", most_bytes=MOST, network=world(server)[0]) == b"direct"
        assert not proxy.asked

    def test_passwords_of_the_machine_are_not_sent(self, serve, monkeypatch, tmp_path):
        (tmp_path / "netrc").write_text(
            f"machine {HOST} login root password secret\nmachine 127.0.0.1 login a password b\n"
        )
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        server = serve({"/": says(b"x")})
        fetch(f"http://{HOST}:{server.port}/", most_bytes=MOST, network=world(server)[0])
        assert "Authorization" not in server.asked[0][1]


class TestServersThatMisbehave:
    @pytest.fixture(autouse=True)
    def _impatient(self, monkeypatch):
        monkeypatch.setattr(fetching, "SECONDS", 1)

    @pytest.mark.parametrize("page", [drips, drips_headers, lambda handler: time.sleep(40)])
    def test_the_time_is_limited_in_all(self, serve, page):
        server = serve({"/": page})
        began = time.monotonic()
        with pytest.raises(NotFetched):
            fetch(f"http://{HOST}:{server.port}/", most_bytes=MOST, network=world(server)[0])
        assert time.monotonic() - began < 30

    def test_redirects_share_the_time(self, serve):
        def slowly(handler):
            time.sleep(0.4)
            leads_to("/")(handler)

        server = serve({"/": slowly})
        with pytest.raises(NotFetched):
            fetch(f"http://{HOST}:{server.port}/", most_bytes=MOST, network=world(server)[0])
        assert len(server.asked) <= 3  # not one second for each

    def test_a_resolver_that_does_not_answer_is_not_waited_for(self):
        began, over = time.monotonic(), threading.Event()
        with pytest.raises(NotFetched):
            fetch(f"http://{HOST}/", most_bytes=MOST, network=Network(resolve=lambda _host, _port: over.wait(40)))
        over.set()
        assert time.monotonic() - began < 30

    def test_a_body_without_end_is_left(self, serve):
        server = serve({"/": never_ends})
        assert len(fetch(f"http://{HOST}:{server.port}/", most_bytes=MOST, network=world(server)[0])) == MOST + 1

    def test_nothing_is_unpacked(self, serve):
        packed = gzip.compress(b"\0" * 50_000_000)
        server = serve({"/": says(packed, Content_Encoding="gzip")})
        assert fetch(f"http://{HOST}:{server.port}/", most_bytes=MOST, network=world(server)[0]) == packed

    @pytest.mark.parametrize(
        "page",
        [says(b"no", 404), says(b"no", 500), says(b"no", 206), says(b"no", 401, WWW_Authenticate="Basic"),
         lambda handler: handler.wfile.write(b"nonsense\r\n\r\n"), lambda handler: None,
         lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n"),
         lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\nA: " + b"b" * 100_000 + b"\r\n\r\n"),
         lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
         lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
         lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")],
    )  # fmt: skip
    def test_answers_that_are_none(self, serve, page):
        server = serve({"/": page})
        with pytest.raises(NotFetched):
            fetch(f"http://{HOST}:{server.port}/", most_bytes=MOST, network=world(server)[0])

    def test_every_refusal_reads_the_same(self, serve):
        """Inside and open, inside and closed, outside and broken, a name that is none: nobody can tell them apart."""
        server = serve({"/": says(b"no", 404)})
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]

        def unknown(_host, _port):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        texts = set()
        for network, where in (
            (world(server)[0], server.port), (world(server, inside=True)[0], server.port),
            (Network(lambda _address: True, lambda _host, _port: ["127.0.0.1"], frozenset({port})), port),
            (Network(resolve=unknown), 80),
        ):  # fmt: skip
            with pytest.raises(NotFetched) as caught:
                fetch(f"http://{HOST}:{where}/", most_bytes=MOST, network=network)
            texts.add(str(caught.value))
            assert caught.value.__cause__ is None
        assert len(texts) == 1


class TestTheNumbers:
    @given(st.ip_addresses(v=4))
    def test_what_python_calls_inside_is_inside(self, address):
        assert not (is_public(address) and (address.is_private or address.is_multicast or address.is_loopback))

    @given(st.ip_addresses(v=6))
    def test_so_with_the_long_ones(self, address):
        assert not (is_public(address) and (address.is_private or address.is_multicast or address.is_reserved))

    @given(st.ip_addresses(v=4))
    def test_no_short_number_hides_in_a_long_one(self, address):
        for network in ("::ffff:0:0", "64:ff9b::", "::", "64:ff9b:1::"):
            assert not is_public(IPv6Address(int(IPv6Address(network)) + int(address)))
        assert not is_public(IPv6Address((0x2002 << 112) + (int(address) << 80)))

    @pytest.mark.parametrize("text", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2404:6800:4009::200e", "1.1.1.1"])
    def test_the_world_is_outside(self, text):
        assert is_public(ip_address(text))

    def test_only_the_usual_writing_is_read(self):
        assert parsed("fe80::1%eth0") == IPv6Address("fe80::1")
        assert parsed("10.0.0.1") == IPv4Address("10.0.0.1")
        assert parsed("0x7f.1") is parsed("010.0.0.1") is parsed("") is None


def writings(number):
    """Ways in which resolvers and browsers let an IPv4 address be written."""
    a, b, c, d = number >> 24, number >> 16 & 255, number >> 8 & 255, number & 255
    address = IPv4Address(number)
    return [
        str(address), str(number), hex(number), f"0{number:o}", f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{number & 0xFFFF}",
        f"{a:#x}.{b:#x}.{c:#x}.{d:#x}", f"0{a:o}.0{b:o}.0{c:o}.0{d:o}", f"{a:#x}.0{b:o}.{c}.{d:#X}", f"{address}.",
        f"[::ffff:{address}]", f"[::ffff:{number >> 16:x}:{number & 0xFFFF:x}]", f"[::{address}]",
        f"[64:ff9b::{address}]", f"[2002:{number >> 16:x}:{number & 0xFFFF:x}::1]", f"[0:0:0:0:0:FFFF:{address}]",
        str(address).translate({ord("0") + n: ord("０") + n for n in range(10)}), str(address).replace(".", "。"),
    ]  # fmt: skip


def nobody():
    """Reading the system's certificates takes longer than the rest of a test without a connection."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def numbers_only(host, port):
    """What the system's resolver makes of a number, without asking anybody on the net."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    return [entry[4][0] for entry in found]


def _numbers_or(host):
    try:
        return numbers_only(host, 80)
    except OSError:
        return ["127.0.0.1"]


class Certificate:
    """Made out to ``HOST`` by somebody whom only the test trusts."""

    def __init__(self, folder):
        self._authority = folder / "authority.pem"
        self.files = (folder / "server.pem", folder / "server.key")
        now = datetime.now(UTC)
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
        issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test")])
        for name, key, is_authority, path in (
            (issuer, keys[0], True, self._authority),
            (x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)]), keys[1], False, self.files[0]),
        ):
            made = (
                x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(key.public_key())
                .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
                .not_valid_after(now + timedelta(days=2))
                .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
                .add_extension(
                    x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[0].public_key()), critical=False)
            )  # fmt: skip
            if not is_authority:
                made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
            path.write_bytes(made.sign(keys[0], hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        plain = serialization.NoEncryption()
        self.files[1].write_bytes(
            keys[1].private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        )

    def trusted(self):
        return ssl.create_default_context(cafile=str(self._authority))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return Certificate(tmp_path_factory.mktemp("certificate"))
