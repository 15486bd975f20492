"""`toli card`."""

import typer

app = typer.Typer()
