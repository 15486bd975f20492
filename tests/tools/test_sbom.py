"""The list of what Toli is made of: whole, the same for the same lock file, and licences that go with ours."""

import json
import tomllib

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tools import locked, sbom

ENTRIES = {
    package["name"]: package for package in tomllib.loads(locked.LOCK.read_text())["package"]
}  # every name stands in the lock file once
KNOWN = sbom.rules()


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("sbom") / "toli.cdx.json"
    assert sbom.main(["--output", str(path)]) == 0
    return path


@pytest.fixture(scope="module")
def document(written):
    return json.loads(written.read_text())


def reachable() -> set[str]:
    """Names that Toli needs to run, read from the lock file in the plainest way: with all extras that are asked for."""
    found, before = {"toli"}, set()
    while found != before:
        before = set(found)
        for name in before:
            for need in ENTRIES[name].get("dependencies", []):
                found.add(need["name"])
                for extra in need.get("extra", []):
                    found |= {more["name"] for more in ENTRIES[need["name"]]["optional-dependencies"][extra]}
    return found - {"toli"}


def test_every_package_of_the_run_time_closure_is_in_it_with_version_and_hashes(document):
    assert len(ENTRIES) == len(tomllib.loads(locked.LOCK.read_text())["package"])
    listed = {component["name"]: component for component in document["components"]}
    assert set(listed) == reachable()
    for name, component in listed.items():
        entry = ENTRIES[name]
        files = [*entry.get("wheels", []), *([entry["sdist"]] if "sdist" in entry else [])]
        assert component["version"] == entry["version"]
        assert component["purl"] == f"pkg:pypi/{name}@{entry['version']}"
        assert {
            (reference["url"], f"sha256:{reference['hashes'][0]['content']}")
            for reference in component["externalReferences"]
        } == {(file["url"], file["hash"]) for file in files}


def test_it_obeys_the_schema(document):
    """A few of its entries: they are all made alike, and the validator is slow."""
    few = document["components"][:8]
    sample = document | {"components": [one | {"externalReferences": one["externalReferences"][:2]} for one in few]}
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(sample)) is None


def test_who_needs_whom_is_told_with_no_loose_end(document):
    references = {component["bom-ref"] for component in document["components"]}
    needs = {entry["ref"]: entry["dependsOn"] for entry in document["dependencies"]}
    own = document["metadata"]["component"]["bom-ref"]
    assert set(needs) == references | {own}
    assert {name for names in needs.values() for name in names} == references
    assert f"pkg:pypi/django@{ENTRIES['django']['version']}" in needs[own]
    assert f"pkg:pypi/psycopg-binary@{ENTRIES['psycopg-binary']['version']}" in str(needs)


def test_the_same_lock_file_gives_the_same_bytes(written, tmp_path):
    again = tmp_path / "again.json"
    sbom.main(["--output", str(again)])
    assert again.read_bytes() == written.read_bytes()
    assert "serialNumber" not in again.read_text()
    assert "timestamp" not in again.read_text()


@pytest.mark.parametrize("package", sorted(reachable()))
def test_every_licence_is_known_and_goes_with_ours(package):
    assert sbom.compatible(sbom.licence_of(package, KNOWN), KNOWN.allowed)


def test_no_licence_is_stated_for_a_package_that_is_not_used():
    assert set(KNOWN.stated) <= reachable()


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        ("MIT", True),
        ("MIT AND GPL-2.0-only", False),
        ("MIT OR GPL-2.0-only", True),
        ("(MIT OR GPL-2.0-only) AND Apache-2.0", True),
        ("GPL-2.0-only", False),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("BUSL-1.1", False),
        ("SSPL-1.0", False),
        ("BSD", False),
        ("", False),
        ("MIT, or so", False),
    ],
)
def test_an_expression_fits_when_all_its_parts_or_one_of_its_choices_do(expression, fits):
    assert sbom.compatible(expression, KNOWN.allowed) is fits


def test_what_a_person_read_counts_before_what_the_package_says():
    assert sbom.licence_of("segno", KNOWN, read=lambda _name: "MIT") == "BSD-3-Clause"
    assert sbom.licence_of("django", KNOWN, read=lambda _name: "MIT") == "MIT"


@pytest.mark.parametrize(
    ("licence", "said"), [("", "no licence is known"), ("SSPL-1.0", "SSPL-1.0 does not go with AGPL-3.0-or-later")]
)
def test_a_licence_that_does_not_go_with_ours_fails_by_name(monkeypatch, tmp_path, capsys, licence, said):
    monkeypatch.setattr(sbom, "licence_of", lambda name, _known: licence if name == "django" else "MIT")
    assert sbom.main(["--output", str(tmp_path / "bad.json")]) == 1
    assert f"FAILED: django: {said}" in capsys.readouterr().err
