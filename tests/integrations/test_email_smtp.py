"""E-mail: what replies mean, what a message holds, and what cannot be written into it."""

import asyncio
import datetime
import hashlib
import smtplib
import ssl
import time
from ipaddress import ip_address

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from toli.content.errors import PictureNotFound
from toli.core.apart import apart
from toli.emulators.faults import Fault, Faults
from toli.emulators.running import running
from toli.emulators.smtp import MailServer
from toli.integrations.email_smtp import pictures
from toli.integrations.email_smtp.provider import EmailProvider
from toli.integrations.email_smtp.rendering import place_of
from toli.integrations.email_smtp.settings import Settings
from toli.integrations.email_smtp.verdicts import Said, Step, receipt_of
from toli.messaging.dispatcher import Journey
from toli.messaging.domain.mail import InvalidMailAddress, masked, to_mail_address
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.errors import MessageRefused
from toli.messaging.ports import Content, Letter

ID = "0b8f3a52-7c1d-4e7e-9a54-3f2d5a1c9e10"
STOP = "https://connect.a-union-with-a-long-name.toli.example/c/" + "A" * 27
KIT = (
    "Water\n\nClean water\nfor all\nhttps://toli.example/s/abc\n\nPublished by Jan Setu\nTo stop such messages: " + STOP
)


def settings_of(url="smtp://127.0.0.1:25", **more):
    told = {"server": url.replace("http", "smtp"), "address": "news@toli.example", "name": "Jan Setu"}
    return Settings(**{**told, "bounces": "back@toli.example", **more})


def letter(text=KIT, to="7:asha@mail.example", *, call=1, language="en", stop=STOP):
    return Letter(to, Content(text, language=language), (), f"{ID}.{call}", lambda: stop)


def send(settings, *letters, call_seconds=30.0, times=1):
    """Receipts of as many flights as asked for."""
    provider = EmailProvider(settings)

    async def fly():
        found = []
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=call_seconds)) as session:
            for _ in range(times):
                journey = Journey(session, time.monotonic() + 60, 8)
                found += await provider.send([provider.render(item) for item in letters], flight=journey)
        return found

    return apart(lambda: asyncio.run(fly()))


@pytest.fixture
def server():
    found = MailServer()
    with running(found) as url:
        found.url = url
        yield found


def words_in(mail, kind="plain"):
    return mail.get_body((kind,)).get_content().replace("\r\n", "\n")


def sent(server, *letters, **more):
    send(settings_of(server.url, **more), *letters)
    return server.messages[-1].mail


# Step, reply -> verdict, and whether the mailbox is given up.
REPLIES = [
    (Step.CONNECT, "421 4.3.2 busy", Verdict.SLOW_SENDER, False),
    (Step.CONNECT, "554 no", Verdict.PAUSE_SENDER, False),
    (Step.LOGIN, "535 5.7.8 wrong", Verdict.PAUSE_SENDER, False),
    (Step.LOGIN, "454 4.7.0 later", Verdict.SLOW_SENDER, False),
    (Step.FROM, "530 5.7.0 log in", Verdict.PAUSE_SENDER, False),
    (Step.FROM, "550 5.7.1 not your address", Verdict.PAUSE_SENDER, False),
    (Step.FROM, "553 5.1.8 not your address", Verdict.PAUSE_SENDER, False),
    (Step.FROM, "452 4.3.1 disk", Verdict.SLOW_SENDER, False),
    (Step.FROM, "552 5.3.4 too large", Verdict.REFUSED, False),
    (Step.TO, "450 4.7.1 slow down", Verdict.SLOW_SENDER, False),
    (Step.TO, "451 try again", Verdict.SLOW_SENDER, False),
    (Step.TO, "450 4.2.0 mailbox busy", Verdict.SLOW_RECIPIENT, False),
    (Step.TO, "452 4.2.2 full", Verdict.SLOW_RECIPIENT, False),
    (Step.TO, "550 5.1.1 nobody", Verdict.OTHER_CHANNEL, True),
    (Step.TO, "550 nobody", Verdict.OTHER_CHANNEL, True),
    (Step.TO, "551 moved", Verdict.OTHER_CHANNEL, True),
    (Step.TO, "553 5.1.3 bad", Verdict.OTHER_CHANNEL, True),
    (Step.TO, "556 5.1.10 takes no mail", Verdict.OTHER_CHANNEL, True),
    (Step.TO, "550 5.7.1 blocked by policy", Verdict.REFUSED, False),
    (Step.TO, "552 5.2.2 full", Verdict.REFUSED, False),
    (Step.TO, "554 5.7.1 no", Verdict.REFUSED, False),
    (Step.DATA, "421 4.3.0 closing", Verdict.SLOW_SENDER, False),
    (Step.TEXT, "451 4.3.0 later", Verdict.SLOW_SENDER, False),
    (Step.TEXT, "552 5.3.4 too large", Verdict.REFUSED, False),
    (Step.TEXT, "554 5.7.1 spam", Verdict.REFUSED, False),
    (Step.TEXT, "550 5.7.1 spam", Verdict.REFUSED, False),
    (Step.TEXT, "999 what", Verdict.UNKNOWN, False),
    (Step.DATA, "999 what", Verdict.NOT_REACHED, False),
]


