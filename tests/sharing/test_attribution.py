"""The law of attribution: however links travel, every way of adding up gives the same number.

Stories are made of opens (by people, the same people again, robots, the sharers themselves) and of joinings that become
known in any order. Reported, measured and proved are three numbers, each with sums of its own.
"""

import pytest
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import factories as make
from toli.access.domain.scope import EVERYWHERE
from toli.analytics import selectors as analytics
from toli.analytics import services as counting
from toli.core import clock
from toli.members.domain import origins
from toli.sharing import selectors, services
from toli.sharing.domain.chains import MOST_HOPS, credits_for
from toli.sharing.models import Conversion, LinkOpen, OwnConversion, OwnLink, OwnLinkOpen, Reach, ShareLink
from toli.territories.models import Territory

PHONE = "Mozilla/5.0 (Linux; Android 12) Chrome/126 Mobile"
MEMBERS = 7


def _reach(parents):
    """By looking: how many stand how many hops from each. ``parents[n]`` brought n; None: nobody did."""
    found = {}
    for newcomer in range(len(parents)):
        above, hop = parents[newcomer], 1
        while above is not None and hop <= MOST_HOPS:
            found[above, hop] = found.get((above, hop), 0) + 1
            above, hop = parents[above], hop + 1
    return found


forests = st.integers(2, 12).flatmap(
    lambda count: st.tuples(*[st.one_of(st.none(), st.integers(0, n - 1)) if n else st.none() for n in range(count)])
)


@given(forests, st.randoms(use_true_random=False))
def test_chains_do_not_depend_on_the_order_in_which_they_become_known(parents, random):
    known, found = {}, {}
    order = [newcomer for newcomer, parent in enumerate(parents) if parent is not None]
    random.shuffle(order)
    for newcomer in order:
        known[newcomer] = parents[newcomer]
        ancestors, above = [], newcomer
        while above in known:
            above = known[above]
            ancestors.append(above)
        brought = {hop: people for (member, hop), people in found.items() if member == newcomer}
        for member, hop, people in credits_for(ancestors, brought):
            found[member, hop] = found.get((member, hop), 0) + people
    assert found == _reach(parents)


acts = st.one_of(
    st.tuples(st.just("open"), st.integers(0, MEMBERS - 1), st.integers(0, 1), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("own"), st.integers(0, 2), st.integers(0, 1), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("share"), st.integers(0, MEMBERS - 1), st.integers(0, 1), st.integers(0, 3), st.booleans()),
)
stories = st.tuples(
    st.lists(acts, max_size=25),
    st.tuples(*[st.one_of(st.none(), st.integers(0, n - 1)) if n else st.none() for n in range(MEMBERS)]),
    st.permutations(range(MEMBERS)),
)


@pytest.fixture
def stage(db):
    make.make_territories("IN/UP/07", "IN/UP/08", "IN/MP")
    places = ["07", "08", "UP", "MP", "IN", "07", "08"]
    return [make.make_member(place) for place in places], [make.make_kit(), make.make_kit()]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stories)
def test_sums_over_members_kits_and_territories_are_the_same(stage, story):
    members, kits = stage
    acts, parents, order = story
    for model in (Reach, Conversion, LinkOpen, ShareLink, OwnConversion, OwnLinkOpen, OwnLink):
        model.objects.all().delete()
    people, own, posted = set(), set(), set()
    places = [Territory.objects.get(code=code).pk for code in ("07", "UP", "MP")]
    for act, who, which, address, robot in acts:
        member, kit, seen = members[who], kits[which], (who, which, address)
        agent = "WhatsApp/2.24 A" if robot else PHONE
        if act == "own":
            link = services.own_link(kit=kit, territory_id=places[who], platform="sms")
            services.record_own_open(code=link.code, address=f"10.0.0.{address}", user_agent=agent)
            posted |= set() if robot else {seen}
            continue
        if act == "share":
            services.report_shared(member_id=member.pk, kit_id=kit.pk, channel="x", address=f"10.0.0.{address}",
                                   user_agent=PHONE)  # fmt: skip
            own |= {seen} - people
            continue
        link = services.share_link(member_id=member.pk, kit_id=kit.pk, channel="x")
        services.record_open(code=link.code, address=f"10.0.0.{address}", user_agent=agent)
        people |= set() if robot or seen in own else {seen}
    links = [services.share_link(member_id=member.pk, kit_id=kits[0].pk, channel="whatsapp") for member in members]
    for newcomer in order:
        if parents[newcomer] is not None:
            for _twice in range(2):
                services.record_conversion(member_id=members[newcomer].pk, code=links[parents[newcomer]].code)
        else:
            link = services.own_link(kit=kits[1], territory_id=places[newcomer % 3], platform="sms")
            for _twice in range(2):
                services.record_conversion(member_id=members[newcomer].pk, code=origins.of_own(link.code))
    joined = sum(parent is not None for parent in parents)
    shared = len({(who, which) for act, who, which, _address, _robot in acts if act == "share"})
    _same(members, kits, len(people), joined, shared, len(posted))
    ids = {member.pk: number for number, member in enumerate(members)}
    kept = {(ids[row.member_id], row.hop): row.joined for row in Reach.objects.all()}
    assert kept == _reach(parents)
    OwnConversion.objects.all().delete()
    Conversion.objects.all().delete()  # what the schedule does after its time: the counts stay
    _same(members, kits, len(people), joined, shared, len(posted))


