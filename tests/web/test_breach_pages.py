"""The desk's pages of a breach, and the letter on the member's own page."""

from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from tests import factories as make
from toli.access.models import Role, RoleAssignment
from toli.accounts.domain.actor import SYSTEM
from toli.members import services as members
from toli.rights import services
from toli.rights.models import BreachCase
from toli.territories.models import Territory

WORDS = {
    "happened_hi": "एक सूची बाहर गई।",
    "happened_en": "A list was taken out.",
    "measures_hi": "खाता बंद है।",
    "measures_en": "The account is closed.",
}


def page_of(answer):
    return unescape(answer.content.decode())


@pytest.fixture
def officers(world, browser):
    role = Role.objects.create(code="privacy", name_en="Privacy officer", permissions=["rights.handle", "members.view"])
    clients = []
    for name in ("One", "Two"):
        account = make.make_account(name=name)
        RoleAssignment.objects.create(
            account=account, role=role, territory=Territory.objects.get(code="07"), valid_from="2020-01-01"
        )
        clients.append(browser(account))
    return clients


def incident(**fields):
    now = timezone.localtime()
    moments = {"began_at": now - timedelta(hours=3), "ended_at": now + timedelta(hours=1)}
    return {
        "title": "A list was sold",
        "territory_code": "07",
        **{name: f"{moment:%Y-%m-%dT%H:%M}" for name, moment in moments.items()},
        **fields,
    }


def opened(client, **fields):
    answer = client.post("/console/breaches/new", incident(**fields))
    assert answer.status_code == 303, page_of(answer)
    case = BreachCase.objects.latest("pk")
    services.find_affected(case_id=case.pk)
    return case


def test_a_case_from_opening_to_its_letters(world, officers, sunita):
    one, two = officers
    chief = make.make_actor({"members.reveal": "IN"})
    members.reveal_phone(actor=chief, member_id=world.member.pk, reason="other", note="no reason")
    case = opened(one)
    where = f"/console/breaches/{case.pk}"
    page = page_of(one.get(where))
    assert "1 person affected" in page
    assert "72 hours left" in page or "71 hours left" in page
    assert one.post(f"{where}/ask").status_code == 400, "the letters have no words yet"
    assert one.post(f"{where}/describe", WORDS).status_code == 303
    assert one.post(f"{where}/ask").status_code == 303
    assert "Somebody else has to approve" in page_of(one.get(where))
    assert one.post(f"{where}/approve").status_code == 403
    assert "There are none" in page_of(sunita.get("/me/data/letters")), "nothing before it is approved"
    assert "Approve: send to 1 person" in page_of(two.get(where))
    assert two.post(f"{where}/approve").status_code == 303
    services.send_letters(case_id=case.pk)
    letter = page_of(sunita.get("/me/data/letters"))
    assert WORDS["happened_en"] in letter
    assert "Tell nobody a code" in letter
    assert "/me/data/letters" in page_of(sunita.get("/me/data"))
    one.post(f"{where}/board-full")
    assert one.post(f"{where}/close").status_code == 303
    assert "closed" in page_of(one.get("/console/breaches"))


def test_a_drill_is_named_and_reaches_nobody(world, officers, sunita):
    one, two = officers
    case = opened(one, everybody="on", drill="on")
    where = f"/console/breaches/{case.pk}"
    assert "nothing is sent" in page_of(one.get(where))
    one.post(f"{where}/describe", WORDS)
    one.post(f"{where}/ask")
    assert two.post(f"{where}/approve").status_code == 303
    assert "/me/data/letters" not in page_of(sunita.get("/me/data"))
    assert one.post(f"{where}/close").status_code == 303


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"territory_code": "070"}, "not found"),
        ({"login": "nobody"}, "nobody"),
        ({"title": ""}, "title"),
        ({"began_at": "soon"}, "day and time"),
        ({"ended_at": "2020-01-01T00:00"}, "title"),
    ],
)
def test_what_is_wrong_is_told_at_the_field(world, officers, wrong, said):
    answer = officers[0].post("/console/breaches/new", incident(**wrong))
    assert answer.status_code in {400, 404}
    assert said in page_of(answer).lower()
    assert not BreachCase.objects.exists()


def test_a_step_that_does_not_exist_and_a_case_of_another_place(world, officers):
    case = services.open_case(
        actor=SYSTEM,
        incident=services.Incident(
            title="Elsewhere", territory_code="IN", everybody=True,
            began_at=timezone.now() - timedelta(hours=1), ended_at=timezone.now(),
        ),
    )  # fmt: skip
    assert officers[0].get(f"/console/breaches/{case.pk}").status_code == 404
    own = opened(officers[0])
    assert officers[0].post(f"/console/breaches/{own.pk}/nonsense").status_code == 404
    assert officers[0].get(f"/console/breaches/{own.pk}/close").status_code == 303
    assert BreachCase.objects.get(pk=own.pk).closed_at is None
