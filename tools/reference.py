"""The reference pages that follow from the code: settings, commands, permissions, events, errors.

python tools/reference.py write    # bring docs/reference/ up to date
python tools/reference.py check    # exit code 1, naming the pages that are out of date
"""

import ast
import os
import re
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "toli"
REFERENCE = ROOT / "docs" / "reference"
NOTE = "<!-- Made by tools/reference.py. Do not edit: change the code and run `make reference`. -->"
_MARKUP = re.compile(r"\[/?(?:bold|italic|dim|cyan|green|red|yellow)\]")

EXIT_CODES = (
    ("0", "done"),
    ("1", "refused, or something wrong was found; the message on stderr says what and what to do"),
    ("2", "called the wrong way, or a setting cannot work"),
)


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table; cells keep to one line."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")


# -- settings --------------------------------------------------------------------------------------


def settings_page() -> str:
    """Every environment variable of config/environment.py."""
    from toli.config.environment import VARIABLES

    rows = [(f"`{v.name}`", v.help, _default(v.default), v.mend) for v in VARIABLES]
    return f"""# Settings

Toli reads its settings from the environment. All have a default: an installation for trying out needs none.
A value that cannot work stops the start with exit code 2; the message names every wrong variable and the mend.
An unknown variable that begins with `TOLI_` is refused too, so that a spelling mistake does not pass unseen.

{table(("Variable", "What it is for", "When unset", "How to write it"), rows)}

Keys and other secrets are not settings. They lie in `secrets.json` in `TOLI_VAR_DIR`:
see [Keep the secrets](../howto/keep-the-secrets.md).
"""


def _default(value: Any) -> str:
    if isinstance(value, tuple):
        value = ", ".join(value)
    if isinstance(value, bool):
        value = str(value).lower()
    return f"`{value}`" if str(value) else "(none)"


# -- commands --------------------------------------------------------------------------------------


def commands_page() -> str:
    """Every command of the `toli` program, with its arguments and options."""
    import typer

    from toli.cli.main import build

    root = typer.main.get_command(build())
    sections = "\n\n".join(_command(path, command) for path, command in leaves(root, ("toli",)))
    return f"""# Commands

`toli` follows noun and verb. Data goes to stdout, everything meant for a person to stderr.
`--json`, where a command has it, prints data for programs. Every command answers to `--help`.

{table(("Exit code", "Meaning"), list(EXIT_CODES))}

{sections}
"""