@pytest.mark.parametrize(("step", "reply", "verdict", "gone"), REPLIES)
def test_a_reply_means_what_its_step_makes_of_it(step, reply, verdict, gone):
    code, _, text = reply.partition(" ")
    receipt = receipt_of(step, Said.of(int(code), text), mailbox="7")
    assert (receipt.verdict, receipt.expired) == (verdict, ("7",) if gone else ())
    assert text.rpartition(" ")[2] not in receipt.code or len(text) < 2


class TestReplies:
    def test_after_a_refused_mailbox_the_same_connection_goes_on(self, server):
        people = ("7:gone@mail.example", "8:full@mail.example", "9:asha@mail.example")
        receipts = send(settings_of(server.url), *[letter(to=to) for to in people])
        assert [item.verdict for item in receipts] == [
            Verdict.OTHER_CHANNEL, Verdict.SLOW_RECIPIENT, Verdict.ACCEPTED
        ]  # fmt: skip
        assert [item.expired for item in receipts] == [("7",), (), ()]
        assert server.connections == 1

    def test_one_connection_carries_several_flights(self, server):
        assert len(send(settings_of(server.url), letter(), letter(), times=3)) == 6
        assert server.connections == 1

    def test_a_connection_that_the_server_has_closed_is_made_anew(self, server):
        server.faults = Faults(Fault.BUSY, times=1)
        receipts = send(settings_of(server.url), letter(), times=2)
        assert [item.verdict for item in receipts] == [Verdict.SLOW_SENDER, Verdict.ACCEPTED]

    def test_a_wrong_password_stops_the_sender(self, server):
        server.user, server.password = "toli", "right"
        assert send(settings_of(server.url, user="toli", password="right"), letter())[0].verdict is Verdict.ACCEPTED
        (receipt,) = send(settings_of(server.url, user="toli", password="wrong"), letter())
        assert (receipt.verdict, receipt.code) == (Verdict.PAUSE_SENDER, "smtp_535_5.7.8")
        assert send(settings_of(server.url), letter())[0].verdict is Verdict.PAUSE_SENDER

    def test_what_the_server_says_to_the_text_counts(self, server):
        server.text_reply = "554 5.7.1 spam"
        assert send(settings_of(server.url), letter())[0].verdict is Verdict.REFUSED

    def test_too_many_in_a_second_are_told_to_wait(self, server):
        server.per_second = 2
        found = [item.verdict for item in send(settings_of(server.url), *[letter()] * 4)]
        assert found == [Verdict.ACCEPTED] * 2 + [Verdict.SLOW_SENDER] * 2


