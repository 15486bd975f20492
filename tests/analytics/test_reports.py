"""Counts at the desk for those who see no members by name: nobody works out who few are, from all pages together."""

import random
import re

import pytest

from tests import factories as make
from toli.access.domain.scope import EVERYWHERE, NOWHERE, Scope
from toli.access.models import Role, RoleAssignment
from toli.access.services import ensure_standard_roles
from toli.analytics import reports
from toli.analytics.domain import suppression
from toli.analytics.domain.suppression import FEWEST, Veil, is_few
from toli.analytics.models import FunnelCount
from toli.core import clock
from toli.territories import selectors as territories
from toli.territories.models import Node, Territory

pytestmark = pytest.mark.django_db


def count(**members):
    """Members living in each place (by code); branches are summed up as the counting does."""
    lives = {Territory.objects.get(code=code).pk: number for code, number in members.items()}
    paths = {node.path: lives.get(node.territory_id, 0) for node in Node.objects.current()}
    FunnelCount.objects.all().delete()
    for node in Node.objects.current():
        whole = sum(number for path, number in paths.items() if path.startswith(node.path))
        FunnelCount.objects.create(node=node, territory_id=node.territory_id, imported=whole)


def place(code):
    return Territory.objects.get(code=code)


def scope_of(*codes):
    return Scope(tuple(territories.path_of(place(code).pk) for code in codes))


def told(code, scope=EVERYWHERE, named=NOWHERE):
    """What is told of a place and of its children, by code ("" for those who live in the place itself)."""
    found = reports.report(scope, named, place(code))
    rows = {row.territory.code if row.territory else "": row.funnel.imported for row in found.rows}
    return found.total.imported, rows


@pytest.fixture
def country():
    make.make_territories("IN/UP/07/A1", "IN/UP/07/A2", "IN/UP/07/A3", "IN/UP/08/B1", "IN/UP/08/B2", "IN/KL/01/C1")
    count(A1=3, A2=40, A3=70, B1=25, B2=26, C1=60)


def test_those_who_see_members_by_name_see_every_count(country):
    assert told("07", named=scope_of("UP")) == (113, {"A1": 3, "A2": 40, "A3": 70})


def test_few_are_few_and_what_would_tell_them_is_kept_back(country):
    assert told("07") == (113, {"A1": Veil.FEW, "A2": Veil.KEPT, "A3": 70})


def test_the_page_of_a_place_says_no_more_than_the_page_above_it(country):
    assert told("A1") == (Veil.FEW, {"": Veil.KEPT})
    assert told("A2") == (Veil.KEPT, {"": Veil.KEPT})
    assert told("A3") == (70, {"": 70})


def test_below_a_place_that_is_kept_back_nothing_is_told():
    make.make_territories("IN/UP/07/A1", "IN/UP/08/B1", "IN/UP/08/B2", "IN/UP/09/D1")
    count(A1=3, B1=25, B2=26, D1=90)
    assert told("UP")[1] == {"07": Veil.FEW, "08": Veil.KEPT, "09": 90}
    assert told("08") == (Veil.KEPT, {"B1": Veil.KEPT, "B2": Veil.KEPT})
    assert told("B2") == (Veil.KEPT, {"": Veil.KEPT})


def test_the_reader_s_own_area_is_where_it_begins(country):
    """Whoever sees only one place below a family has no sum to subtract from."""
    assert told("A2", scope=scope_of("A2")) == (40, {"": 40})
    assert told("A1", scope=scope_of("A1"))[0] is Veil.FEW


def test_who_knows_all_but_few_learns_nothing_of_these(country):
    """A1 holds three; the reader sees A2 and A3 by name."""
    total, rows = told("07", named=scope_of("A2", "A3"))
    assert total is Veil.KEPT
    assert rows == {"A1": Veil.KEPT, "A2": 40, "A3": 70}


def test_what_one_knows_is_no_hiding_place(country):
    """A2 would be kept back to hide A1, but the reader knows A2: so A3 goes as well."""
    rows = told("07", named=scope_of("A2"))[1]
    assert rows["A2"] == 40
    assert rows["A3"] in (Veil.KEPT, Veil.FEW)
    assert isinstance(rows["A1"], Veil)


