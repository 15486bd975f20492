"""The package audit never says "passed" unless a service that is known to work answered for every package."""

import json
import socket
import time
import tomllib
from datetime import UTC, datetime, timedelta

import pytest

from tests.tools.conftest import advisory
from tools import audit_packages, locked
from tools.audit_packages import NOT_AUDITED, NotAudited, judge


@pytest.fixture
def run(lock, tmp_path, capsys):
    """Audit the small lock file; what came out: exit code, standard output, standard error."""

    def run(url, *options, ignore=""):
        excepted = tmp_path / "ignore.toml"
        excepted.write_text(ignore)
        arguments = ["--osv-url", url, "--lock", str(lock), "--ignore", str(excepted), *options]
        code = audit_packages.main(arguments)
        return (code, *capsys.readouterr())

    return run


@pytest.fixture
def nobody():
    """An address that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}/"


@pytest.fixture
def silent():
    """A server that takes questions and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        yield f"http://127.0.0.1:{held.getsockname()[1]}/"


def exception(**changes):
    entry = {"id": "GHSA-1", "package": "beta", "reason": "we never call that function", "until": soon()} | changes
    return "[[ignore]]\n" + "".join(
        f"{name} = {json.dumps(value) if isinstance(value, str) else value}\n" for name, value in entry.items()
    )


def soon(days=30):
    return datetime.now(UTC).date() + timedelta(days=days)


def test_it_passes_only_when_every_locked_package_was_asked_about(run, service):
    code, out, _err = run(service.url)
    assert code == 0
    assert "PASSED: 4 run-time and 1 development packages" in out
    assert set(service.asked) == {"pyyaml", "alpha", "beta", "gamma", "only-elsewhere", "checker"}


@pytest.mark.parametrize("package", ["gamma", "only-elsewhere", "checker"])
def test_a_known_weakness_fails_and_is_named_with_all_its_names(run, service, package):
    service.known[package] = [advisory(package, "GHSA-1", aliases=("CVE-2026-1",), fixed="2.0")]
    code, out, err = run(service.url)
    assert code == 1
    assert "PASSED" not in out
    assert f"{package} 1." in err
    assert {"GHSA-1", "CVE-2026-1"} <= set(err.split())
    assert "(mended in 2.0)" in err


def test_a_dead_service_is_not_a_pass(run, nobody):
    code, out, err = run(nobody)
    assert (code, out) == (0, "")
    assert "PACKAGES WERE NOT AUDITED: run-time and development" in err
    assert "PASSED" not in err
    assert run(nobody, "--must-answer")[0] == NOT_AUDITED


def test_a_service_that_never_answers_is_given_up_within_half_a_minute(run, silent):
    began = time.monotonic()
    code, out, err = run(silent, "--must-answer")
    assert (code, out) == (NOT_AUDITED, "")
    assert "NOT AUDITED" in err
    assert time.monotonic() - began < 30


def test_a_service_that_finds_everything_harmless_is_not_believed(run, service):
    service.known.clear()
    code, out, err = run(service.url, "--must-answer")
    assert (code, out) == (NOT_AUDITED, "")
    assert "calls pyyaml 5.3, which is known to be weak, harmless" in err


@pytest.mark.parametrize("answers", [1, 3, 5])
def test_a_service_that_dies_half_way_is_not_a_pass(run, service, answers):
    service.answers = answers
    code, out, err = run(service.url, "--must-answer")
    assert (code, out) == (NOT_AUDITED, "")
    assert "NOT AUDITED" in err


def test_what_was_found_before_the_service_died_is_told(run, service):
    service.answers = 5  # the weak one of old and the four that run
    service.known["beta"] = [advisory("beta", "GHSA-1")]
    code, _out, err = run(service.url)
    assert code == 1
    assert "NOT AUDITED: development" in err
    assert "beta 1.1: GHSA-1" in err


