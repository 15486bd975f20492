"""Where rows live: by the code of a place, or by state, constituency and booth as they are printed."""

from dataclasses import dataclass

from toli.access.domain.scope import Scope
from toli.members import selectors
from toli.members.domain.importing.normalising import PART_SIGN, number_of
from toli.members.models import Drive
from toli.territories.models import Node

_LEVELS = ("state", "ac", "booth")


@dataclass(frozen=True, slots=True)
class Place:
    """A territory that rows may name, by its id and code, and whether the drive covers it."""

    id: int
    code: str
    in_drive: bool


class Places:
    """Finds places and remembers them. What lies outside the scope does not exist."""

    def __init__(self, scope: Scope, drive: Drive) -> None:
        self._scope, self._area = scope, selectors.drive_area(drive)
        self._found: dict[str, Place | None] = {}
        self._below: dict[tuple[str, str], dict[str, list[str]]] = {}

    def get(self, name: str) -> Place | None:
        """The place that :meth:`look_up` found under the name."""
        return self._found[name]

    def look_up(self, names: list[str]) -> None:
        """Find places by code, or by parts (state, constituency, booth; parted by ``PART_SIGN``)."""
        unknown = [name for name in names if name not in self._found]
        named = {name: _last(name) for name in unknown}  # a column for the booth may hold its whole code
        places = self._by_code(list(named.values()))
        codes = {
            name: self._code(name) if PART_SIGN in name and code not in places else code for name, code in named.items()
        }
        places |= self._by_code([code for code in codes.values() if code and code not in places])
        self._found.update({name: places.get(code) for name, code in codes.items()})

    def _by_code(self, codes: list[str]) -> dict[str, Place]:
        """The territories that exist, are current and lie in the scope, by code."""
        found: dict[str, Place] = {}
        nodes = Node.objects.current().filter(territory__code__in=codes, territory__valid_to__isnull=True)
        for code, territory_id, path in nodes.values_list("territory__code", "territory_id", "path"):
            before = found.get(code)
            if before or self._scope.covers(path):  # one of its paths, in whichever tree, is enough
                found[code] = Place(territory_id, code, self._area.covers(path) or bool(before and before.in_drive))
        return found

    def _code(self, parts: str) -> str:
        """The code of the one place that the parts lead to, "" when there is none or more than one."""
        base, *steps = parts.split(PART_SIGN)
        paths, code = self._root(base), base
        for level, step in zip(_LEVELS, steps, strict=True):
            if not step:
                continue
            codes = {found for path in paths for found in self._children(path, level).get(_key(level, step), [])}
            if len(codes) != 1:
                return ""
            code = codes.pop()
            paths = self._root(code)
        return code

    def _root(self, code: str) -> list[str]:
        if not code:
            return [""]
        nodes = Node.objects.current().filter(territory__code=code, tree__is_main=True)
        return list(nodes.values_list("path", flat=True))

    def _children(self, path: str, level: str) -> dict[str, list[str]]:
        """Codes of the places of a level below a path, by number and by their names in both languages."""
        if (path, level) not in self._below:
            nodes = Node.objects.current().filter(
                territory__level__code=level, territory__valid_to__isnull=True, tree__is_main=True
            )
            if path:
                nodes = nodes.within_paths((path,))
            below: dict[str, list[str]] = {}
            for code, *names in nodes.values_list(
                "territory__code", "territory__number", "territory__name_en", "territory__name_hi"
            ):
                for key in _keys(level, code, *names):
                    below.setdefault(key, []).append(code)
            self._below[path, level] = below
        return self._below[path, level]


def _last(name: str) -> str:
    return next((part for part in reversed(name.split(PART_SIGN)) if part), name)


def _keys(level: str, code: str, number: str, *names: str) -> set[str]:
    """What a list may call a place. A name with digits is none: a booth's number is not that of its school."""
    plain = {name.casefold() for name in names if name and not any(char.isdigit() for char in name)}
    return plain | ({code.casefold()} if level == "state" else {number_of(number)} if number else set())


def _key(level: str, text: str) -> str:
    return text.casefold() if level == "state" else number_of(text)