def leaves(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with the words that call it."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name in sorted(command.commands):
        yield from leaves(command.commands[name], (*path, name))


def _command(path: tuple[str, ...], command: Any) -> str:
    arguments = [p for p in command.params if not p.opts[0].startswith("-")]
    options = [p for p in command.params if p.opts[0].startswith("-") and not p.hidden and p.name != "help"]
    usage = [*path, *(_placeholder(p) for p in arguments), *(["[OPTIONS]"] if options else [])]
    parts = [f"## {' '.join(path)}", _help(command.help), f"```text\n{' '.join(usage)}\n```"]
    rows = [(f"`{_placeholder(p)}`", _help(p.help), _shown_default(p)) for p in arguments]
    rows += [(f"`{_spelling(p)}`", _help(p.help), _shown_default(p)) for p in options]
    if rows:
        parts.append(table(("Argument or option", "Meaning", "Default"), rows))
    return "\n\n".join(parts)


def _help(text: str | None) -> str:
    """Help without terminal markup; a command line in it is shown as code."""
    return _MARKUP.sub("", re.sub(r"\[bold\](toli .*?)\[/bold\]", r"`\1`", text or "", flags=re.DOTALL))


def _placeholder(parameter: Any) -> str:
    name = (parameter.metavar or parameter.name).upper()
    name = f"{name}..." if parameter.nargs == -1 else name
    return name if parameter.required else f"[{name}]"


def _spelling(parameter: Any) -> str:
    names = " / ".join([*parameter.opts, *parameter.secondary_opts])
    return f"{names}{_values(parameter)}"


def _values(parameter: Any) -> str:
    if parameter.is_flag:
        return ""
    return f" {(parameter.metavar or parameter.name).upper()}"


def _shown_default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    value = parameter.default
    if isinstance(value, Enum):
        value = value.value
    if callable(value) or value is None or value is False or value in ((), [], ""):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


# -- permissions -----------------------------------------------------------------------------------


def permissions_page() -> str:
    """Every permission and the standard roles that hold it."""
    from toli.access.domain.permissions import PERMISSIONS, STANDARD_ROLES

    roles = list(STANDARD_ROLES)
    header = ("Permission", "What it allows", *(f"`{role}`" for role in roles))
    rows = [
        (f"`{code}`", text, *("yes" if code in STANDARD_ROLES[role][2] else "" for role in roles))
        for code, text in PERMISSIONS.items()
    ]
    names = [(f"`{role}`", STANDARD_ROLES[role][0], STANDARD_ROLES[role][1]) for role in roles]
    return f"""# Permissions and roles

A role is a set of permissions. A person holds a role **on a territory** and may act on that branch only.
Everything outside the branch answers "not found", as if it did not exist. Roles are data: an organisation may
add its own. These ship with Toli:

{table(("Role", "English", "Hindi"), names)}

{table(header, rows)}

Give a role with `toli role grant LOGIN ROLE TERRITORY`. Members hold no role: they act on themselves only.
A role can be given only by somebody who holds all its permissions on that territory.
"""


# -- events and errors, read from the source without running it ------------------------------------


def events_page() -> str:
    """Every event: who publishes it, what it says, what it carries."""
    rows = []
    for path in sorted(PACKAGE.glob("*/events.py")):
        if path.parent.name == "core":
            continue
        for node in _classes(path):
            fields = [
                f"`{item.target.id}: {ast.unparse(item.annotation)}`"
                for item in node.body
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
            ]
            rows.append((f"`{node.name}`", f"`{path.parent.name}`", _first_line(node), ", ".join(fields)))
    listeners = [(f"`{event}`", f"`{handler}`") for event, handler in sorted(_subscriptions())]
    return f"""# Events

An event is a fact that a package tells to the packages above it. It is stored in the transaction that made it
true and delivered afterwards, at least once. Handlers are therefore safe to repeat.
[How a fact travels](../explanation/architecture.md#the-way-of-a-fact-through-the-house) tells the rest.

{table(("Event", "Published by", "What it says", "Carries"), rows)}

## Who listens

{table(("Event", "Handler"), listeners)}
"""


def _subscriptions() -> Iterator[tuple[str, str]]:
    for path in sorted(PACKAGE.glob("*/apps.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func).split(".")[-1] == "subscribe":
                event, handler = (ast.unparse(argument) for argument in call.args)
                yield event.split(".")[-1], f"{path.parent.name}.{handler}"


def errors_page() -> str:
    """Every reason to refuse: its code, its kind and its message."""
    kinds = {
        "NotFound": "404", "Conflict": "409", "Forbidden": "403",
        "Invalid": "400", "Unavailable": "503", "TooManyRequests": "429",
    }  # fmt: skip
    classes = {node.name: (path, node) for path in sorted(PACKAGE.glob("*/errors.py")) for node in _classes(path)}

    def status(name: str) -> str:
        if name in kinds or name not in classes:
            return kinds.get(name, "400")
        return status(ast.unparse(classes[name][1].bases[0]).split(".")[-1])

    rows = []
    for name, (path, node) in classes.items():
        code, message = _assigned(node, "code"), _assigned(node, "message")
        if code and path.parent.name != "web":
            rows.append((f"`{code}`", f"`{path.parent.name}.{name}`", status(name), message))
    return f"""# Errors

A refusal has a stable code that programs may match, and a message for people in their language. Pages answer
with the HTTP status, commands with exit code 1. What lies outside a person's area answers like what is not there.

{table(("Code", "Class", "HTTP", "Message in English"), sorted(rows))}
"""


def _classes(path: Path) -> list[ast.ClassDef]:
    return [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)]


def _first_line(node: ast.ClassDef) -> str:
    return (ast.get_docstring(node) or "").split("\n\n")[0]


def _assigned(node: ast.ClassDef, name: str) -> str:
    for item in node.body:
        targets = item.targets if isinstance(item, ast.Assign) else []
        if isinstance(item, ast.AnnAssign) and item.value is not None:
            targets = [item.target]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            value = item.value.args[0] if isinstance(item.value, ast.Call) else item.value
            return str(ast.literal_eval(value))
    return ""


# -- retention -------------------------------------------------------------------------------------


def retention_page() -> str:
    """The schedule of toli.core.keeping."""
    from toli.core import keeping
    from toli.rights.services.retention import THEN

    rows = [
        (f"`{t.key}`", str(t.label), f"{t.days} days {t.since}" if t.days else str(t.since), _bounds(t),
         str(THEN[t.after]), str(t.why))
        for t in keeping.terms()
    ]  # fmt: skip
    lasting = [(str(stay.what), str(stay.until), str(stay.why)) for stay in keeping.lasting()]
    return f"""# What is kept how long

Each line is carried out once a day. [Rights and retention](../explanation/rights-and-retention.md) says how.
`TOLI_KEEP_DAYS` changes a term within the limits in the column "Can be", such as `TOLI_KEEP_DAYS="members.lists=730"`.

{table(("Line", "What", "Kept", "Can be (days)", "What then", "Why"), rows)}

What has no term of its own:

{table(("What", "Kept", "Why"), lasting)}
"""


def _bounds(term: Any) -> str:
    return f"{term.least} to {term.most}" if term.most else "fixed"


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "commands.md": commands_page,
    "permissions.md": permissions_page,
    "events.md": events_page,
    "errors.md": errors_page,
    "retention.md": retention_page,
}


def main(action: str) -> int:
    """Write the pages, or name those that differ from what the code says."""
    stale = []
    for name, make in PAGES.items():
        path = REFERENCE / name
        wanted = f"{NOTE}\n\n{make()}"
        if path.exists() and path.read_text() == wanted:
            continue
        stale.append(name)
        if action == "write":
            path.write_text(wanted)
    if action == "check" and stale:
        sys.stderr.write(f"out of date: {', '.join(stale)}. Run `make reference`.\n")
        return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in {"write", "check"}:
        sys.stderr.write("usage: reference.py write|check\n")
        raise SystemExit(2)
    os.environ["TOLI_LANGUAGE"] = "en"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "toli.config.settings")
    import django
    from django.utils import translation

    django.setup()
    translation.activate("en")
    raise SystemExit(main(sys.argv[1]))