class TestTls:
    @pytest.fixture
    def certificate(self, tmp_path, monkeypatch):
        """Of this machine, known to whoever asks the system; and what a server needs."""
        key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
        now = datetime.datetime.now(datetime.UTC)
        names = [x509.IPAddress(ip_address(f"127.0.0.{end}")) for end in (1, 2)]
        made = (
            x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName(names), critical=False).sign(key, hashes.SHA256())
        )  # fmt: skip
        path = tmp_path / "one.pem"
        pem = serialization.Encoding.PEM
        plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        path.write_bytes(key.private_bytes(pem, *plain) + made.public_bytes(pem))
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    @pytest.fixture
    def elsewhere(self, monkeypatch):
        """An address that is not this machine's usual one, as other machines are."""
        monkeypatch.setattr("toli.emulators.running.HOST", "127.0.0.2")

    def test_elsewhere_nothing_is_said_without_tls(self, elsewhere):
        with running(MailServer()) as url:
            (receipt,) = send(settings_of(url), letter())
        assert (receipt.verdict, receipt.code) == (Verdict.PAUSE_SENDER, "no_tls")

    def test_elsewhere_tls_begins_before_the_password(self, elsewhere, certificate):
        server = MailServer(user="toli", password="right", tls=certificate)
        with running(server) as url:
            (receipt,) = send(settings_of(url, user="toli", password="right"), letter())
        assert receipt.verdict is Verdict.ACCEPTED

    def test_a_certificate_that_nobody_knows_is_not_believed(self, elsewhere, certificate, monkeypatch):
        monkeypatch.delenv("SSL_CERT_FILE")
        server = MailServer(user="toli", password="right", tls=certificate)
        with running(server) as url:
            (receipt,) = send(settings_of(url, user="toli", password="right"), letter())
        assert (receipt.verdict, receipt.code) == (Verdict.PAUSE_SENDER, "tls")
        assert server.messages == []


class TestSettings:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"server": "http://mail.example"}, {"url": "smtp://"}, {"url": "smtps://a:b@mail.example"},
            {"url": "smtp://mail.example:x"}, {"address": "news"}, {"address": "news@toli.example\nBcc: x@y.example"},
            {"name": "Jan\nSetu"}, {"name": ""}, {"bounces": "far-too-long-for-a-token@toli.example"},
            {"user": "toli"}, {"password": "x"},
        ],
    )  # fmt: skip
    def test_what_cannot_work_is_refused(self, wrong):
        with pytest.raises(ValueError):
            settings_of(**wrong)

    def test_tls_is_a_must_everywhere_but_here(self):
        found = {url: (settings_of(url).tls_at_once, settings_of(url).starttls, settings_of(url).port)
                 for url in ("smtps://mail.example", "smtp://mail.example", "smtp://127.0.0.1:25")}  # fmt: skip
        assert list(found.values()) == [(True, False, 465), (False, True, 587), (False, False, 25)]


