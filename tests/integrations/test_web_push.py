"""Notifications: what is said of them in RFC 8030, 8188, 8291 and 8292, tried against a push service that is strict."""

import json
from dataclasses import replace

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import example, given
from hypothesis import strategies as st

from tests.contracts.test_channel_provider import send, verdicts
from toli.emulators.faults import Fault, Faults
from toli.emulators.push_service import PushService, Refused, check_sender, decoded, opened
from toli.emulators.running import running
from toli.integrations.web_push import vapid
from toli.integrations.web_push.provider import WebPushProvider
from toli.integrations.web_push.rendering import LEAST, SHOWN, note_of, shortened, tag_of
from toli.integrations.web_push.settings import Settings
from toli.messaging.domain.devices import Subscription
from toli.messaging.domain.verdicts import Verdict
from toli.messaging.errors import MessageRefused
from toli.messaging.ports import Content, Letter

KEY = vapid.new_key()
SETTINGS = Settings(title="Toli", contact="mailto:office@toli.example", private_key=KEY, services="127.0.0.1")
TEXT = "आज का संदेश आ गया है।\nhttps://toli.example/s/abc123"


def device(service, url, number=1, key=KEY):
    made = service.subscribe(url, vapid.public_key(key))
    return {"id": str(number), **Subscription.from_json(made, vapid.public_key(key)).told()}


def a_letter(*devices, text=TEXT, correlation="7f.1"):
    return Letter(json.dumps(list(devices)), Content(text), (), correlation)


def note(text=TEXT):
    there = {"id": "1", "endpoint": "http://127.0.0.1/x", "p256dh": "", "auth": "", "key": vapid.public_key(KEY)}
    return json.loads(WebPushProvider(SETTINGS).render(a_letter(there, text=text)))["note"]


class TestWhatItSays:
    def test_a_few_words_and_nothing_of_the_person(self):
        assert note() == {"title": "Toli", "body": "आज का संदेश आ गया है।", "path": "/me", "tag": tag_of("7f.2")}

    def test_a_picture_comes_from_our_own_origin_whatever_address_it_was_given(self):
        there = {"id": "1", "endpoint": "http://127.0.0.1/x", "p256dh": "", "auth": "", "key": vapid.public_key(KEY)}
        content = Content(TEXT, media="image", media_link="https://elsewhere.example/m/abc.jpg")
        payload = WebPushProvider(SETTINGS).render(Letter(json.dumps([there]), content, (), "7f.1"))
        assert json.loads(payload)["note"]["image"] == "/m/abc.jpg"

    def test_long_words_are_cut_between_them(self):
        assert shortened("क" * SHOWN, SHOWN) == "क" * SHOWN
        cut = shortened("एक दो, " * 40, SHOWN)
        assert len(cut) <= SHOWN
        assert cut.endswith("दो…")
        assert shortened("x" * 200, SHOWN) == "x" * (SHOWN - 1) + "…"

    @given(
        st.text(min_size=1, max_size=4096),
        st.lists(st.text(min_size=1, max_size=300).filter(str.strip), min_size=1, max_size=3),
    )
    @example("नाम जाँचें। " * 40, ["प्रकाशक: जन सेतु संघ, 1 उदाहरण मार्ग, https://jansetu.example"])
    def test_what_the_law_wants_read_is_there_whole_however_long_the_rest_is(self, text, notes):
        """Also an imprint with an address in it, which is no link of somebody's own; and it fits."""
        whole = "\n\n".join([text, *notes])[:4096]
        try:
            found = note_of(Letter("[]", Content(whole, notes=tuple(notes)), (), "c.1"), "Toli")
        except MessageRefused:
            return
        for item in notes:
            assert " ".join(item.split()) in found["body"]
        foot = " · ".join(" ".join(item.split()) for item in notes)
        assert len(found["body"]) <= max(SHOWN, LEAST + 1 + len(foot))
        if len(foot) <= 200:
            assert len(json.dumps(found, ensure_ascii=False).encode()) <= 3900

    def test_words_give_way_to_the_imprint_and_do_not_repeat_it(self):
        imprint = "Published by Jan Setu Union, 1 Example Road, New Delhi"
        text = f"Water\n\n{'Clean water for all. ' * 20}\n\n{imprint}\nTo stop: https://t.example/c/x"
        body = note_of(Letter("[]", Content(text, notes=(imprint,)), (), "c.1"), "Toli")["body"]
        assert body.startswith("Water Clean water")
        assert body.endswith("…\n" + imprint)
        assert body.count(imprint) == 1
        assert len(body) <= SHOWN

    @pytest.mark.parametrize("text", ["", "  \n", "https://toli.example/s/abc"])
    def test_nothing_to_say_is_refused(self, text):
        with pytest.raises(MessageRefused) as refusal:
            note(text)
        assert refusal.value.params["reason"] == "empty"

    @pytest.mark.parametrize("to", ["+910123456789", "[]", '{"id": 1}'])
    def test_without_a_device_it_is_refused(self, to):
        with pytest.raises(MessageRefused) as refusal:
            WebPushProvider(SETTINGS).render(Letter(to, Content(TEXT), (), "c.1"))
        assert refusal.value.params["reason"] == "no_device"

    def test_what_was_made_for_an_earlier_key_or_lies_elsewhere_is_left_out(self):
        ours = {"endpoint": "http://127.0.0.1/x", "p256dh": "", "auth": "", "key": vapid.public_key(KEY)}
        earlier = {**ours, "id": "2", "key": vapid.public_key(vapid.new_key())}
        elsewhere = {**ours, "id": "3", "endpoint": "https://example.org/x"}
        payload = WebPushProvider(SETTINGS).render(a_letter({**ours, "id": "1"}, earlier, elsewhere))
        assert [item["id"] for item in json.loads(payload)["devices"]] == ["1"]


