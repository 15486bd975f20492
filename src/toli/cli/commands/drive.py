"""`toli drive`."""

import typer

app = typer.Typer()