class TestWhatItHolds:
    def test_text_and_html_say_the_same_in_the_readers_language(self, server):
        hindi = KIT.replace("Clean water", "साफ़ पानी <b>")
        mail = sent(server, letter(hindi, language="hi"))
        text, page = words_in(mail), words_in(mail, "html")
        assert text.strip() == hindi
        assert '<html lang="hi">' in page
        assert "साफ़ पानी &lt;b&gt;<br>" in page
        assert '<a href="https://toli.example/s/abc">https://toli.example/s/abc</a>' in page
        for tracking in ("<img", "url(", "<link", "<script", "<iframe", "src="):
            assert tracking not in page

    def test_headers_name_sender_way_out_and_the_id_of_the_outbox(self, server):
        mail = sent(server, letter(call=3))
        assert mail["Subject"] == "Water"
        assert mail["From"] == "Jan Setu <news@toli.example>"
        assert mail["To"] == "asha@mail.example"
        assert mail["Message-ID"] == f"<{ID}@toli.example>"
        lines = server.messages[-1].raw.split(b"\r\n")  # as programs look for them, in one piece
        assert f"List-Unsubscribe: <{STOP}/now>".encode() in lines
        assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
        assert f"X-Toli-Return: {server.messages[-1].returns}".encode() in lines
        assert mail["Date"].datetime.utcoffset() == datetime.timedelta(0)

    def test_who_is_not_told_how_to_stop_it_is_told(self, server):
        text = words_in(sent(server, letter("Meeting today")))
        assert text == f"Meeting today\nTo stop such messages: {STOP}\n"

    def test_what_nothing_can_stop_says_so_nowhere(self, server):
        mail = sent(server, letter("Is this yours?", stop=""))
        assert mail["List-Unsubscribe"] is None

    @pytest.mark.parametrize("gap", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x1c", "\x00"])
    def test_nobody_writes_a_header(self, server, gap):
        """Of names and titles, by whatever a mail server might take for the end of a line."""
        mail = sent(server, letter(f"Water{gap}Bcc: spy@mail.example{gap}{gap}X: 1\n{KIT}"))
        assert not {"Bcc", "X"} & set(mail.keys())
        assert server.messages[-1].to == ("asha@mail.example",)
        assert str(mail["Subject"]).startswith("Water")
        assert str(mail["Subject"]).isprintable()

    def test_a_line_with_a_dot_is_no_end(self, server):
        text = words_in(sent(server, letter(f"Water\n.\nRSET\n..\n{STOP}")))
        assert text == f"Water\n.\nRSET\n..\n{STOP}\n"

    @pytest.mark.parametrize("to", ["", "7:", "asha", "x:asha@mail.example", "7:asha@mail.example\r\nRCPT TO:<a@b.c>"])
    def test_what_is_no_address_is_not_written_to(self, to):
        with pytest.raises(MessageRefused):
            EmailProvider(settings_of()).render(letter(to=to))

    @pytest.mark.parametrize(
        "content", [Content("x", media="video"), Content("x", buttons=(("a", "b"),)), Content(" ")]
    )
    def test_what_it_cannot_carry_is_refused(self, content):
        with pytest.raises(MessageRefused):
            EmailProvider(settings_of()).render(Letter("7:asha@mail.example", content, (), f"{ID}.1"))


PICTURE = b"\xff\xd8 a picture \xff\xd9" * 200
NAME = hashlib.sha256(PICTURE).hexdigest()
SHOWN = {"media": "image", "media_link": f"https://toli.example/m/{NAME}.jpg", "media_alt": 'A tap & a "glass"'}


def with_picture(number=1, text=KIT, **content):
    return Letter("7:asha@mail.example", Content(text, **{**SHOWN, **content}), (), f"{ID}.{number}", lambda: STOP)


class TestPictures:
    """The kit's picture lies in the message: nobody is asked for it when somebody reads."""

    @pytest.fixture(autouse=True)
    def kept(self, monkeypatch):
        asked = []

        def bytes_of(name):
            asked.append(name)
            if name != NAME:
                raise PictureNotFound
            return PICTURE

        pictures.written.cache_clear()
        monkeypatch.setattr(pictures.content, "picture_bytes", bytes_of)
        yield asked
        pictures.written.cache_clear()

    def test_it_stands_in_the_page_with_what_it_shows(self, server, kept):
        mail = sent(server, *(with_picture(number) for number in range(1, 4)))
        text, related = mail.iter_parts()
        page, picture = related.iter_parts()
        assert [part.get_content_type() for part in (mail, text, related, page, picture)] == [
            "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/jpeg",
        ]  # fmt: skip
        assert picture.get_content() == PICTURE
        assert picture.get_content_disposition() == "inline"
        name = picture["Content-ID"].strip("<>")
        shown = page.get_content()
        assert f'src="cid:{name}" alt="A tap &amp; a &quot;glass&quot;"' in shown
        assert shown.count("<img") == 1
        assert "http" not in shown.partition("<img")[2].partition(">")[0]
        assert words_in(mail).strip() == KIT
        assert kept == [NAME]  # read once, for all

    def test_one_message_is_the_same_however_often_it_is_written(self):
        provider = EmailProvider(settings_of())
        assert provider.render(with_picture()) == provider.render(with_picture())
        assert len(provider.render(with_picture())) < 5_000  # no copy of the picture waits with it

    def test_one_that_is_not_kept_any_more_leaves_the_words(self, server):
        for link in (f"https://toli.example/m/{'0' * 64}.jpg", "https://elsewhere.example/a.jpg"):
            mail = sent(server, with_picture(media_link=link))
            assert "<img" not in words_in(mail, "html")
            assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]

    def test_its_place_cannot_be_written_by_anybody(self, server):
        mail = sent(server, with_picture(text=f"Water\n\n{place_of('x')} {place_of(ID)}\n\n{STOP}"))
        assert place_of("x") in words_in(mail)
        assert [part.get_content() for part in mail.walk() if part.get_content_type() == "image/jpeg"] == [PICTURE]


