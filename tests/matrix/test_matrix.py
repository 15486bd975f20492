"""Every route, for everybody, everywhere: 0 leaks. Without the second wall, and with it.

Everywhere is asked without the wall, which can only take away. With the wall the question is whether what is one's own
still opens: there two places outside are enough, and whoever is sent away at the door is so once. A method that no view
knows is refused before anybody is looked at, so whoever may most and whoever may nothing ask for it.
"""

from contextlib import contextmanager

import pytest

from tests.matrix import cells, stage
from toli.access.domain.permissions import PERMISSIONS
from toli.core import wall

pytestmark = pytest.mark.django_db


BEHIND_THE_WALL = {"", "own", "below", "twin", "parent"}
STRANGE = {"headquarters", "anonymous"}  # who ask for methods that no view knows


@pytest.fixture(params=["both walls", "scope alone"])
def asked(request, monkeypatch):
    """Which cells are asked. The scope has to hold by itself: the second wall must not hide its gaps from this test."""
    if request.param == "scope alone":

        @contextmanager
        def no_wall(**_view):
            yield

        monkeypatch.setattr(wall, "behind", no_wall)
        return lambda _role, cell: cell.method in {"GET", "POST"}  # HEAD asks the view that GET does
    return _with_both


def _with_both(role: stage.Person, cell: cells.Cell) -> bool:
    if cell.method not in cells.ALLOWED:
        return cell.role in STRANGE and cell.place in {"", "own"}
    if cell.method == "HEAD" or cells.turned_away(role, cell):
        return cell.place in {"", "own"}
    return cell.place in BEHIND_THE_WALL


@pytest.mark.parametrize("pattern", cells.routes(), ids=lambda pattern: "/" + str(pattern.pattern))
def test_nobody_gets_more_than_the_view_declares(pattern, furnished, asked):
    every, ask = cells.cells(pattern, stage.ROLES), cells.asking(furnished)
    chosen = [cell for cell in every if asked(furnished.roles[cell.role], cell)]
    found = [cells.verdict(furnished, cell, ask(cell)) for cell in chosen]
    assert found
    assert [problem for problem in found if problem] == []


@pytest.mark.parametrize("pattern", cells.routes(), ids=lambda pattern: "/" + str(pattern.pattern))
def test_every_route_tells_the_matrix_what_it_is_about(pattern):
    assert getattr(pattern.callback, "access", None) in {"public", "member", "staff", *PERMISSIONS}
    assert not pattern.pattern.converters or str(pattern.pattern) in cells.SUBJECTS


def test_the_matrix_knows_no_route_that_is_gone():
    assert set(cells.SUBJECTS) <= {str(pattern.pattern) for pattern in cells.routes()}


def test_every_cell_is_counted(record_property):
    count = sum(1 for pattern in cells.routes() for _cell in cells.cells(pattern, stage.ROLES))
    record_property("cells", count)
    print(f"\naccess matrix: {count} cells of {len(cells.routes())} routes")  # noqa: T201 the figure itself
    assert count > 5000
