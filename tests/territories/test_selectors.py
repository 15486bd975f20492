"""Looking at territories, through a scope and through an index."""

import pytest
from django.db import connection

from tests import factories as make
from toli.access.domain.scope import EVERYWHERE, NOWHERE, Scope
from toli.access.policies import scope_for
from toli.accounts.domain.actor import SYSTEM
from toli.territories import selectors, services
from toli.territories.errors import StateUnknown, TerritoryNotFound
from toli.territories.models import Node

pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    return make.make_territories("IN/UP/07/A1", "IN/UP/070/B1", "IN/KL/K1")


def test_the_neighbours_territory_is_not_found(places):
    scope = scope_for(make.make_actor({"territory.view": "07"}), "territory.view")
    assert selectors.get_territory(scope, "A1").code == "A1"
    for outside in ("070", "B1", "UP", "KL", "NOWHERE"):
        with pytest.raises(TerritoryNotFound):
            selectors.get_territory(scope, outside)


def test_codes_are_found_in_small_letters_too(places):
    assert selectors.get_territory(EVERYWHERE, " up ").code == "UP"


def test_ancestors_stop_at_the_edge_of_the_scope(places):
    scope = scope_for(make.make_actor({"territory.view": "07"}), "territory.view")
    assert [place.code for place in selectors.ancestors(scope, places["A1"])] == ["07", "A1"]
    assert [place.code for place in selectors.ancestors(EVERYWHERE, places["A1"])] == ["IN", "UP", "07", "A1"]


def test_an_empty_scope_has_no_roots_and_counts_nothing(places):
    assert selectors.roots(NOWHERE) == []
    assert selectors.count_branch(NOWHERE, "main/IN/") == 0
    assert selectors.count_branch(Scope(("main/IN/UP/07/",)), "main/IN/UP/07/") == 2


def test_search_stays_within_the_scope(places):
    scope = scope_for(make.make_actor({"territory.view": "07"}), "territory.view")
    assert {place.code for place in selectors.search(scope, "Place")} == {"07", "A1"}
    assert selectors.search(scope, "  ") == []


def test_a_branch_is_read_through_the_index():
    services.seed(actor=SYSTEM, states=["DL"], booths_per_constituency=20)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        query = Node.objects.within_paths(("main/IN/DL/DL-ZONE1/",)).values("territory_id").query
        sql, params = query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "one_current_path" in plan


def test_the_shipped_geography_has_the_seats_of_the_country():
    report = services.seed(actor=SYSTEM, states=["DL", "LD"], booths_per_constituency=3)
    assert {file.level: file.created for file in report.files} == {
        "state": 36, "zone": 2, "pc": 8, "ac": 70, "booth": 213,
    }  # fmt: skip
    states = selectors.list_level(EVERYWHERE, selectors.get_territory(EVERYWHERE, "IN"), "state")
    assert sum(state.facts["parliamentary_constituencies"] for state in states) == 543
    assert sum(state.facts["assembly_constituencies"] for state in states) == 4123
    again = services.seed(actor=SYSTEM, states=["DL", "LD"], booths_per_constituency=3)
    assert sum(file.created + file.updated for file in again.files) == 0


def test_an_unknown_state_is_named():
    with pytest.raises(StateUnknown) as caught:
        services.seed(actor=SYSTEM, states=["UP", "XX"])
    assert str(caught.value).startswith("XX")