class TestSubjects:
    def test_an_own_subject_leaves_the_heading_as_it_is(self, server):
        mail = sent(server, Letter("7:a@mail.example", Content(KIT, subject="Your tap\r\nBcc: x@y.example"), (), ID))
        assert mail["Subject"].startswith("Your tap")
        assert mail["Bcc"] is None
        assert '<h1 style="font-size:1.4em">Water</h1>' in words_in(mail, "html")

    def test_behind_it_stands_how_the_text_begins(self, server):
        page = words_in(sent(server, letter("Water\n\nClean <water>\nhttps://toli.example/s/abc\nfor all")), "html")
        assert ">Clean &lt;water&gt; for all To stop such messages:</div>" in page

    @pytest.mark.parametrize("text", ["क्\u200dष", "👩\u200d🌾 farms"])
    def test_signs_that_join_stay_joined(self, server, text):
        assert sent(server, letter(f"{text}\n\n{STOP}"))["Subject"] == text


class TestAddresses:
    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            (" Asha.K+x@Mail.Example. ", "Asha.K+x@mail.example"), ("a@mäil.example", "a@xn--mil-qla.example"),
            ("a@डाक.example", "a@xn--11bx1g.example"), ("ａ@mail.example", "a@mail.example"),
        ],
    )  # fmt: skip
    def test_it_has_one_spelling(self, written, meant):
        assert to_mail_address(written) == meant

    @pytest.mark.parametrize(
        "wrong",
        ["", "@", "a@", "@b.c", "a@b", "a@b..c", "a b@c.de", '"a"@c.de', ".a@c.de", "a@-b.de", "a@1.2.3.4",
         "a" * 65 + "@c.de", "a@" + "b" * 64 + ".de", "a@b.c\n", "a@b.c>", "a,b@c.de"],
    )  # fmt: skip
    def test_what_is_none_is_refused(self, wrong):
        if wrong == "a@b.c\n":
            assert to_mail_address(wrong) == "a@b.c"
            return
        with pytest.raises(InvalidMailAddress):
            to_mail_address(wrong)

    def test_a_screen_shows_little_of_it(self):
        assert masked("asha@mail.example") == "a•••@mail.example"


def test_a_client_that_nobody_here_wrote_is_served(server):
    """The standard library's."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    with smtplib.SMTP(host, int(port), timeout=30) as client:
        client.sendmail("a@toli.example", ["b@mail.example"], "Subject: x\r\nMessage-ID: <1@x>\r\n\r\n.hello\r\n")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail("a@toli.example", ["gone@mail.example"], "x")
    assert [(item.returns, item.to) for item in server.messages] == [("a@toli.example", ("b@mail.example",))]
    assert server.messages[0].mail.get_content().strip() == ".hello"
