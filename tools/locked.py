"""What uv.lock holds: the packages that an installation runs, those for development, and the hashes of their files."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "uv.lock"
US = "toli"


@dataclass(frozen=True, slots=True)
class Package:
    """One locked package. ``hashes``: ``sha256:...`` of each of its files, sorted; ``needs``: names of packages."""

    name: str
    version: str
    hashes: tuple[str, ...]
    needs: tuple[str, ...]

    @property
    def pin(self) -> str:
        return f"{self.name}=={self.version}"


def runtime(lock: Path = LOCK) -> list[Package]:
    """What an installation runs, on whatever platform: conditions on systems and versions are not looked at."""
    packages = _read(lock)
    return _closure(packages, _ours(packages)["dependencies"])


def development(lock: Path = LOCK) -> list[Package]:
    """What is installed for work on the code besides."""
    packages = _read(lock)
    running = {package.pin for package in runtime(lock)}
    groups = _ours(packages).get("dev-dependencies", {})
    wanted = _closure(packages, [need for group in groups.values() for need in group])
    return [package for package in wanted if package.pin not in running]


def direct(lock: Path = LOCK) -> list[str]:
    """The names that Toli itself asks for, at run time."""
    return sorted({need["name"] for need in _ours(_read(lock))["dependencies"]})


def _read(lock: Path) -> list[dict[str, Any]]:
    return tomllib.loads(lock.read_text())["package"]


def _ours(packages: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return next(package for package in packages if package["name"] == US)


def _closure(packages: list[dict[str, Any]], needs: list[dict[str, Any]]) -> list[Package]:
    found: dict[str, Package] = {}
    waiting, seen = list(needs), set()
    while waiting:
        need = waiting.pop()
        for entry in (package for package in packages if _answers(package, need)):
            key = (entry["name"], entry["version"], tuple(need.get("extra", ())))
            if key in seen:
                continue
            seen.add(key)
            package = _package(entry)
            found[package.pin] = package
            waiting += entry.get("dependencies", [])
            for extra in need.get("extra", ()):
                waiting += entry.get("optional-dependencies", {}).get(extra, [])
    return [found[pin] for pin in sorted(found)]


def _answers(entry: dict[str, Any], need: dict[str, Any]) -> bool:
    return entry["name"] == need["name"] and need.get("version", entry["version"]) == entry["version"]


def _package(entry: dict[str, Any]) -> Package:
    files = [*entry.get("wheels", ()), *([entry["sdist"]] if "sdist" in entry else [])]
    return Package(
        name=entry["name"],
        version=entry["version"],
        hashes=tuple(sorted(file["hash"] for file in files)),
        needs=tuple(sorted({need["name"] for need in entry.get("dependencies", ())})),
    )
