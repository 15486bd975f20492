"""Which actions the source records, read from the source itself: no entry of the trail may be without words."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import toli

ROOT = Path(toli.__file__).parent


class Unreadable(Exception):
    """An action that is not written down as text: nobody can tell which there are."""


@dataclass
class Module:
    """One file: its functions by name, and in which function each call stands."""

    path: Path
    tree: ast.Module
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    calls: list[tuple[ast.Call, ast.FunctionDef | None]] = field(default_factory=list)
    borrowed: set[tuple[str | None, str]] = field(default_factory=set)  # (module, name) of what it imports from others

    @classmethod
    def read(cls, path: Path) -> "Module":
        module = cls(path, ast.parse(path.read_text(encoding="utf-8")))
        module._walk(module.tree, None)
        return module

    def _walk(self, node: ast.AST, inside: ast.FunctionDef | None) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                self.calls.append((child, inside))
            if isinstance(child, ast.FunctionDef):
                self.functions[child.name] = child
            if isinstance(child, ast.ImportFrom):
                self.borrowed.update((child.module, alias.name) for alias in child.names)
            self._walk(child, child if isinstance(child, ast.FunctionDef) else inside)

    def borrows(self, name: str, owner: "Module") -> bool:
        """Whether this file uses the function ``name`` of another."""
        module = "toli." + str(owner.path.relative_to(ROOT).with_suffix("")).replace("/", ".")
        return (module, name) in self.borrowed


@dataclass
class Source:
    """All files of the package."""

    modules: list[Module]

    def recorded(self) -> Iterator[str]:
        """Every action of a call ``record(..., action=...)``."""
        for module in self.modules:
            for call, inside in module.calls:
                for word in call.keywords:
                    if _name(call.func) in ("record", "record_act") and word.arg == "action":
                        yield from self._values(module, word.value, inside)

    def _values(self, module: Module, node: ast.expr, inside: ast.FunctionDef | None) -> Iterator[str]:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.IfExp):
            yield from self._values(module, node.body, inside)
            yield from self._values(module, node.orelse, inside)
        elif isinstance(node, ast.Name) and inside is not None and node.id in _parameters(inside):
            yield from self._given(module, inside, node.id)
        else:
            raise Unreadable(f"{module.path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}")

    def _given(self, owner: Module, function: ast.FunctionDef, parameter: str) -> Iterator[str]:
        """What the calls of a helper give for its parameter: in its own file, and where it is imported."""
        position = _parameters(function).index(parameter)
        for module in self.modules:
            if module is not owner and not module.borrows(function.name, owner):
                continue
            for call, inside in module.calls:
                if _name(call.func) == function.name:
                    named = [word.value for word in call.keywords if word.arg == parameter]
                    for value in named or call.args[position : position + 1]:
                        yield from self._values(module, value, inside)


@cache
def actions() -> frozenset[str]:
    """Every action that any file of the package records. Raises Unreadable."""
    files = (path for path in ROOT.rglob("*.py") if "migrations" not in path.parts)
    return frozenset(Source([Module.read(path) for path in files]).recorded())


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _parameters(function: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)]
