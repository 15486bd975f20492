"""A member's page of what came of their links: three numbers apart, a switch that is off until they turn it."""

import re

import pytest

from toli.audit.models import AuditEntry
from toli.members.domain.purposes import RECOGNITION
from toli.members.models import ConsentRecord
from toli.sharing import services as sharing

PAGE = "/me/effect"


def _numbers(answer):
    return [int(found) for found in re.findall(r'class="num big">(\d+)<', answer.content.decode())][:3]


def test_reported_measured_and_proved_are_three_numbers(world, sunita):
    assert _numbers(sunita.get(PAGE)) == [0, 0, 0]
    link = sharing.report_shared(member_id=world.member.pk, kit_id=world.kit.pk, channel="whatsapp")
    for address in ("10.0.0.1", "10.0.0.2"):
        sharing.record_open(code=link.code, address=address, user_agent="Mozilla/5.0 Chrome/126")
    answer = sunita.get(PAGE)
    assert _numbers(answer) == [1, 2, 0]
    assert "2 people opened your links." in answer.content.decode()
    assert PAGE in sunita.get("/me").content.decode()


def test_being_shown_is_off_and_as_easily_taken_back_as_given(world, sunita):
    assert "Yes, show me to my team" in sunita.get(PAGE).content.decode()
    for word in ("yes", "no"):
        answer = sunita.post(PAGE, {"shown": word})
        assert (answer.status_code, answer["Location"]) == (303, f"{PAGE}#place")
    words = ConsentRecord.objects.filter(member=world.member, purpose=RECOGNITION).order_by("pk")
    assert [(word.given, word.evidence, word.language) for word in words] == [
        (True, {"page": "my effect"}, "en"),
        (False, {"page": "my effect"}, "en"),
    ]
    told = AuditEntry.objects.filter(action__startswith="members.recognition").order_by("pk")
    assert [entry.action.rpartition(".")[2] for entry in told] == ["give", "withdraw"]
    assert "Yes, show me to my team" in sunita.get(PAGE).content.decode()


@pytest.mark.parametrize("word", ["", "maybe"])
def test_only_a_yes_is_a_yes(world, sunita, word):
    sunita.post(PAGE, {"shown": word})
    assert [record.given for record in ConsentRecord.objects.filter(purpose=RECOGNITION)] == [False]
