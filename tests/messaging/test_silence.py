"""A silence window opens while messages are on their way: none goes into it after it opens, the neighbour's all do.

``TOLI_TEST_SILENCE=10000`` for as many as a state's campaign has; fewer here.
"""

import os
from datetime import date, timedelta

from tests.factories import make_drive
from tests.messaging.conftest import QUICK
from toli.accounts.domain.actor import SYSTEM
from toli.compliance.models import SendingRefusal
from toli.compliance.services import PollDraft, add_election
from toli.core import clock
from toli.core.crypto import cipher_for, index_for
from toli.members.models import ConsentRecord, ContactKind, ContactPoint, Member
from toli.messaging.dispatcher import Dispatcher, Options
from toli.messaging.models import Message, Sender
from toli.territories.models import Territory

COUNT = int(os.environ.get("TOLI_TEST_SILENCE", "600"))
OPENS_IN = 5.0  # seconds: half way through, at a tenth of the messages a second


def many(count: int, place: str, first: int) -> list[int]:
    """Members who agreed to content, with numbers that tell where they live."""
    now, drive = clock.now(), make_drive()
    territory = Territory.objects.get(code=place)
    made = Member.objects.bulk_create(
        Member(
            name="Sunita Devi", territory=territory, source="import", drive=drive, member_from=date(2026, 1, 1),
            member_until=date(2099, 1, 1), created_at=now, updated_at=now,
        )
        for _ in range(count)
    )  # fmt: skip
    points = ContactPoint.objects.bulk_create(
        ContactPoint(
            member=member, kind=ContactKind.PHONE, value_sealed=b"",
            value_index=index_for("phone").of(f"+910{first + n:09d}"),
        )
        for n, member in enumerate(made)
    )  # fmt: skip
    for n, point in enumerate(points):
        point.value_sealed = cipher_for("members_contactpoint.value").encrypt(f"+910{first + n:09d}", row=point.pk)
    ContactPoint.objects.bulk_update(points, ["value_sealed"], batch_size=2000)
    ConsentRecord.objects.bulk_create(
        ConsentRecord(
            member=member, purpose="content", channel="whatsapp", given=True, at=now, language="hi", evidence={}
        )
        for member in made
    )  # fmt: skip
    return [member.pk for member in made]


def test_none_goes_into_a_window_after_it_opens_and_all_of_the_neighbours_do(desk):
    inside, beside = many(COUNT // 2, "07", 100_000_000), many(COUNT // 2, "070", 200_000_000)
    mixed = [member_id for pair in zip(inside, beside, strict=True) for member_id in pair]
    desk.queue(desk.batch(purpose="content"), mixed)
    Sender.objects.update(per_second=COUNT / 10)
    opens_at = clock.now() + timedelta(seconds=OPENS_IN)
    add_election(
        actor=SYSTEM, code="poll", name_en="Poll", name_hi="मतदान", announced_at=clock.now() - timedelta(days=30),
        polls=[PollDraft(1, opens_at + timedelta(hours=48), ["07"])], silence_hours=48,
    )  # fmt: skip
    dispatcher = Dispatcher(Options(lanes=1, batch=60, connections=16, lease=timedelta(seconds=3), idle=QUICK.idle))
    assert dispatcher.run_until_idle() > 0

    arrived = {place: [m["at"] for m in desk.emulator.messages if m["to"][4] == place] for place in "12"}
    assert not [at for at in arrived["1"] if at >= opens_at.timestamp()]
    assert len(arrived["2"]) == COUNT // 2
    assert max(arrived["2"]) > opens_at.timestamp()
    states = desk.states(member_id__in=inside)
    assert states.get("expired", 0) > 0
    assert states.get("expired", 0) + states.get("sent", 0) == COUNT // 2
    assert set(Message.objects.filter(state="expired").values_list("reason", flat=True)) == {"silence_window"}
    assert (
        sum(SendingRefusal.objects.filter(rule="silence_window").values_list("count", flat=True)) == states["expired"]
    )