# -- exceptions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["GHSA-1", "CVE-2026-1"])
def test_a_reviewed_exception_holds_under_any_name_and_is_told(run, service, name):
    service.known["beta"] = [advisory("beta", "GHSA-1", aliases=("CVE-2026-1",))]
    code, out, _err = run(service.url, ignore=exception(id=name))
    assert code == 0
    assert f"excepted: {name} of beta, we never call that function" in out


def test_an_exception_covers_one_package_and_one_weakness(run, service):
    service.known["beta"] = [advisory("beta", "GHSA-1"), advisory("beta", "GHSA-2")]
    service.known["gamma"] = [advisory("gamma", "GHSA-1")]
    code, _out, err = run(service.url, ignore=exception())
    assert code == 1
    assert "beta 1.1: GHSA-2" in err
    assert "gamma 1.2: GHSA-1" in err
    assert "beta 1.1: GHSA-1" not in err


def test_an_exception_that_is_not_needed_any_more_is_told(run, service):
    assert "no longer needed, remove: GHSA-1 of beta" in run(service.url, ignore=exception())[1]


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"until": soon(0)}, "ran out"),
        ({"until": soon(181)}, "no exception holds"),
        ({"until": "2099-01-01"}, "until is a day"),
        ({"reason": "harmless"}, "say in a few words"),
        ({"who": "me"}, "each entry has"),
    ],
)
def test_a_bad_exception_fails_even_when_nobody_answers(run, nobody, broken, said):
    code, _out, err = run(nobody, ignore=exception(**broken))
    assert code == 1
    assert said in err


def test_the_exceptions_of_this_version_are_in_order():
    audit_packages.exemptions(audit_packages.IGNORE, datetime.now(UTC).date())


# -- judging ---------------------------------------------------------------------------------------

EXPECTED = {("alpha", "1.0"), ("beta", "1.1")}


def answer(*entries):
    return json.dumps({"dependencies": list(entries), "fixes": []})


CLEAN = [{"name": name, "version": version, "vulns": []} for name, version in sorted(EXPECTED)]
WEAK = {"name": "beta", "version": "1.1", "vulns": [{"id": "X-1", "fix_versions": [], "aliases": []}]}


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (0, ""),
        (0, "[]"),
        (0, "Audited everything!"),
        (0, answer()),
        (0, answer(CLEAN[0])),
        (0, answer(CLEAN[0], {"name": "beta", "skip_reason": "not found"})),
        (0, answer(CLEAN[0], {"name": "beta", "version": "1.1", "skip_reason": "not found"})),
        (0, answer(CLEAN[0], {"name": "beta", "version": "1.2", "vulns": []})),
        (0, answer(CLEAN[0], WEAK)),
        (1, answer(*CLEAN)),
        (2, answer(*CLEAN)),
        (-9, answer(CLEAN[0], WEAK)),
    ],
)
def test_an_answer_that_is_not_about_exactly_these_packages_is_none(code, said):
    with pytest.raises(NotAudited):
        judge(code, said, "", EXPECTED)


def test_a_whole_answer_is_taken():
    assert judge(0, answer(*CLEAN), "", EXPECTED) == []
    assert [str(found) for found in judge(1, answer(CLEAN[0], WEAK), "", EXPECTED)] == [
        "beta 1.1: X-1 (not mended yet)"
    ]


# -- the lock file ---------------------------------------------------------------------------------


def test_every_package_comes_from_a_registry_and_every_file_has_its_hash():
    for package in tomllib.loads(locked.LOCK.read_text())["package"]:
        if package["name"] == locked.US:
            continue
        assert set(package["source"]) == {"registry"}, package["name"]
        files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
        assert files, package["name"]
        assert all(file["hash"].startswith("sha256:") and len(file["hash"]) == 71 for file in files)


def test_the_run_time_set_follows_extras_and_other_systems_and_leaves_development_out(lock):
    assert [package.pin for package in locked.runtime(lock)] == [
        "alpha==1.0", "beta==1.1", "gamma==1.2", "only-elsewhere==1.3",
    ]  # fmt: skip
    assert [package.pin for package in locked.development(lock)] == ["checker==1.4"]
