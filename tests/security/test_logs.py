"""A real server and a real worker are made to fail in every way we know, with canaries in their hands.

Threat T21 (logs hold numbers or secrets): their output and PostgreSQL's log are searched afterwards.
"""

import json
import re
import shutil
import time
import urllib.parse

import pytest

from tests.migrated import migrated_into
from tests.security.installation import Installation, end
from toli.core.embedded_postgres import EmbeddedPostgres

NUMBER = "0987612345"
CANARIES = {
    "national": NUMBER,
    "grouped": "09876 12345",
    "end of the number": "12345",
    "Devanagari": "०९८७६१२३४५",
    "token": "Qcanary-token_1234567890",
    "cookie": "QcanaryCookie",
    "header": "QcanaryHeader",
    "password": "QcanaryPassword",
    "name": "Qcanaryname",
}
# Every table on the way of a sign-in refuses with what it was given, as an unlucky constraint would.
BREAK = f"""
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute('''CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'no place for +91{NUMBER} with /a/{CANARIES["token"]}'
        USING DETAIL = 'Failing row contains (1, {CANARIES["name"]}, {CANARIES["grouped"]}).'; END $$''')
    cursor.execute('CREATE TRIGGER refuse BEFORE INSERT ON accounts_onetimecode FOR EACH ROW EXECUTE FUNCTION refuse()')
    for name in ('core.deliver_events', 'nobody.knows_this'):
        cursor.execute('INSERT INTO procrastinate_jobs (task_name, queue_name, args, attempts) VALUES (%s, %s, %s, 9)',
            [name, 'default', '{json.dumps({"phone": "+91" + NUMBER, "password": CANARIES["password"]})}'])
"""


@pytest.fixture(scope="module")
def output(tmp_path_factory) -> str:
    """What everybody wrote while everything went wrong."""
    here = Installation(tmp_path_factory.mktemp("logs"))
    migrated_into(here.folder / "var")
    here.run("django", "shell", "--no-imports", "-c", BREAK)
    serve = here.start("serve", "--port", str(here.port), "--workers", "1")
    worker = here.start("worker")
    try:
        here.wait_for_pages()
        answers = list(misfortunes(here))
        assert {403, 404, 400, 500} <= {answer.status for answer in answers}
        for answer in answers:
            assert not [name for name, canary in CANARIES.items() if canary in answer.text and answer.status == 500]
        until(lambda: "core.deliver_events" in (here.folder / "worker.log").read_text())
        here.run("kit", "show", f"+91{NUMBER}", check=False)
        return here.logs()
    finally:
        for process in (worker, serve):
            end(process)
        server = EmbeddedPostgres(here.folder / "var" / "postgres")
        server.stop()
        shutil.rmtree(server.home, ignore_errors=True)


def misfortunes(here: Installation):
    """Requests that end badly, each of which carries something that must not be written down."""
    token, cookie = CANARIES["token"], f"toli={CANARIES['cookie']}; csrftoken={'x' * 32}"
    for number in (
        NUMBER,
        f"%2B91{NUMBER}",
        urllib.parse.quote(CANARIES["Devanagari"]),
        "09876%2012345",
        "09876+12345",
    ):
        yield here.ask("GET", f"/nowhere/{number}?phone={number}", Cookie=cookie)
        yield here.ask("GET", f"/s/{number}")
    for door in "awcx":
        yield here.ask("POST", f"/{door}/{token}", Cookie=cookie, Authorization=f"Bearer {CANARIES['header']}")
        yield here.ask("GET", f"/{door}/{token}/{NUMBER}")
    yield here.ask("GET", "/", Host=f"{NUMBER}.example")
    yield here.ask("GET", "/join", Referer=f"http://x/a/{token}", X_Api_Key=CANARIES["header"])
    yield here.ask("POST", "/sign-in", f"step=phone&phone={NUMBER}", Content_Type="application/x-www-form-urlencoded")
    page = here.ask("GET", "/sign-in")
    csrf = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[1]  # type: ignore[index,attr-defined]
    jar = "; ".join(value.split(";")[0] for name, value in page.getheaders() if name.lower() == "set-cookie")
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": csrf, "step": "phone", "phone": NUMBER})
    yield here.ask("POST", "/sign-in", form, Cookie=jar, Content_Type="application/x-www-form-urlencoded")


def until(condition) -> None:
    for _ in range(900):
        if condition():
            return
        time.sleep(0.2)


def test_the_mistakes_were_logged(output):
    """Control: without these lines the search below would prove nothing."""
    assert "RaiseException" in output
    assert "no place for [number] with /a/[token]" in output
    assert "core.deliver_events[" in output
    assert "phone='[number]'" in output
    assert "Not Found" in output
    assert "database system is ready" in output


@pytest.mark.parametrize("name", CANARIES)
def test_no_canary_is_found(name, output):
    found = [line for line in output.splitlines() if CANARIES[name] in line]
    assert not found, "\n".join(found[:5])


def test_no_key_is_found(output, settings):
    assert settings.SECRET_KEY not in output