def seen_by(scope):
    """Everything that the pages tell: bounds of the count of each place, and sums."""
    bounds, sums = {}, []
    for node in Node.objects.current().select_related("territory"):
        if not scope.covers(node.path):
            continue
        code = node.territory.code
        total, rows = told(code, scope=scope)
        bounds[code] = _narrowed(bounds.get(code), total)
        for child, figure in rows.items():
            name = child or f"rest of {code}"
            bounds[name] = _narrowed(bounds.get(name), figure)
        if rows:
            sums.append((code, [child or f"rest of {code}" for child in rows]))
    return bounds, sums


def _narrowed(known, figure):
    low, high = known or (0, 10**6)
    if figure is Veil.FEW:
        return max(low, 1), min(high, FEWEST - 1)
    return (low, high) if figure is Veil.KEPT else (figure, figure)


def attack(bounds, sums):
    """Subtract as long as anything gets narrower."""
    bounds, changed = dict(bounds), True
    while changed:
        changed = False
        for whole, parts in sums:
            low, high = sum(bounds[part][0] for part in parts), sum(bounds[part][1] for part in parts)
            found = {whole: (low, high)}
            for part in parts:
                least = bounds[whole][0] - (high - bounds[part][1])
                most = bounds[whole][1] - (low - bounds[part][0])
                found[part] = (least, most)
            for name, (least, most) in found.items():
                narrower = max(bounds[name][0], least), min(bounds[name][1], most)
                if narrower != bounds[name]:
                    bounds[name], changed = narrower, True
    return bounds


def random_country(seed):
    dice = random.Random(seed)
    codes = [f"IN/S{s}/D{s}{d}/T{s}{d}{t}" for s in range(2) for d in range(dice.randint(1, 3)) for t in range(3)]
    make.make_territories(*codes)
    counts = {path.rpartition("/")[2]: dice.choice((0, 1, 2, 4, 5, 6, 9, 14, 30, 80)) for path in codes}
    counts |= {f"D{s}0": dice.choice((0, 3, 20)) for s in range(2)}
    count(**counts)


@pytest.mark.parametrize("seed", range(4))
def test_subtracting_over_all_pages_finds_nobody(seed):
    random_country(seed)
    found = attack(*seen_by(EVERYWHERE))
    true = dict(FunnelCount.objects.values_list("territory__code", "imported"))
    for code, number in true.items():
        assert found[code][0] <= number <= found[code][1]
        if is_few(number):
            assert found[code][0] < found[code][1], code


def test_the_attacker_would_find_few_that_nothing_else_hides(country, monkeypatch):
    """The same attacker, against pages that only veil what is few."""
    monkeypatch.setattr(reports, "family", lambda _total, rows: [suppression.one(row) for row in rows])
    assert attack(*seen_by(EVERYWHERE))["A1"] == (3, 3)


class TestPage:
    @pytest.fixture
    def writer(self, country, client):
        """Of the content team in UP: sees counts, and no member by name."""
        make.make_organisation()
        ensure_standard_roles()
        account = make.make_account(name="Writer")
        role = Role.objects.get(code="content")
        RoleAssignment.objects.create(account=account, role=role, territory=place("UP"), valid_from=clock.today())
        client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")
        client.cookies["lang"] = "en"
        return client

    def test_few_and_kept_back_are_told_apart_and_explained(self, writer):
        shown = re.sub(r"\s+", " ", writer.get("/console/t/07").content.decode())
        assert "fewer than 5 are told as “&lt;5”" in shown
        cells = [re.findall(r'<td class="num">(.*?)</td>', row)[0] for row in re.findall(r"<tr>.*?</tr>", shown)[1:4]]
        assert sorted(cells) == ["&lt;5", "70", "–"]

    @pytest.mark.parametrize("code", ["UP", "07", "A1", "A2"])
    def test_every_page_opens(self, writer, code):
        assert writer.get(f"/console/t/{code}").status_code == 200

    def test_group_sizes_are_not_told(self, writer):
        assert "Groups about to fill" not in writer.get("/console/t/07").content.decode()
