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
class File:
    """One published file of a package. ``hash``: ``sha256:`` and 64 digits."""

    url: str
    hash: str


@dataclass(frozen=True, slots=True)
class Package:
    """One locked package, its files by address, and the names of the packages that it needs."""

    name: str
    version: str
    files: tuple[File, ...]
    needs: tuple[str, ...]

    @property
    def pin(self) -> str:
        return f"{self.name}=={self.version}"

    @property
    def hashes(self) -> list[str]:
        return sorted({file.hash for file in self.files})


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


def ours(lock: Path = LOCK) -> Package:
    """Toli itself: its version and what it asks for at run time."""
    return _package(_ours(_read(lock)), _ours(_read(lock))["dependencies"])


def _read(lock: Path) -> list[dict[str, Any]]:
    return tomllib.loads(lock.read_text())["package"]


def _ours(packages: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return next(package for package in packages if package["name"] == US)


def _closure(packages: list[dict[str, Any]], needs: list[dict[str, Any]]) -> list[Package]:
    """These and what they need in turn; an extra adds what it needs to its package."""
    asked: dict[str, list[dict[str, Any]]] = {}
    entries: dict[str, dict[str, Any]] = {}
    waiting, seen = list(needs), set()
    while waiting:
        need = waiting.pop()
        for entry in (package for package in packages if _answers(package, need)):
            pin = f"{entry['name']}=={entry['version']}"
            for extra in ("", *need.get("extra", ())):
                if (pin, extra) in seen:
                    continue
                seen.add((pin, extra))
                entries[pin] = entry
                further = (
                    entry.get("optional-dependencies", {}).get(extra, []) if extra else entry.get("dependencies", [])
                )
                asked.setdefault(pin, []).extend(further)
                waiting += further
    return [_package(entries[pin], asked[pin]) for pin in sorted(entries)]


def _answers(entry: dict[str, Any], need: dict[str, Any]) -> bool:
    return entry["name"] == need["name"] and need.get("version", entry["version"]) == entry["version"]


def _package(entry: dict[str, Any], needs: list[dict[str, Any]]) -> Package:
    files = [*entry.get("wheels", ()), *([entry["sdist"]] if "sdist" in entry else [])]
    return Package(
        name=entry["name"],
        version=entry["version"],
        files=tuple(sorted((File(file["url"], file["hash"]) for file in files), key=lambda file: file.url)),
        needs=tuple(sorted({need["name"] for need in needs})),
    )
