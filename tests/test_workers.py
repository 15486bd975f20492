"""Several processes share the tests out among themselves so that none of them is idle at the end."""

from pathlib import Path
from types import SimpleNamespace

from tests.workers import SECONDS, pytest_xdist_make_scheduler, unit_of

ROOT = Path(__file__).resolve().parent.parent
SHORT, LONG = "tests/test_alone.py", "tests/matrix/test_matrix.py"
APART = next(unit for unit in SECONDS if "::" in unit)


class Node:
    """A process that only notes what it is to do."""

    def __init__(self, collection):
        self.collection, self.given, self.shutting_down = collection, [], False
        self.gateway = SimpleNamespace(id="one")

    def send_runtest_some(self, numbers):
        self.given.append([self.collection[number] for number in numbers])

    def shutdown(self):
        self.shutting_down = True


def scheduler(dist="loadfile"):
    options = {"dist": dist, "tx": ["popen"]}
    config = SimpleNamespace(getvalue=options.get, option=SimpleNamespace(loadscopereorder=True))
    return pytest_xdist_make_scheduler(config, None)


def test_the_longest_of_what_is_left_comes_first():
    many = [f"{SHORT}::test_{number}" for number in range(5)]
    tests = [*many, f"{LONG}::test_one", f"{LONG}::test_two", APART, APART.replace("[", "[other-")]
    node, found = Node(tests), scheduler()
    found.add_node(node)
    found.add_node_collection(node, tests)
    found.schedule()
    assert node.given[0] == [f"{LONG}::test_one", f"{LONG}::test_two"]
    assert node.given[1] == [APART]
    for number in (5, 6, 7):
        found.mark_test_complete(node, number)
    assert node.given[2] == many  # of what is short, the file with the most tests
    assert node.given[3:] in ([], [[APART.replace("[", "[other-")]])


def test_other_ways_to_share_out_are_left_alone():
    assert scheduler("load") is None


def test_what_is_said_to_be_slow_is_there():
    for unit in SECONDS:
        path, _, test = unit.partition("::")
        assert f"def {test.partition('[')[0]}" in (ROOT / path).read_text(), unit
        assert unit_of(unit) == unit
