"""Rules of the house that no linter knows. The borders between packages are import-linter's."""

import ast
import importlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.functional import Promise

from toli.access.domain import permissions
from toli.config.environment import VARIABLES
from toli.core.errors import DomainError, ErrorKind
from toli.core.tasks import deliver_events

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "toli"
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts)
PERMISSION_NAMES = {
    name for name, value in vars(permissions).items() if name.isupper() and isinstance(value, str)
}  # fmt: skip
TAKES_PERMISSION = {"scope_for": 1, "page": 0, "holds": 1, "require": 1}


def name(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield node


def called(call: ast.Call) -> str:
    """The last word of what is called: ``scope_for`` in ``policies.scope_for(...)``."""
    return ast.unparse(call.func).split(".")[-1]


# -- permissions -----------------------------------------------------------------------------------


def asked_permissions() -> Iterator[tuple[str, str]]:
    """Where the code asks for a permission, and which: the text itself, or the constant's name."""
    for path in SOURCES:
        for call in calls(path):
            position = TAKES_PERMISSION.get(called(call))
            if position is None or len(call.args) <= position:
                continue
            argument = call.args[position]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield f"{name(path)}:{call.lineno}", argument.value
            elif isinstance(argument, ast.Name | ast.Attribute):
                word = ast.unparse(argument).split(".")[-1]
                if word.isupper():
                    yield f"{name(path)}:{call.lineno}", str(getattr(permissions, word, f"unknown {word}"))


def test_every_permission_that_code_asks_for_is_declared():
    asked = list(asked_permissions())
    assert asked, "no place was found that asks for a permission"
    assert not [(place, code) for place, code in asked if code not in permissions.PERMISSIONS]


def test_every_permission_constant_has_its_sentence():
    assert {getattr(permissions, constant) for constant in PERMISSION_NAMES} == set(permissions.PERMISSIONS)


@pytest.mark.parametrize("role", permissions.STANDARD_ROLES)
def test_standard_roles_hold_declared_permissions_only(role):
    assert set(permissions.STANDARD_ROLES[role][2]) <= set(permissions.PERMISSIONS)


# -- errors ----------------------------------------------------------------------------------------


def refusals() -> list[type[DomainError]]:
    """All refusals of all contexts."""
    for path in PACKAGE.glob("*/errors.py"):
        importlib.import_module(f"toli.{path.parent.name}.errors")

    def below(parent: type[DomainError]) -> Iterator[type[DomainError]]:
        for child in parent.__subclasses__():
            yield child
            yield from below(child)

    return sorted(
        {error for error in below(DomainError) if error.__module__.startswith("toli.")}, key=lambda e: e.__name__
    )


def test_error_codes_are_unique():
    counted = Counter(error.code for error in refusals())
    assert not [code for code, times in counted.items() if times > 1]


@pytest.mark.parametrize("error", refusals(), ids=lambda error: error.__name__)
def test_each_refusal_has_its_own_code_and_a_translatable_message(error):
    assert "code" in vars(error)
    assert "message" in vars(error)
    assert re.fullmatch(r"[a-z][a-z0-9_]*", error.code)
    assert isinstance(error.message, Promise), "write the message with gettext_lazy"
    assert isinstance(error.kind, ErrorKind)


@pytest.mark.parametrize("error", refusals(), ids=lambda error: error.__name__)
def test_messages_use_named_placeholders(error):
    assert not re.search(r"%(?![(%])", str(error.message))


# -- settings, printing, jobs ----------------------------------------------------------------------


def test_every_setting_is_documented():
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    assert not [variable.name for variable in VARIABLES if f"`{variable.name}`" not in page]


def test_every_setting_has_help_and_mend():
    assert not [variable.name for variable in VARIABLES if not (variable.help and variable.mend)]


def test_every_environment_variable_that_code_names_is_a_declared_setting():
    declared = {variable.name for variable in VARIABLES}
    undeclared = [
        f"{name(path)}: {word}"
        for path in SOURCES
        for word in re.findall(r'"(TOLI_[A-Z_]+[A-Z])"', path.read_text())
        if word not in declared and not word.startswith("TOLI_TEST_")
    ]
    assert not undeclared


def test_nothing_prints():
    printing = [
        f"{name(path)}:{call.lineno}"
        for path in SOURCES
        for call in calls(path)
        if isinstance(call.func, ast.Name) and call.func.id == "print"
    ]
    assert not printing


def test_each_job_is_named_after_its_package():
    misnamed = []
    for path in SOURCES:
        if path.name != "tasks.py":
            continue
        for call in calls(path):
            if called(call) == "task" and isinstance(call.args[0], ast.Constant):
                package = path.parent.name
                if not re.fullmatch(rf"{package}\.[a-z_]+", str(call.args[0].value)):
                    misnamed.append(f"{name(path)}: {call.args[0].value}")
    assert not misnamed
    assert callable(deliver_events)


def test_each_job_that_is_enqueued_exists():
    known, wanted = set(), set()
    for path in SOURCES:
        for call in calls(path):
            if not call.args or not isinstance(call.args[0], ast.Constant) or "." not in str(call.args[0].value):
                continue
            if called(call) == "task" and path.name == "tasks.py":
                known.add(call.args[0].value)
            if called(call) in {"enqueue", "enqueue_once"}:
                wanted.add(call.args[0].value)
    assert wanted
    assert wanted <= known


def test_events_are_frozen_and_told_in_the_past_tense():
    told_in_the_past = re.compile(r"(ed|Open|Sent|Left|Live|Withdrawn|Taken)$")
    problems = []
    for path in PACKAGE.glob("*/events.py"):
        if path.parent.name == "core":
            continue
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.ClassDef):
                continue
            frozen = any("frozen=True" in ast.unparse(decorator) for decorator in node.decorator_list)
            if not frozen or not ast.get_docstring(node) or not told_in_the_past.search(node.name):
                problems.append(f"{path.parent.name}.{node.name}")
    assert not problems


