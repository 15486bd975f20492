"""A whole drill on staged data, the letters, and that nothing is sent but by two people and never in a drill."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests import factories as make
from tests.rights.aged import AGED
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM
from toli.accounts.models import Account
from toli.audit.models import AuditEntry
from toli.core import clock, keeping
from toli.core.errors import Forbidden
from toli.members import services as members
from toli.members.domain.purposes import DUTY
from toli.members.models import Member
from toli.rights import selectors, services
from toli.rights.domain.breaches import BOARD_HOURS, Kind, board_by, hours_left
from toli.rights.errors import (
    BoardNotTold,
    BreachMisdescribed,
    BreachNotFound,
    BreachStateWrong,
    BreachWordsMissing,
    LettersBySame,
)
from toli.rights.services import CaseWords, Incident, telling
from toli.territories.errors import TerritoryNotFound

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MAY = {"members.reveal": "IN", "members.export": "IN"}
WORDS = CaseWords(
    happened_en="A person who worked with us took a list out.",
    happened_hi="हमारे साथ काम करने वाला एक व्यक्ति सूची ले गया।",
    measures_en="The account is closed and the police are told.",
    measures_hi="खाता बंद है और पुलिस को बताया गया है।",
)


@pytest.fixture
def officers(country):
    return [make.make_actor({"rights.handle": "IN"}, account=make.make_account(name=name)) for name in ("One", "Two")]


@pytest.fixture
def staged(country):
    """An insider took out the list of A1 and looked at one number in B1; an honest coordinator did their work."""
    people = {
        "listed": make.make_member("A1", name="Asha Kumari", phone="+910198237645", language="hi"),
        "seen": make.make_member("B1", name="Ravi Das", phone="+910198237646", language="en"),
        "honest": make.make_member("07", name="Meena Bai", phone="+910198237647"),
        "untouched": make.make_member("B1", name="Sita Devi", phone="+910198237648"),
    }
    insider, honest = (make.make_actor(MAY, account=make.make_account(name=name)) for name in ("Insider", "Honest"))
    export = members.ask_for_export(actor=insider, territory_code="A1", columns=["name", "phone"], purpose="a meeting")
    members.make_export(export_id=export.pk)
    members.download(actor=insider, token=members.open_link(actor=insider, export_id=export.pk))
    members.reveal_phone(actor=insider, member_id=people["seen"].pk, reason="other", note="no reason")
    members.reveal_phone(actor=honest, member_id=people["honest"].pk, reason="call_back", note="asked to be called")
    return people, Account.objects.get(pk=insider.id).login


def opened(actor, login="", *, code="IN", **fields):
    now = clock.now()
    incident = Incident(
        title="A list was taken", territory_code=code, began_at=now - HOUR, ended_at=now + HOUR, login=login, **fields
    )
    case = services.open_case(actor=actor, incident=incident)
    services.find_affected(case_id=case.pk)
    return case


def described(actor, login="", **fields):
    case = opened(actor, login, **fields)
    services.describe_case(actor=actor, case_id=case.pk, words=WORDS)
    return case


def texts(settings):
    files = sorted(Path(settings.OUTBOX_DIR).glob("*.jsonl"))
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


# -- the drill -------------------------------------------------------------------------------------


def test_a_whole_drill(staged, officers, settings):
    people, login = staged
    one, two = officers
    case = described(one, login, drill=True)
    report = services.report_of(scope=scope_for(one, "rights.handle"), case_id=case.pk)
    assert set(case.affected.values_list("member_id", flat=True)) == {people["listed"].pk, people["seen"].pk}
    assert {place.code: place.count for place in report.places} == {
        "IN": 2, "UP": 2, "07": 1, "A1": 1, "070": 1, "B1": 1,
    }  # fmt: skip
    services.ask_for_letters(actor=one, case_id=case.pk)
    services.approve_letters(actor=two, case_id=case.pk)
    case.refresh_from_db()
    assert (case.letters, case.letters_sent_at) == ("sent", None)
    assert services.send_letters(case_id=case.pk) == 0
    assert texts(settings) == [], "of a drill nothing leaves"
    assert services.letters_of(people["listed"].pk, "hi") == []
    services.close_case(actor=one, case_id=case.pk)
    case.refresh_from_db()
    assert case.counts["07"] == 1
    steps = AuditEntry.objects.filter(target=f"breach:{case.pk}").order_by("pk").values_list("action", flat=True)
    assert list(steps) == [
        "rights.breach.open", "rights.breach.find", "rights.breach.describe", "rights.breach.letters.ask",
        "rights.breach.letters.approve", "rights.breach.close",
    ]  # fmt: skip


def test_the_real_thing_tells_everybody_affected_and_none_else(staged, officers, settings):
    people, login = staged
    one, two = officers
    members.set_consent(member_id=people["seen"].pk, purpose="membership", given=False, language="en", evidence={})
    Member.objects.filter(pk=people["listed"].pk).update(state="left")
    case = described(one, login)
    services.ask_for_letters(actor=one, case_id=case.pk)
    services.approve_letters(actor=two, case_id=case.pk)
    assert services.send_letters(case_id=case.pk) == 2, "the law asks for it: no consent, and also those who left"
    sent = {text["to"]: text["text"] for text in texts(settings)}
    assert set(sent) == {"+910198237645", "+910198237646"}
    assert "Data about you" in sent["+910198237646"]
    assert "आप" in sent["+910198237645"]
    assert not any("/c/" in text for text in sent.values()), "nothing that could be taken back"
    assert services.send_letters(case_id=case.pk) == 0, "told once"
    assert services.report_of(scope=EVERYWHERE, case_id=case.pk).told == 2


class Killed(BaseException):
    pass


def test_sending_that_was_cut_off_goes_on_and_nobody_is_told_twice(staged, officers, settings, monkeypatch):
    one, two = officers
    case = described(one, staged[1])
    services.ask_for_letters(actor=one, case_id=case.pk)
    services.approve_letters(actor=two, case_id=case.pk)
    monkeypatch.setattr(telling, "BATCH", 1)
    send, calls = telling.send_texts, []

    def dying(**words):
        calls.append(words)
        if len(calls) == 2:
            raise Killed
        return send(**words)

    monkeypatch.setattr(telling, "send_texts", dying)
    with pytest.raises(Killed):
        services.send_letters(case_id=case.pk)
    case.refresh_from_db()
    assert (case.letters, services.report_of(scope=EVERYWHERE, case_id=case.pk).told) == ("approved", 1)
    assert services.send_letters(case_id=case.pk) == 1
    assert sorted(text["to"] for text in texts(settings)) == ["+910198237645", "+910198237646"]
    case.refresh_from_db()
    assert case.letters == "sent"


def test_who_has_no_number_is_not_counted_as_told(staged, officers, settings):
    one, two = officers
    case = described(one, staged[1])
    staged[0]["seen"].contact_points.all().delete()
    services.ask_for_letters(actor=one, case_id=case.pk)
    services.approve_letters(actor=two, case_id=case.pk)
    assert services.send_letters(case_id=case.pk) == 1
    files = dict(services.letter_files(actor=SYSTEM, scope=EVERYWHERE, case_id=case.pk))
    assert list(files) == [f"breach-{case.pk}-B1-1.txt"], "they get a letter on paper"
    assert "Ravi Das" in files[f"breach-{case.pk}-B1-1.txt"]


def test_a_letter_says_all_that_the_law_asks_for_in_their_language(staged, officers):
    people, login = staged
    case = described(officers[0], login)
    type(case).objects.filter(pk=case.pk).update(letters="approved")
    ((_case, hindi),) = services.letters_of(people["listed"].pk, "hi")
    ((_case, english),) = services.letters_of(people["seen"].pk, "en")
    assert WORDS.happened_hi in hindi.text()
    assert WORDS.measures_hi in hindi.text()
    assert WORDS.happened_en in english.text()
    for words in (
        "mobile number",
        "Strangers can call you",
        "Tell nobody a code",
        "112",
        "1930",
        "Data Protection Board",
    ):
        assert words in english.text()
    assert "privacy@example.org" in english.text(), "whom to ask"
    assert len(hindi.parts) == len(english.parts) == 7


def test_what_was_not_reached_is_not_frightened_of(country):
    case = described(SYSTEM)
    letter = services.letter_to_person(case, Kind.NAME, "en").text()
    assert "Strangers can call you" not in letter
    assert "mobile number" not in letter


def test_the_letters_to_the_board(staged, officers):
    _people, login = staged
    case = described(officers[0], login)
    report = services.report_of(scope=EVERYWHERE, case_id=case.pk)
    first = services.letter_to_board(report, "en", full=False).text()
    full = services.letter_to_board(report, "en", full=True).text()
    hindi = services.letter_to_board(report, "hi", full=True).text()
    assert "How many people\n2" in first
    assert "People who were told" not in first
    for part in ("Who caused it", "against its return", "0 of 2 people were told", "Place A1 (A1): 1"):
        assert part in full
    assert "स्थान A1" in hindi
    assert login not in full + hindi, "the Board learns the finding, not the name"


# -- two people, and when --------------------------------------------------------------------------


def test_nobody_sends_alone_or_without_words(staged, officers):
    one, two = officers
    case = opened(one, staged[1])
    with pytest.raises(BreachWordsMissing):
        services.ask_for_letters(actor=one, case_id=case.pk)
    with pytest.raises(BreachStateWrong):
        services.approve_letters(actor=two, case_id=case.pk)
    services.describe_case(actor=one, case_id=case.pk, words=WORDS)
    services.ask_for_letters(actor=one, case_id=case.pk)
    with pytest.raises(LettersBySame):
        services.approve_letters(actor=one, case_id=case.pk)
    for act in (services.ask_for_letters, services.approve_letters):
        with pytest.raises((Forbidden, BreachStateWrong)):
            act(actor=SYSTEM, case_id=case.pk)
    with pytest.raises(BreachStateWrong):
        services.describe_case(actor=one, case_id=case.pk, words=WORDS)
    services.take_letters_back(actor=one, case_id=case.pk)
    services.describe_case(actor=one, case_id=case.pk, words=WORDS)


def test_a_job_without_approval_sends_nothing(staged, officers, settings):
    case = described(officers[0], staged[1])
    services.ask_for_letters(actor=officers[0], case_id=case.pk)
    assert services.send_letters(case_id=case.pk) == 0
    assert texts(settings) == []


def test_the_way_of_duty_is_for_what_a_law_names_only(country):
    member = make.make_member("A1")
    with pytest.raises(ValueError, match="no law"):
        members.send_texts(scope=EVERYWHERE, purpose=DUTY, kind="welcome", texts={member.pk: "hello"})


def test_a_case_is_closed_when_the_board_and_the_people_know(staged, officers):
    one, two = officers
    case = described(one, staged[1])
    with pytest.raises(BoardNotTold):
        services.close_case(actor=one, case_id=case.pk)
    services.ask_for_letters(actor=one, case_id=case.pk)
    services.approve_letters(actor=two, case_id=case.pk)
    services.send_letters(case_id=case.pk)
    with pytest.raises(BoardNotTold):
        services.close_case(actor=one, case_id=case.pk)
    services.board_told(actor=one, case_id=case.pk, full=True)
    services.close_case(actor=one, case_id=case.pk)
    with pytest.raises(BreachStateWrong):
        services.look_again(actor=one, case_id=case.pk)


def test_nobody_handles_a_case_that_reaches_beyond_their_area(staged, officers):
    zone = make.make_actor({"rights.handle": "07"})
    case = opened(officers[0], staged[1])
    for act in (services.look_again, services.ask_for_letters, services.close_case):
        with pytest.raises(BreachNotFound):
            act(actor=zone, case_id=case.pk)
    with pytest.raises(TerritoryNotFound):
        opened(zone, code="UP")
    with pytest.raises(TerritoryNotFound):
        opened(zone, code="070")
    assert selectors.cases(scope_for(zone, "rights.handle")) == []
    own = opened(zone, code="07", everybody=True)
    assert set(own.affected.values_list("member_id", flat=True)) == {staged[0]["listed"].pk, staged[0]["honest"].pk}


def test_a_case_needs_a_title_and_a_time_that_makes_sense(country):
    now = clock.now()
    good = {"title": "A list", "territory_code": "IN", "began_at": now - HOUR, "ended_at": now}
    for wrong in ({"title": " "}, {"began_at": now}, {"began_at": now + HOUR, "ended_at": now + 2 * HOUR},
                  {"aware_at": now + HOUR}):  # fmt: skip
        with pytest.raises(BreachMisdescribed):
            services.open_case(actor=SYSTEM, incident=Incident(**{**good, **wrong}))


def test_the_clock():
    aware = clock.now()
    assert board_by(aware) - aware == timedelta(hours=BOARD_HOURS)
    assert (hours_left(aware, aware), hours_left(aware, aware + timedelta(hours=73))) == (72, -1)


# -- holds -----------------------------------------------------------------------------------------


def test_while_a_case_is_open_evidence_stays_and_the_affected_are_not_forgotten(staged, officers):
    case = opened(officers[0], staged[1])
    term = next(term for term in keeping.terms() if term.key == "members.reveals")
    old = AGED["members.reveals"](keeping.before(term, clock.now()) - timedelta(days=2))
    gone = make.make_member("A1", state="left", updated_at=clock.now() - timedelta(days=400))
    Member.objects.filter(pk=staged[0]["listed"].pk).update(state="left", updated_at=gone.updated_at)
    services.carry_out_schedule(actor=SYSTEM)
    assert old()
    states = dict(Member.objects.values_list("pk", "state"))
    assert (states[staged[0]["listed"].pk], states[gone.pk]) == ("left", "erased")
    type(case).objects.filter(pk=case.pk).update(drill=True)
    services.carry_out_schedule(actor=SYSTEM)
    assert not old()


# -- files -----------------------------------------------------------------------------------------


def test_letters_to_print_one_file_for_each_place_and_no_more_than_the_cap(staged, officers, settings):
    more = [make.make_member("A1", name=f"Member {number}") for number in range(3)]
    case = described(officers[0], everybody=True)
    settings.TOLI_EXPORT_MAX_ROWS = 3
    files = dict(services.letter_files(actor=SYSTEM, scope=EVERYWHERE, case_id=case.pk))
    counts = {name: text.count("\f") + 1 for name, text in files.items()}
    assert counts == {
        f"breach-{case.pk}-07-1.txt": 1, f"breach-{case.pk}-A1-1.txt": 3, f"breach-{case.pk}-A1-2.txt": 1,
        f"breach-{case.pk}-B1-1.txt": 2,
    }  # fmt: skip
    joined = "".join(files.values())
    assert all(member.name in joined for member in more)
    assert "0198237645" not in joined
    assert AuditEntry.objects.filter(action="rights.breach.letters.files").get().details["count"] == 7