def _same(members, kits, opened, joined, shared, posted):
    """The three numbers, by members, by kits, by territories and at the top; ``posted``: opens of our own links."""
    effects = [selectors.effect_of(member.pk) for member in members]
    assert sum(effect.opened for effect in effects) == opened
    assert sum(effect.joined for effect in effects) == joined
    assert sum(effect.shared for effect in effects) == shared
    by_kit = [kit.links.aggregate(opened=Sum("opens"), joined=Sum("joined")) for kit in kits]
    assert sum(found["opened"] or 0 for found in by_kit) == opened == LinkOpen.objects.filter(counted=True).count()
    assert sum(found["joined"] or 0 for found in by_kit) == joined
    assert (Reach.objects.filter(hop=1).aggregate(all=Sum("joined"))["all"] or 0) == joined
    assert sum(selectors.own_opens(EVERYWHERE, kit) for kit in kits) == posted == OwnLinkOpen.objects.count()
    came = OwnLink.objects.aggregate(all=Sum("joined"))["all"] or 0
    assert came == len(members) - joined
    counting.refresh_funnel()
    top = Territory.objects.get(code="IN")
    total = analytics.funnel(EVERYWHERE, top)
    rows = [row.funnel for row in analytics.coverage(EVERYWHERE, top)]
    assert (total.opened, total.converted) == (opened + posted, joined + came)
    assert (sum(row.opened for row in rows), sum(row.converted for row in rows)) == (opened + posted, joined + came)


@pytest.mark.django_db
class TestOwnVisits:
    @pytest.fixture
    def link(self):
        make.make_territories("IN/UP")
        member = make.make_member("UP")
        return services.share_link(member_id=member.pk, kit_id=make.make_kit().pk, channel="whatsapp")

    def _opened(self, link):
        link.refresh_from_db()
        return link.opens

    def test_the_device_on_which_a_link_was_shared_does_not_count_that_day(self, link):
        own = {"address": "10.0.0.1", "user_agent": PHONE}
        services.report_shared(member_id=link.member_id, kit_id=link.kit_id, channel="whatsapp", **own)
        assert not services.record_open(code=link.code, **own).counted
        assert services.record_open(code=link.code, address="10.0.0.2", user_agent=PHONE).counted
        assert self._opened(link) == 1

    def test_whoever_is_signed_in_as_the_sharer_does_not_count(self, link):
        account = link.member.account = make.make_account(kind="member")
        link.member.save()
        seen = {"code": link.code, "address": "10.0.0.1", "user_agent": PHONE}
        assert not services.record_open(**seen, account_id=account.pk).counted
        assert services.record_open(**seen, account_id=account.pk + 1).counted

    def test_days_are_counted_and_not_streaks(self, link):
        today = clock.today()
        for ago, address in ((0, 1), (0, 2), (3, 1), (40, 1)):
            services.record_open(code=link.code, address=f"10.0.0.{address}", user_agent=PHONE,
                                 day=today - make.timedelta(days=ago))  # fmt: skip
        effect = selectors.effect_of(link.member_id)
        assert (effect.opened, effect.days) == (4, 2)