class TestTheStandard:
    def test_the_vectors_of_rfc_8291(self):
        """Appendix A: what this library encrypts with the keys given there is what the standard says."""
        plain = b"When I grow up, I want to be a watermelon"
        sender = ec.derive_private_key(
            int.from_bytes(decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big"), ec.SECP256R1()
        )
        made = http_ece.encrypt(
            plain,
            salt=decoded("DGv6ra1nlYgDCS1FRnbzlw"),
            private_key=sender,
            dh=decoded("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
            auth_secret=decoded("BTBZMqHH6r4Tts7J_aSIgg"),
            version="aes128gcm",
        )
        expected = (
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6"
            "PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        )
        assert made == decoded(expected)

    def test_a_push_service_knows_the_sender_and_the_browser_reads_the_words(self):
        service = PushService()
        with running(service) as url:
            found = send(WebPushProvider(SETTINGS), a_letter(device(service, url), device(service, url, 2)))
        assert verdicts(found) == [Verdict.ACCEPTED]
        assert [item["note"]["body"] for item in service.messages] == ["आज का संदेश आ गया है।"] * 2
        assert {tuple(browser.topics) for browser in service.browsers.values()} == {(tag_of("7f.1"),)}

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"origin": "http://127.0.0.1:2"}, 401), ({"key": vapid.new_key()}, 403), ({"forged": True}, 401),
            ({"header": ""}, 401),
        ],
    )  # fmt: skip
    def test_the_emulator_refuses_what_services_refuse(self, change, status):
        header = vapid.authorisation(KEY, endpoint="http://127.0.0.1:1/x", contact="mailto:a@b.example")
        if change.get("forged"):
            token, _, ours = header.partition(",k=")
            header = f"{token[:-86]}{'A' * 86},k={ours}"
        header = change.get("header", header)
        key = decoded(vapid.public_key(change.get("key", KEY)))
        with pytest.raises(Refused) as refusal:
            check_sender(header, change.get("origin", "http://127.0.0.1:1"), key)
        assert refusal.value.status == status

    def test_the_emulator_sees_a_mistake_in_the_encryption(self):
        service = PushService()
        service.subscribe("http://127.0.0.1:1", vapid.public_key(KEY))
        (browser,) = service.browsers.values()
        with pytest.raises(Refused):
            opened(b"\0" * 100, browser)


