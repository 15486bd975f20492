"""The counts: true to the facts, summed over places, unseen by neighbours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import factories as make
from toli.access.domain.scope import EVERYWHERE
from toli.access.policies import scope_for
from toli.analytics import integrity, selectors, services
from toli.analytics.domain.funnel import Funnel, inconsistencies
from toli.distribution.models import Distribution, Relay
from toli.sharing import services as sharing
from toli.territories.errors import TerritoryNotFound

numbers = st.lists(st.integers(0, 1000), min_size=8, max_size=8)


@given(numbers, numbers)
def test_funnels_add_up_and_come_apart_again(first, second):
    assert Funnel(*first) + Funnel(*second) - Funnel(*second) == Funnel(*first)


def test_what_cannot_be_true_is_named():
    assert inconsistencies(Funnel(imported=3, carded=3, seated=2, joined=1)) == []
    assert inconsistencies(Funnel(imported=1, carded=2)) == ["carded > imported"]
    assert inconsistencies(Funnel(imported=2, carded=2, seated=1, joined=2)) == ["joined > seated"]


@pytest.mark.django_db
class TestCounting:
    @pytest.fixture(autouse=True)
    def _facts(self):
        self.places = make.make_territories("IN/UP/07/A1", "IN/UP/070/B1", "IN/KL/K1")
        campaign = make.make_campaign()
        self.kit = make.make_kit()
        group = make.make_group(campaign, "07")
        joined, reserved, carded, plain = (make.make_member("A1", carded=True) for _ in range(4))
        plain.cards.all().delete()
        make.make_seat(joined, group)
        make.make_seat(reserved, group, "reserved")
        make.make_seat(carded, group, "left")
        distribution = Distribution.objects.create(
            kit=self.kit, campaign=campaign, territory=self.places["IN"], created_at=self.kit.created_at
        )
        Relay.objects.create(
            distribution=distribution, kit=self.kit, group=group, language="hi", variant=0, state="confirmed"
        )
        link = sharing.report_shared(member_id=joined.pk, kit_id=self.kit.pk, channel="whatsapp")
        for address in ("1", "2", "2"):
            sharing.record_open(code=link.code, address=address, user_agent="Mozilla/5.0 Chrome/126 Mobile")
        sharing.record_conversion(member_id=make.make_member("B1").pk, code=link.code)
        make.make_member("UP", carded=True)
        make.make_member("K1", state="left")
        services.refresh_funnel()

    def _funnel(self, code, scope=EVERYWHERE):
        return selectors.funnel(scope, self.places[code])

    def test_every_stage_is_counted(self):
        assert self._funnel("07") == Funnel(4, 3, 2, 1, 1, 1, 2, 1)
        assert self._funnel("IN") == Funnel(6, 4, 2, 1, 1, 1, 2, 1)
        assert self._funnel("KL") == Funnel()

    def test_opens_of_the_organisations_own_links_count_where_they_were_posted_for(self):
        for code, addresses in (("KL", ("1", "2", "2")), ("070", ("3",))):
            link = sharing.own_link(kit=self.kit, territory_id=self.places[code].pk, platform="sms")
            for address in addresses:
                sharing.record_own_open(code=link.code, address=address, user_agent="Mozilla/5.0 Chrome/126 Mobile")
        services.refresh_funnel()
        assert self._funnel("KL") == Funnel(opened=2)  # where nobody lives
        assert self._funnel("07").opened == 2
        assert self._funnel("070") == Funnel(imported=1, opened=1)
        assert self._funnel("IN").opened == 5

    def test_counting_again_changes_nothing(self):
        before = self._funnel("IN")
        services.refresh_funnel()
        assert self._funnel("IN") == before

    def test_rows_add_up_and_those_without_a_place_below_are_not_forgotten(self):
        rows = selectors.coverage(EVERYWHERE, self.places["UP"])
        assert [row.territory.code if row.territory else None for row in rows] == ["07", "070", None]
        assert rows[-1].funnel == Funnel(imported=1, carded=1)
        assert sum((row.funnel for row in rows), Funnel()) == self._funnel("UP")

    def test_the_neighbours_numbers_are_not_found(self):
        scope = scope_for(make.make_actor({"report.view": "07"}), "report.view")
        assert self._funnel("A1", scope).imported == 4
        for outside in ("070", "UP", "IN"):
            with pytest.raises(TerritoryNotFound):
                self._funnel(outside, scope)
            with pytest.raises(TerritoryNotFound):
                selectors.coverage(scope, self.places[outside])

    def test_the_time_of_counting_is_known(self):
        assert selectors.refreshed_at() is not None


@pytest.mark.django_db
def test_every_rule_of_integrity_notices_when_it_is_broken():
    make.make_territories("IN/UP")
    group = make.make_group(make.make_campaign(), "UP")
    assert not [rule.name for rule in integrity.broken() if rule.name != "one_card"]
    make.make_seat(make.make_member("UP"), group)
    group.taken = 7
    group.save()
    broken = {rule.name: count for rule, count in integrity.broken().items()}
    assert broken == {"group_counter": 1, "seat_has_card": 1, "one_card": 1}
