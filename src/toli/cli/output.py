"""How commands speak: data to stdout, everything else to stderr, colour and bars on a terminal only."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn

import typer
from django.utils.translation import gettext_lazy
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

out = Console()
talk = Console(stderr=True)

JsonOption = Annotated[bool, typer.Option("--json", help=gettext_lazy("JSON on stdout, for programs."))]
YesOption = Annotated[bool, typer.Option("--yes", help=gettext_lazy("Do it; without this it is only counted."))]
Advance = Callable[[int, int], None]


def say(text: str) -> None:
    """A sentence for the person at the keyboard."""
    talk.print(text, highlight=False)


def fail(text: str, *, code: int = 1) -> NoReturn:
    """Say why it did not work and end with ``code``."""
    Console(stderr=True, soft_wrap=True).print(text, style="red", markup=False, highlight=False)
    raise SystemExit(code)


def print_json(data: Any) -> None:
    """``data`` as JSON on stdout; dates as ISO 8601."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, title: str = "") -> None:
    """A table on stdout; numbers to the right, with thousands separated."""
    table = Table(title=title or None, title_justify="left", header_style="bold")
    for index, column in enumerate(columns):
        numeric = bool(rows) and all(isinstance(row[index], int | float) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*[f"{cell:,}" if isinstance(cell, int | float) else str(cell) for cell in row])
    out.print(table)


@contextmanager
def progress(label: str, *, quiet: bool = False) -> Iterator[Advance]:
    """A progress bar on stderr. Yields ``advance(done, total)``; silent when stderr is no terminal."""
    if quiet or not talk.is_terminal:
        yield lambda done, total: None
        return
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=talk,
    )
    with bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
