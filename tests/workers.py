"""Several processes test at once: each has its own folder, and so its own PostgreSQL, keys and files.

Loaded before Django reads its settings (addopts in pyproject.toml). Without ``-n`` nothing happens here.
Whoever is free takes what lasts longest of what is left, so that nobody waits long for the others at the end.
"""

import os
from pathlib import Path
from typing import Any

import pytest

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
if WORKER:
    os.environ["TOLI_VAR_DIR"] = str(Path(os.environ.get("TOLI_VAR_DIR", "var/test")) / WORKER)

# About how many seconds they take by themselves; what is not here takes less than ten. Tests of a file stay together,
# those after ``::`` apart, so that another process can take the rest of their file.
SECONDS = {
    "tests/matrix/test_matrix.py": 250,
    "tests/matrix/test_planted_bugs.py": 160,
    "tests/bench/test_bench.py": 90,
    "tests/demo/test_demo.py": 80,
    "tests/e2e/test_every_page.py::test_every_page_is_whole_accessible_and_asks_nobody_else[hi-2]": 100,
    "tests/e2e/test_every_page.py::test_every_page_is_whole_accessible_and_asks_nobody_else[en-1280]": 95,
    "tests/e2e/test_scripts_in_names.py::test_no_page_runs_what_people_wrote[hi-0]": 50,
    "tests/e2e/test_scripts_in_names.py::test_no_page_runs_what_people_wrote[en-7]": 48,
    "tests/e2e/test_scripts_in_names.py": 40,
    "tests/core/test_rotation.py": 60,
    "tests/messaging/test_killed.py": 35,
    "tests/web/test_hardening.py": 50,
    "tests/security/test_real_servers.py": 25,
    "tests/security/test_logs.py": 12,
    "tests/rights/test_retention_killed.py": 15,
    "tests/e2e/test_members_desk.py": 25,
    "tests/e2e/test_redirects.py": 20,
    "tests/e2e/test_content_desk.py": 16,
    "tests/members/test_import_killed.py": 15,
    "tests/chatgroups/planning/test_real_tree.py": 12,
}


def unit_of(nodeid: str) -> str:
    """What is done by one process without a break: a file, or a test that lasts as long as one."""
    return nodeid if nodeid in SECONDS else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """How the tests are shared out with ``--dist loadfile``; every other way is left to pytest-xdist."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class LongestFirst(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return unit_of(nodeid)

        def _assign_work_unit(self, node: Any) -> None:
            longest = max(self.workqueue, key=lambda unit: SECONDS.get(unit, 0))
            self.workqueue.move_to_end(longest, last=False)
            super()._assign_work_unit(node)

    return LongestFirst(config, log)
