"""Recognition from real rows: both sides agree or nobody is shown, own devices and bursts count for nothing."""

from datetime import timedelta

import pytest

from tests import factories as make
from toli.analytics.domain.suppression import Veil
from toli.analytics.recognition import recognition_of
from toli.core import clock
from toli.members import services as members
from toli.members.domain.purposes import PAGES, RECOGNITION
from toli.members.models import ConsentRecord
from toli.sharing import selectors, services
from toli.sharing.models import LinkOpen

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (Linux; Android 12) Chrome/126 Mobile"


@pytest.fixture
def team():
    """Seven in one chat group, each with a link; an eighth of the same place has no seat."""
    make.make_territories("IN/UP/07")
    group = make.make_group(make.make_campaign(), "07")
    found = [make.make_member("07", name=f"Member{n} Das") for n in range(8)]
    for member in found[:7]:
        make.make_seat(member, group)
    kit = make.make_kit()
    return [(one, services.share_link(member_id=one.pk, kit_id=kit.pk, channel="whatsapp")) for one in found]


def _agree(member, given=True):
    members.set_consent(member_id=member.pk, purpose=RECOGNITION, given=given, language="hi", evidence={"page": "x"})


def _open(link, people, *, ago=0):
    day = clock.today() - timedelta(days=ago)
    for n in range(people):
        services.record_open(code=link.code, address=f"10.0.{link.pk % 200}.{n}", user_agent=PHONE, day=day)


def _spread():
    """As if everybody had come at another time of the day."""
    for number, row in enumerate(LinkOpen.objects.order_by("pk")):
        LinkOpen.objects.filter(pk=row.pk).update(slot=number % 144)


def test_nobody_is_shown_who_did_not_agree_and_nobody_sees_who_did_not(team):
    for member, link in team[:7]:
        _open(link, 1)
        if member != team[0][0]:
            _agree(member)
    me = team[0][0]
    assert recognition_of(me).neighbours == ()
    for member, _link in team[1:7]:
        shown = [one.name for one in recognition_of(member).neighbours]
        assert "Member0 D." not in shown
        assert 3 <= len(shown) <= 5
    _agree(me)
    assert [one.name for one in recognition_of(me).neighbours if one.is_me] == ["Member0 D."]


def test_who_takes_it_back_is_gone_at_once_and_every_word_is_kept(team):
    (me, link), (other, others) = team[:2]
    for member, mine in ((me, link), (other, others)):
        _agree(member)
        _open(mine, 1)
    assert len(recognition_of(me).neighbours) == 2
    _agree(other, given=False)
    assert [one.is_me for one in recognition_of(me).neighbours] == [True]
    assert recognition_of(other).neighbours == ()
    words = ConsentRecord.objects.filter(member=other, purpose=RECOGNITION).order_by("pk")
    assert [(word.channel, word.given) for word in words] == [(PAGES, True), (PAGES, False)]


def test_names_stay_within_the_team(team):
    (me, link), (outside, others) = team[0], team[7]
    for member, mine in ((me, link), (outside, others)):
        _agree(member)
        _open(mine, 1)
    assert [one.name for one in recognition_of(me).neighbours] == ["Member0 D."]
    assert recognition_of(me).team.group
    assert not recognition_of(outside).team.group


def test_a_burst_and_the_own_phone_move_no_place(team):
    me, link = team[0]
    _agree(me)
    own = {"address": "10.9.9.9", "user_agent": PHONE}
    services.report_shared(member_id=me.pk, kit_id=link.kit_id, channel="x", **own)
    services.record_open(code=link.code, **own)  # another link of mine, from the phone on which I shared
    assert recognition_of(me).neighbours == ()
    _open(link, 40)
    assert {row.slot is not None for row in LinkOpen.objects.all()} == {True}  # the database sets it
    assert recognition_of(me).people == 10
    _spread()
    assert recognition_of(me).people == 20


def test_what_is_measured_stays_as_it_is(team):
    """Caps are for comparing people; the number of opens is not touched by them."""
    me, link = team[0]
    _open(link, 40)
    assert selectors.effect_of(me.pk).opened == 40
    assert sum(selectors.opened_by_day(me.pk, after=selectors.recent()).values()) == 40


def test_sums_of_the_team_are_told_when_five_others_did_something(team):
    me, link = team[0]
    _open(link, 3)
    for _member, others in team[1:5]:
        _open(others, 2)
    assert recognition_of(me).team == _untold(recognition_of(me).team)
    _open(team[5][1], 2)
    found = recognition_of(me).team
    assert (found.told, found.opened) == (True, 3 + 5 * 2)
    newcomer = make.make_member("07")
    services.record_conversion(member_id=newcomer.pk, code=team[1][1].code)
    found = recognition_of(me).team
    assert (found.joined, found.shared) == (Veil.KEPT, 0)


def _untold(team):
    return type(team)(team.group, False, Veil.KEPT, Veil.KEPT, Veil.KEPT)


def test_entries_that_were_joined_to_ones_own_count_as_ones_own(team):
    (me, link), (twin, others) = team[0], team[7]
    _agree(me)
    _open(link, 1)
    _open(others, 1, ago=2)
    twin.state, twin.merged_into = "merged", me
    twin.save()
    (own,) = recognition_of(me).neighbours
    assert (own.days, recognition_of(me).people) == (2, 2)
    assert selectors.figures_after([me.pk], after=selectors.recent())[me.pk].opened == 2


def test_opens_and_shares_of_before_do_not_count(team):
    me, link = team[0]
    _agree(me)
    _open(link, 4, ago=28)
    assert recognition_of(me).neighbours == ()
    assert selectors.figures_after([me.pk], after=selectors.recent()) == {}
    _open(link, 1, ago=27)
    assert [one.days for one in recognition_of(me).neighbours] == [1]
