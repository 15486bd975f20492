"""What an installation of Toli is made of, as CycloneDX 1.6: each run-time package of uv.lock with its files' hashes,
its licence and what it needs. The same lock file gives the same bytes: no time, no number of its own.

    python -m tools.sbom                       # writes build/toli.cdx.json
    python -m tools.sbom --output FILE

Exit code 1 and the packages by name when a licence is unknown or does not go with AGPL-3.0-or-later.
"""

import argparse
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from license_expression import (
    AND,
    OR,
    ExpressionError,
    LicenseSymbol,
    LicenseWithExceptionSymbol,
    get_spdx_licensing,
)

from tools import locked

LICENCES = locked.ROOT / "tools" / "licences.toml"
OUTPUT = locked.ROOT / "build" / "toli.cdx.json"
OWN_LICENCE = "AGPL-3.0-or-later"
_SPDX = get_spdx_licensing()
# The classifiers that name one licence; "BSD License" and "Apache Software License" stand for several.
_CLASSIFIERS = {
    "License :: OSI Approved :: ISC License (ISCL)": "ISC",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


@dataclass(frozen=True, slots=True)
class Rules:
    """``allowed``: SPDX names that go with our licence; ``stated``: package -> expression, read by a person."""

    allowed: frozenset[str]
    stated: Mapping[str, str]


def rules(path: Path = LICENCES) -> Rules:
    content = tomllib.loads(path.read_text())
    return Rules(frozenset(content["allowed"]), content["stated"])


def declared(package: str) -> str:
    """The SPDX expression that the installed package's metadata says or amounts to; empty when there is none."""
    try:
        found = metadata.metadata(package)
    except metadata.PackageNotFoundError:
        return ""
    texts = [found.get(key) or "" for key in ("License-Expression", "License")]
    texts += [_CLASSIFIERS.get(classifier, "") for classifier in found.get_all("Classifier") or ()]
    return next((text for text in texts if _parsed(text) is not None), "")


def licence_of(package: str, known: Rules, read: Callable[[str], str] = declared) -> str:
    """What a person read there, else what the package says. Empty when neither is known."""
    return known.stated.get(package) or read(package)


def compatible(expression: str, allowed: frozenset[str]) -> bool:
    """Whether a work under AGPL-3.0-or-later may contain it: one of the choices, all of the parts."""
    parsed = _parsed(expression)
    return parsed is not None and _fits(parsed, allowed)


def bill(packages: Sequence[locked.Package], ours: locked.Package, licences: Mapping[str, str]) -> dict[str, Any]:
    """The CycloneDX document."""
    pins = {package.name: _reference(package) for package in packages}
    us = _reference(ours)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": us,
                "name": ours.name,
                "version": ours.version,
                "licenses": [{"expression": OWN_LICENCE}],
            },
            "properties": [{"name": "cdx:reproducible", "value": "true"}],
        },
        "components": [_component(package, licences[package.name]) for package in packages],
        "dependencies": [
            {"ref": ref, "dependsOn": sorted(pins[name] for name in package.needs)}
            for ref, package in [(us, ours), *((_reference(package), package) for package in packages)]
        ],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make sbom", description="What an installation of Toli is made of.")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    output: Path = parser.parse_args(arguments).output
    known, packages = rules(), locked.runtime()
    licences = {package.name: licence_of(package.name, known) for package in packages}
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(bill(packages, locked.ours(), licences), indent=1, sort_keys=True) + "\n")
    bad = {name: text for name, text in licences.items() if not compatible(text, known.allowed)}
    (sys.stderr if bad else sys.stdout).writelines(_told(output, licences, bad))
    return 1 if bad else 0


def _told(output: Path, licences: Mapping[str, str], bad: Mapping[str, str]) -> Iterator[str]:
    yield f"{output}: {len(licences)} packages\n"
    for text, count in sorted(Counter(licences.values()).items(), key=lambda item: (-item[1], item[0])):
        yield f"  {count:3d}  {text or 'unknown'}\n"
    for name, text in bad.items():
        why = f"{text} does not go with {OWN_LICENCE}" if text else "no licence is known; read it and state it"
        yield f"FAILED: {name}: {why} ({LICENCES.relative_to(locked.ROOT)})\n"


def _component(package: locked.Package, licence: str) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": _reference(package),
        "name": package.name,
        "version": package.version,
        "purl": _reference(package),
        "licenses": [{"expression": licence}] if licence else [],
        "externalReferences": [
            {
                "type": "distribution",
                "url": file.url,
                "hashes": [{"alg": "SHA-256", "content": file.hash.removeprefix("sha256:")}],
            }
            for file in package.files
        ],
    }


def _reference(package: locked.Package) -> str:
    return f"pkg:pypi/{package.name}@{package.version}"


def _parsed(text: str) -> Any:
    """The SPDX expression, or None when the text is something else."""
    try:
        return _SPDX.parse(text, validate=True, strict=True)
    except ExpressionError:
        return None


def _fits(node: Any, allowed: frozenset[str]) -> bool:
    if isinstance(node, LicenseWithExceptionSymbol):  # an exception only permits more
        return node.license_symbol.key in allowed
    if isinstance(node, LicenseSymbol):
        return node.key in allowed
    together = {AND: all, OR: any}[type(node)]
    return together(_fits(part, allowed) for part in node.args)


if __name__ == "__main__":
    sys.exit(main())