class TestAnswers:
    def told(self, service, *, gone=(), devices=2):
        with running(service) as url:
            known = [device(service, url, number) for number in range(1, devices + 1)]
            for place, browser in enumerate(service.browsers.values(), 1):
                browser.gone = place in gone
            (receipt,) = send(WebPushProvider(SETTINGS), a_letter(*known))
        return receipt

    def test_one_device_that_has_it_is_enough_and_the_other_is_forgotten(self):
        receipt = self.told(PushService(), gone={1})
        assert (receipt.verdict, receipt.expired) == (Verdict.ACCEPTED, ("1",))

    def test_where_all_are_gone_the_member_is_reached_another_way(self):
        receipt = self.told(PushService(), gone={1, 2})
        assert (receipt.verdict, receipt.expired, receipt.code) == (Verdict.OTHER_CHANNEL, ("1", "2"), "http_410")

    def test_a_service_that_never_knew_the_device_says_the_same(self):
        with running(PushService()) as url:
            there = device(PushService(), url)
            (receipt,) = send(WebPushProvider(SETTINGS), a_letter(there))
        assert (receipt.verdict, receipt.expired, receipt.code) == (Verdict.OTHER_CHANNEL, ("1",), "http_404")

    def test_too_large_is_this_messages_fault(self):
        assert self.told(PushService(most=10)).verdict is Verdict.REFUSED

    def test_the_service_says_how_long_to_wait(self):
        receipt = self.told(PushService(faults=Faults(Fault.BUSY, retry_after=9)))
        assert (receipt.verdict, receipt.retry_after, receipt.expired) == (Verdict.SLOW_SENDER, 9.0, ())

    def test_another_key_pauses_the_sender(self):
        service, other = PushService(), vapid.new_key()
        with running(service) as url:
            stolen = {**device(service, url, key=other), "key": vapid.public_key(KEY)}
            assert verdicts(send(WebPushProvider(SETTINGS), a_letter(stolen))) == [Verdict.PAUSE_SENDER]


class TestSettings:
    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"title": ""}, "title"), ({"contact": "office"}, "contact"), ({"contact": "http://x.example"}, "contact"),
            ({"private_key": "x"}, "private_key"), ({"ttl": "-1"}, "ttl"), ({"services": " "}, "services"),
        ],
    )  # fmt: skip
    def test_each_mistake_is_named(self, change, told):
        with pytest.raises(ValueError, match=told):
            replace(SETTINGS, **change)

    @pytest.mark.parametrize(
        ("endpoint", "accepted"),
        [
            ("https://fcm.googleapis.com/fcm/send/x", True),
            ("https://updates.push.services.mozilla.com/wpush/v2/x", True),
            ("http://fcm.googleapis.com/fcm/send/x", False),
            ("https://evil-fcm.googleapis.com.example/x", False),
            ("https://xfcm.googleapis.com/", False),
            ("https://127.0.0.1/x", False),
            ("https://169.254.169.254/latest/meta-data", False),
            ("http://localhost:5432/", False),
        ],
    )
    def test_browsers_can_name_any_address_but_only_push_services_are_written_to(self, endpoint, accepted):
        made = Settings(title="Toli", contact="mailto:a@b.example", private_key=KEY)
        assert made.accepts(endpoint) is accepted

    @pytest.mark.parametrize(
        "found",
        [
            None, [], {}, {"endpoint": "https://x.example/1"}, {"endpoint": "https://x.example/1", "keys": {}},
            {"endpoint": "https://x.example/1", "keys": {"p256dh": "AAAA", "auth": "AAAA"}},
            {"endpoint": "https://x.example/1", "keys": {"p256dh": "?", "auth": 5}},
        ],
    )  # fmt: skip
    def test_what_is_no_subscription_is_refused(self, found):
        with pytest.raises(ValueError, match=r"."):
            Subscription.from_json(found, "k")
