"""Known weaknesses of the packages we use, as locked in uv.lock: for every platform, not what is installed here.

    python -m tools.audit_packages                  # the run-time packages, then those for development
    python -m tools.audit_packages --must-answer    # an audit that could not be made counts as failed

Three ends are told apart. PASSED: a service answered for every package and knows of nothing. FAILED (1): it
knows of something, or an exception in tools/audit_ignore.toml has run out. NOT AUDITED (0, with
--must-answer 3): nobody answered. A service is believed only after it has named the weaknesses of an old
package that is known to be weak, so one that answers "nothing" to all questions does not pass for an audit.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tools import locked

IGNORE = locked.ROOT / "tools" / "audit_ignore.toml"
KNOWN_WEAK = ("pyyaml", "5.3")  # CVE-2020-1747 and others: every advisory service has them
SERVICES = ("osv", "pypi")
SILENCE = 5  # seconds without an answer to one question
LIMIT = 120  # seconds for one set of packages, while the service goes on answering
FURTHEST = timedelta(days=180)
FAILED, NOT_AUDITED = 1, 3


class NotAudited(Exception):
    """Nobody looked; the text says why."""


class BadIgnoreList(Exception):
    """An exception is incomplete, has run out, or lies too far ahead."""


@dataclass(frozen=True, slots=True)
class Weakness:
    """One advisory about one of our packages. ``ids``: its names in all lists, the first being the service's."""

    package: str
    version: str
    ids: tuple[str, ...]
    mended_in: tuple[str, ...]

    def __str__(self) -> str:
        mended = f"mended in {', '.join(self.mended_in)}" if self.mended_in else "not mended yet"
        return f"{self.package} {self.version}: {' = '.join(self.ids)} ({mended})"


@dataclass(frozen=True, slots=True)
class Exemption:
    """A weakness that was looked at and does not touch us."""

    id: str
    package: str
    reason: str
    until: date

    def covers(self, weakness: Weakness) -> bool:
        return self.package == weakness.package and self.id in weakness.ids


@dataclass(frozen=True, slots=True)
class Service:
    """An advisory service as pip-audit knows it."""

    name: str
    url: str = ""

    @property
    def options(self) -> list[str]:
        return ["--vulnerability-service", self.name, *(["--osv-url", self.url] if self.url else [])]


def exemptions(path: Path, today: date) -> list[Exemption]:
    """The reviewed exceptions. Raises BadIgnoreList."""
    try:
        entries = tomllib.loads(path.read_text()).get("ignore", [])
        found = [Exemption(**entry) for entry in entries]
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise BadIgnoreList(f"{path.name}: each entry has id, package, reason and until ({error})") from error
    for entry in found:
        if type(entry.until) is not date:
            raise BadIgnoreList(f"{entry.id}: until is a day, such as 2027-01-31")
        if len(str(entry.reason).split()) < 3:
            raise BadIgnoreList(f"{entry.id}: say in a few words why it does not touch us")
        if entry.until <= today:
            raise BadIgnoreList(f"{entry.id} ({entry.package}): the exception ran out on {entry.until}. Look again.")
        if entry.until > today + FURTHEST:
            raise BadIgnoreList(f"{entry.id}: no exception holds for more than {FURTHEST.days} days")
    return found


def first_that_answers(services: Sequence[Service]) -> Service:
    """The first service that knows what everybody knows. Raises NotAudited with what each one did."""
    silent = []
    for service in services:
        name, version = KNOWN_WEAK
        try:
            found = ask(service, [f"{name}=={version}"], {KNOWN_WEAK}, hashed=False, limit=3 * SILENCE)
        except NotAudited as error:
            silent.append(f"{service.name}: {error}")
            continue
        if found:
            return service
        silent.append(f"{service.name}: it calls {name} {version}, which is known to be weak, harmless")
    raise NotAudited("; ".join(silent))


def look_up(service: Service, packages: Sequence[locked.Package], *, limit: float = LIMIT) -> list[Weakness]:
    """What the service knows about these packages. Raises NotAudited unless it answered for every one."""
    lines = [f"{package.pin} {' '.join(f'--hash={value}' for value in package.hashes)}" for package in packages]
    return ask(service, lines, {(package.name, package.version) for package in packages}, hashed=True, limit=limit)