# -- addresses -------------------------------------------------------------------------------------

# Where the code may hold a member's address in the clear, and why.
MAY_HOLD_ADDRESSES = {
    "reachable_points": {"members/services/sending.py"},  # the door: purpose and channel are asked there
    "book_of": {"members/selectors/reaching.py"},  # the same door: who knows the addresses of a channel
    "plain_phones": {
        "members/selectors/numbers.py",  # masks them
        "members/services/confirming.py",  # one's own, for a code that goes there
        "members/services/revealing.py",  # one number, for a recorded reason
        "members/services/exports/making.py",  # a list, approved and marked
        "members/services/pairing.py",  # compared with each other, and forgotten
        "members/selectors/citizens.py",  # hashed, as citizens' numbers are, and forgotten
    },
    "citizens_number": {
        "members/selectors/citizens.py",  # compared with members' numbers, and forgotten
        "members/services/citizens.py",  # two digits, on the page that stops
        "members/services/sending.py",  # the door
    },
    "citizen_addressees": {"messaging/services/dispatching.py"},  # the same door: the word is asked there
    "every_phone": {
        "members/services/erasing.py",
        "members/services/standing.py",  # looks whether somebody has joined again under it
    },
    "TextMessage": {
        "accounts/services/codes.py",  # to the number that a visitor has just written
        "accounts/services/links.py",  # to the number that the operator has just written
        "cli/texts.py",  # samples, to a number that the operator has just written
        "enrolment/services/applications/inviting.py",  # to whom a coordinator wrote down, until they answer
        "members/services/sending.py",
    },
}


@pytest.mark.parametrize("word", MAY_HOLD_ADDRESSES)
def test_addresses_leave_by_the_known_doors_only(word):
    users = {name(path) for path in SOURCES if any(called(call) == word for call in calls(path))}
    assert users == MAY_HOLD_ADDRESSES[word]


def test_stored_addresses_are_opened_in_one_place():
    opening = {
        name(path)
        for path in SOURCES
        if "CONTACT_CONTEXT" in path.read_text() and any(called(call) == "decrypt" for call in calls(path))
    }
    assert opening == {"members/selectors/numbers.py", "members/selectors/addresses.py"}
    assert not [name(path) for path in SOURCES if "members_contactpoint.value" in path.read_text()][1:]


IN_ATTRIBUTE = re.compile(r'[\w-]+="[^"]*?\{\{ ?(?:[\w.]+\.)?(?:pk|id|\w+_id|last|after) ?\}\}')


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("templates/**/*.html")), ids=lambda path: path.name)
def test_ids_in_addresses_are_not_grouped_like_figures(path):
    """Figures are written with commas; ``/console/members/1,234`` leads nowhere. Write ``{{ x.pk|unlocalize }}``."""
    assert IN_ATTRIBUTE.findall(path.read_text()) == []
