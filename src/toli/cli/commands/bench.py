"""`toli bench`: speed, as a ratio against a limit or a peer measured in the same run."""

from typing import Annotated

import typer
from django.utils.translation import gettext as _

from toli.bench.registry import BENCHMARKS
from toli.cli.output import JsonOption, fail, print_json, print_table, progress, say


def register(app: typer.Typer) -> None:
    @app.command(
        help=_("Measure NAME against its limit or peer in the same run.")
        + "\n\n"
        + _("Benchmarks:")
        + "\n\n"
        + "\n\n".join(f"[bold]{benchmark.name}[/bold]: {benchmark.help}" for benchmark in BENCHMARKS.values())
        + "\n\n"
        + _("Example: [bold]toli bench enrol --json[/bold]")
    )
    def bench(
        name: Annotated[str, typer.Argument(help=_("Which benchmark to run."))],
        size: Annotated[
            int | None,
            typer.Option(
                "--size", "--rows", "--members", "--requests", min=1, help=_("How much work; unset: the standard size.")
            ),
        ] = None,
        booths: Annotated[
            int | None, typer.Option(min=10, help=_("With plan: how many booths; unset: one for 26 members."))
        ] = None,
        json: JsonOption = False,
    ) -> None:
        if name not in BENCHMARKS:
            fail(
                _("There is no benchmark %(name)s. There are: %(names)s.")
                % {"name": name, "names": ", ".join(BENCHMARKS)},
                code=2,
            )
        if booths is not None and name != "plan":
            fail(_("Only the benchmark plan knows booths."), code=2)
        more = {} if booths is None else {"booths": booths}
        with progress(name, quiet=json) as advance:
            result = BENCHMARKS[name].run(size=size, advance=advance, **more).as_json()
        if json:
            print_json(result)
            return
        rows = [
            (part, key, value)
            for part in ("measured", "against", "ratio", "goal")
            for key, value in result[part].items()
        ]
        print_table(["", "", name], rows)
        say(_("Goal met.") if result["met"] else _("Goal missed."))