def ask(
    service: Service, lines: Iterable[str], expected: set[tuple[str, str]], *, hashed: bool, limit: float
) -> list[Weakness]:
    """Run pip-audit over these lines of a requirements file and judge its answer."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_text("".join(f"{line}\n" for line in lines))
        command = [
            sys.executable, "-m", "pip_audit", "--strict", "--disable-pip",
            "--require-hashes" if hashed else "--no-deps", "--requirement", str(listed), *service.options,
            "--timeout", str(SILENCE), "--format", "json", "--progress-spinner", "off",
            "--cache-dir", str(Path(folder) / "cache"),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=limit, env=_plain(), check=False)
        except subprocess.TimeoutExpired:
            raise NotAudited(f"no end after {limit:.0f} seconds") from None
    return judge(done.returncode, done.stdout, done.stderr, expected)


def judge(code: int, answer: str, complaints: str, expected: set[tuple[str, str]]) -> list[Weakness]:
    """The weaknesses in pip-audit's answer. Raises NotAudited unless it is about exactly these packages."""
    try:
        dependencies = json.loads(answer)["dependencies"]
        audited = {(entry["name"], entry["version"]) for entry in dependencies if "skip_reason" not in entry}
        weaknesses = [_weakness(entry, known) for entry in dependencies for known in entry.get("vulns", ())]
    except (ValueError, KeyError, TypeError):
        raise NotAudited(_last_line(complaints) or "pip-audit said nothing that can be read") from None
    if missing := sorted(expected - audited):
        raise NotAudited(f"no answer about {', '.join(f'{name} {version}' for name, version in missing)}")
    if bool(weaknesses) != (code == 1) or code not in (0, 1):
        raise NotAudited(f"pip-audit ended with {code}, which does not fit its answer")
    return weaknesses


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    services = [Service("osv", options.osv_url)] if options.osv_url else [Service(name) for name in options.service]
    sets = {"run-time": locked.runtime(options.lock), "development": locked.development(options.lock)}
    try:
        allowed = exemptions(options.ignore, datetime.now(UTC).date())
    except BadIgnoreList as error:
        return _say_failed([str(error)])
    found, unknown = audit(services, sets)
    open_ = [weakness for weakness in found if not any(entry.covers(weakness) for entry in allowed)]
    if unknown:
        _say_not_audited(unknown)
    if open_:
        return _say_failed([str(weakness) for weakness in open_])
    if unknown:
        return NOT_AUDITED if options.must_answer else 0
    sys.stdout.writelines(_passed(sets, found, allowed))
    return 0


def audit(
    services: Sequence[Service], sets: Mapping[str, Sequence[locked.Package]]
) -> tuple[list[Weakness], dict[str, str]]:
    """What is known about the packages, and which sets nobody answered for, with the reason."""
    try:
        service = first_that_answers(services)
    except NotAudited as error:
        return [], {name: str(error) for name in sets}
    found, unknown = [], {}
    for name, packages in sets.items():
        try:
            found += look_up(service, packages)
        except NotAudited as error:
            unknown[name] = f"{service.name}: {error}"
    return found, unknown


def _passed(
    sets: Mapping[str, Sequence[locked.Package]], found: Sequence[Weakness], allowed: Sequence[Exemption]
) -> Iterator[str]:
    counts = " and ".join(f"{len(packages)} {name}" for name, packages in sets.items())
    yield f"Package audit PASSED: {counts} packages, each of them answered for.\n"
    for entry in allowed:
        used = any(entry.covers(weakness) for weakness in found)
        yield f"  {'excepted' if used else 'no longer needed, remove'}: {entry.id} of {entry.package}, {entry.reason}\n"


def _say_failed(lines: Sequence[str]) -> int:
    sys.stderr.write("Package audit FAILED:\n")
    sys.stderr.writelines(f"  {line}\n" for line in lines)
    sys.stderr.write("Update the package (uv lock --upgrade-package NAME), or read docs/security/supply-chain.md.\n")
    return FAILED


def _say_not_audited(unknown: Mapping[str, str]) -> None:
    bar = "!" * 100
    reasons = "".join(f"!!    {why}\n" for why in dict.fromkeys(unknown.values()))
    sys.stderr.write(
        f"\n{bar}\n!!  PACKAGES WERE NOT AUDITED: {' and '.join(unknown)}. Nobody has looked for their weaknesses.\n"
        f"{reasons}"
        "!!  This is not a pass. Run `make audit` on a machine that reaches api.osv.dev or pypi.org before a release.\n"
        f"{bar}\n"
    )


def _weakness(entry: dict[str, Any], known: dict[str, Any]) -> Weakness:
    ids = tuple(dict.fromkeys([known["id"], *known.get("aliases", ())]))
    return Weakness(entry["name"], entry["version"], ids, tuple(known.get("fix_versions", ())))


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("WARNING")]
    return lines[-1] if lines else ""


def _plain() -> dict[str, str]:
    """The environment without what changes pip-audit's behaviour."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PIP_AUDIT_")}


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make audit", description="Known weaknesses of the packages in uv.lock.")
    parser.add_argument("--must-answer", action="store_true", help=f"exit with {NOT_AUDITED} when nobody answered")
    parser.add_argument("--service", action="append", choices=SERVICES, help="ask only this one; may be repeated")
    parser.add_argument("--osv-url", default="", help="a service that speaks OSV's language, such as a mirror")
    parser.add_argument("--lock", type=Path, default=locked.LOCK)
    parser.add_argument("--ignore", type=Path, default=IGNORE)
    options = parser.parse_args(arguments)
    options.service = options.service or SERVICES
    return options


if __name__ == "__main__":
    sys.exit(main())
