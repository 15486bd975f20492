"""Links, opens and conversions: each counted once, for the right person."""

import threading
from datetime import date

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories as make
from toli.core import events
from toli.core.events import publish
from toli.members.events import MemberEnrolled
from toli.sharing import selectors, services
from toli.sharing.errors import ChannelUnknown, KitNotShareable, ShareCodeUnknown
from toli.sharing.models import Conversion, LinkOpen, ShareLink

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (Linux; Android 12) Chrome/126 Mobile"


@pytest.fixture
def link():
    make.make_territories("IN/UP")
    return services.share_link(member_id=make.make_member("UP").pk, kit_id=make.make_kit().pk, channel="whatsapp")


def _open(link, address="10.0.0.1", agent=PHONE, day=None):
    return services.record_open(code=link.code, address=address, user_agent=agent, day=day)


def _opens(link):
    link.refresh_from_db()
    assert link.opens == LinkOpen.objects.filter(link=link).count()
    return link.opens


def test_a_member_has_one_link_for_a_kit_and_channel(link):
    same = services.report_shared(member_id=link.member_id, kit_id=link.kit_id, channel="whatsapp")
    again = services.report_shared(member_id=link.member_id, kit_id=link.kit_id, channel="whatsapp")
    assert same.pk == again.pk == link.pk
    assert same.shared_at == again.shared_at
    other = services.share_link(member_id=link.member_id, kit_id=link.kit_id, channel="x")
    assert other.code != link.code


def test_what_cannot_be_shared_is_refused(link):
    for state in ("draft", "approved", "withdrawn"):
        with pytest.raises(KitNotShareable):
            services.share_link(member_id=link.member_id, kit_id=make.make_kit(state=state).pk, channel="whatsapp")
    with pytest.raises(ChannelUnknown):
        services.share_link(member_id=link.member_id, kit_id=link.kit_id, channel="pigeon")


def test_a_visitor_counts_once_a_day(link):
    assert _open(link).counted
    assert not _open(link).counted
    assert _open(link, address="10.0.0.2").counted
    assert _open(link, day=date(2030, 1, 1)).counted
    assert _opens(link) == 3


def test_robots_count_never(link):
    assert not _open(link, agent="facebookexternalhit/1.1").counted
    assert not _open(link, agent="").counted
    assert _opens(link) == 0


def test_an_unknown_code_is_refused(link):
    for code in ("", "zzzzzzzzzz", "0" * 10, "' OR 1=1 --"):
        with pytest.raises(ShareCodeUnknown):
            services.record_open(code=code, address="10.0.0.1", user_agent=PHONE)


def test_a_withdrawn_kit_is_not_opened(link):
    link.kit.state = "withdrawn"
    link.kit.save()
    result = _open(link)
    assert (result.current, result.counted) == (False, False)


@pytest.mark.django_db(transaction=True)
def test_two_visits_in_the_same_moment_count_once(link):
    barrier, counted = threading.Barrier(8), []

    def visit():
        barrier.wait()
        counted.append(_open(link).counted)
        connection.close()

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counted) == [False] * 7 + [True]
    assert _opens(link) == 1


def test_whoever_joins_by_a_link_is_credited_once(link):
    new = make.make_member("UP")
    for _ in range(2):
        publish(MemberEnrolled(member_id=new.pk, source_code=link.code.upper()))
    publish(MemberEnrolled(member_id=make.make_member("UP").pk, source_code=""))
    publish(MemberEnrolled(member_id=make.make_member("UP").pk, source_code="nonsense"))
    events.deliver()
    assert list(Conversion.objects.values_list("member_id", "link_id")) == [(new.pk, link.pk)]
    assert selectors.effect_of(link.member_id).joined == 1


def test_nobody_recruits_themselves(link):
    assert services.record_conversion(member_id=link.member_id, code=link.code) is None


visits = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 2), st.booleans()), min_size=1, max_size=25
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(visits)
def test_sums_over_members_kits_and_places_are_the_same(link, story):
    ShareLink.objects.exclude(pk=link.pk).delete()
    LinkOpen.objects.all().delete()
    ShareLink.objects.update(opens=0)
    members = [make.make_member("UP"), make.make_member("IN")]
    kits = [link.kit, make.make_kit()]
    links = [
        services.share_link(member_id=member.pk, kit_id=kit.pk, channel="whatsapp")
        for member in members
        for kit in kits
    ]
    for which, address, day, robot in story:
        _open(links[which], f"10.0.0.{address}", "curl/8" if robot else PHONE, date(2030, 1, 1 + day))
    humans = {(which, address, day) for which, address, day, robot in story if not robot}
    by_member = sum(selectors.effect_of(member.pk).opened for member in members)
    by_kit = sum(sum(kit.links.values_list("opens", flat=True)) for kit in kits)
    assert by_member == by_kit == len(humans) == LinkOpen.objects.count()
